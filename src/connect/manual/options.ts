import { type Static, Type } from "typebox"
import { durationText } from "../../kernel/tag-file.ts"

export const manualOptions = Type.Object(
  {
    back: durationText({
      default: "7d",
      description: "How long ago what is entered may have been seen (plant time).",
    }),
  },
  { additionalProperties: false },
)

export type ManualOptions = Static<typeof manualOptions>
