import { type Static, Type } from "typebox"
import { durationText } from "../../kernel/tag-file.ts"
import { whole } from "../option-kinds.ts"

const cpus = ["xgk", "xgi", "xgr", "xgb"] as const

export const xgtOptions = Type.Object(
  {
    host: Type.String({
      pattern: "^[^\\s/:]+$|^[0-9a-fA-F:.]+$",
      description: "Name or address of the FEnet module or of the CPU's own port.",
      expected: "a name or address such as 192.168.0.50",
    }),
    port: whole([1, 65_535], 2004, "TCP port of the XGT server in the module."),
    cpu: Type.Union(
      cpus.map((name) => Type.Literal(name)),
      { default: "xgk", description: "Series of the CPU.", expected: cpus.join(", ") },
    ),
    base: whole([0, 15], 0, "Number of the base that the FEnet module stands in."),
    slot: whole([0, 15], 0, "Slot of the FEnet module."),
    period: durationText({
      description: "Time from one reading to the next (plant time).",
      default: "1s",
    }),
    timeout: durationText({ description: "How long the PLC may take to answer.", default: "3s" }),
    "max-words": whole([1, 700], 500, "Most words in one request; XGB takes 256."),
    "max-gap": whole(
      [0, 200],
      32,
      "Words that nobody asked for and that are read along to join two points into one request.",
    ),
  },
  { additionalProperties: false },
)

export type XgtOptions = Static<typeof xgtOptions>
