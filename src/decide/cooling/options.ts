import { type Static, Type } from "typebox"
import { Value } from "typebox/value"
import { durationText } from "../../kernel/tag-file.ts"

export const coolingOptions = Type.Object(
  {
    "set-point": Type.String({
      refers: "set-point",
      description: "Writable tag of the equipment that cools.",
    }),
    measure: Type.String({ refers: "field", description: "Cycle field whose drift is answered." }),
    step: Type.Number({
      exclusiveMinimum: 0,
      description: "Change of the set point that is proposed, in its unit.",
    }),
    gain: Type.Optional(
      Type.Number({
        default: -0.8,
        exclusiveMaximum: 0,
        description:
          "First guess of the measure's change for one unit of the set point; own measured effects replace it.",
      }),
    ),
    settle: Type.Optional(
      Type.Integer({
        default: 5,
        minimum: 0,
        maximum: 500,
        description: "Cycles left out after the write while the machine settles.",
      }),
    ),
    window: Type.Optional(
      Type.Integer({
        default: 15,
        minimum: 3,
        maximum: 500,
        description: "Cycles over which the effect is measured.",
      }),
    ),
    expires: Type.Optional(
      durationText({
        default: "20min",
        description: "Time after which an unanswered proposal expires.",
      }),
    ),
    pause: Type.Optional(
      durationText({
        default: "30min",
        description:
          "Time after a decision that was refused, expired or failed in which nothing is proposed.",
      }),
    ),
  },
  { additionalProperties: false },
)

export type CoolingOptions = Required<Static<typeof coolingOptions>>

/** Fills in the defaults; the options passed the schema when the plant was read. */
export function coolingOptionsOf(options: unknown): CoolingOptions {
  return Value.Default(coolingOptions, Value.Clone(options)) as CoolingOptions
}
