import { type Static, Type } from "typebox"
import { Value } from "typebox/value"

export const driftOptions = Type.Object(
  {
    fields: Type.Array(Type.String({ refers: "field" }), {
      minItems: 1,
      description: "Cycle fields that are watched together.",
    }),
    "set-points": Type.Optional(
      Type.Array(Type.String({ refers: "tag" }), {
        default: [],
        description:
          "Tags of the equipment whose change is wanted: what follows it is the new normal.",
      }),
    ),
    learn: Type.Optional(
      Type.Integer({
        default: 30,
        minimum: 10,
        maximum: 500,
        description: "Settled cycles from which the first baseline is learnt.",
      }),
    ),
    settle: Type.Optional(
      Type.Integer({
        default: 6,
        minimum: 1,
        maximum: 100,
        description: "Cycles after a set-point change or a restart that are not judged.",
      }),
    ),
    accept: Type.Optional(
      Type.Integer({
        default: 120,
        minimum: 20,
        maximum: 10_000,
        description: "Cycles after which a level that stays is taken as the new normal.",
      }),
    ),
    sigma: Type.Optional(
      Type.Number({
        default: 4,
        minimum: 3,
        maximum: 20,
        description: "Deviation of a single cycle, in standard deviations, that is raised at once.",
      }),
    ),
  },
  { additionalProperties: false },
)

export type DriftOptions = Required<Static<typeof driftOptions>>

/** Fills in the defaults; the options passed the schema when the plant was read. */
export function driftOptionsOf(options: unknown): DriftOptions {
  return Value.Default(driftOptions, Value.Clone(options)) as DriftOptions
}
