import { type Static, type TSchemaOptions, Type } from "typebox"
import { durationText } from "../../kernel/tag-file.ts"
import { whole } from "../option-kinds.ts"

const transportPoint = (options: TSchemaOptions) =>
  Type.Optional(
    Type.String({
      pattern: "^[0-9a-fA-F]{2}\\.[0-9a-fA-F]{2}$",
      expected: "two bytes in hexadecimal such as 02.00",
      ...options,
    }),
  )

export const s7Options = Type.Object(
  {
    host: Type.String({
      pattern: "^([^\\s/:]+|(?=.*:.*:)[0-9a-fA-F:.]+)$",
      description: "Name or address of the controller.",
      expected: "a name or address such as 192.168.0.30",
    }),
    port: whole([1, 65_535], 102, "TCP port."),
    rack: whole([0, 7], 0, "Rack of the processor."),
    slot: whole([0, 31], 1, "Slot of the processor: 1 for S7-1200 and S7-1500, 2 for S7-300."),
    "local-tsap": transportPoint({
      description: "Transport point of Moru; for LOGO! and S7-200, as set there.",
    }),
    "remote-tsap": transportPoint({
      description: "Transport point of the controller instead of rack and slot.",
    }),
    period: durationText({
      description: "Time from one reading to the next (plant time).",
      default: "1s",
    }),
    timeout: durationText({
      description:
        "How long the controller may take for one answer before the line counts as lost.",
      default: "2s",
    }),
    "retry-refused": durationText({
      description: "When a point that the controller refused is asked for again (plant time).",
      default: "10min",
    }),
  },
  { additionalProperties: false },
)

export type S7Options = Static<typeof s7Options>
