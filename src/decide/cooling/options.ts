import { type Static, Type } from "typebox"
import { Value } from "typebox/value"

export const coolingOptions = Type.Object(
  {
    "set-point": Type.String({ description: "Writable tag of the equipment that cools." }),
    measure: Type.String({ description: "Cycle field whose drift is answered." }),
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
    "expires-min": Type.Optional(
      Type.Number({
        default: 20,
        exclusiveMinimum: 0,
        description: "Minutes after which an unanswered proposal expires.",
      }),
    ),
    "pause-min": Type.Optional(
      Type.Number({
        default: 30,
        minimum: 0,
        description: "Minutes after a decision ended in which nothing new is proposed.",
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
