import { type Static, Type } from "typebox"

export const port = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 65535, description })

export const opcUaModes = ["none", "sign", "sign-and-encrypt"] as const

/** How an OPC UA server of a simulated machine lets clients in. */
export const access = {
  security: Type.Array(Type.Enum([...opcUaModes]), {
    default: ["none"],
    minItems: 1,
    description: "Security modes that the server offers.",
  }),
  users: Type.Record(Type.String(), Type.String(), {
    default: {},
    description: "Passwords by user name; with none, anonymous clients are let in.",
  }),
}

/** Every machine has it: where `moru fault` reaches it. */
export const control = {
  "control-port": Type.Optional(port("Port on 127.0.0.1 where faults are ordered.")),
}

/** A machine's place in the flow of parts. */
export const flow = {
  "inlet-port": Type.Optional(
    port("Port on 127.0.0.1 where the machines before it bring parts; 0 takes a free one."),
  ),
  "inlet-capacity": Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 20,
    description: "Parts that have place before the machine.",
  }),
  outlet: Type.Optional(
    Type.String({
      description: "Inlet of the next machine, `127.0.0.1:PORT`; without it parts leave the line.",
    }),
  ),
}

export type FlowOptions = Static<Type.TObject<typeof flow>>

/** Options of the `die-casting` machine. */
export const dieCastingOptions = Type.Object(
  {
    port: port("TCP port of the OPC UA server on 127.0.0.1; 0 takes a free one."),
    ...control,
    outlet: flow.outlet,
    mould: Type.String({ default: "8722", description: "Mould in the machine." }),
    ring: Type.Integer({
      minimum: 2,
      maximum: 100_000,
      default: 1000,
      description: "Shots that the machine remembers.",
    }),
    "history-shots": Type.Integer({
      minimum: 0,
      maximum: 100_000,
      default: 0,
      description: "Shots made before the first start, so that the ring is not empty.",
    }),
    keep: Type.Boolean({
      default: true,
      description: "Whether ring and numbering outlive the process, as in a PLC with a battery.",
    }),
    ...access,
  },
  { additionalProperties: false },
)

export type DieCastingOptions = Static<typeof dieCastingOptions>

/** Options of the `furnace` machine. */
export const furnaceOptions = Type.Object(
  {
    port: port("TCP port of the OPC UA server on 127.0.0.1; 0 takes a free one."),
    ...control,
    ...flow,
    "inlet-capacity": Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 360,
      description: "Parts that have place before the furnace.",
    }),
    charge: Type.Integer({
      minimum: 3,
      maximum: 1000,
      default: 180,
      description: "Parts of a full charge; a smaller one starts after an hour of waiting.",
    }),
    ring: Type.Integer({
      minimum: 2,
      maximum: 100_000,
      default: 200,
      description: "Charges that the furnace remembers.",
    }),
    "history-charges": Type.Integer({
      minimum: 0,
      maximum: 1000,
      default: 0,
      description:
        "Charges before the first start, of parts that nobody has seen; one is in the furnace then.",
    }),
    keep: Type.Boolean({
      default: true,
      description: "Whether ring and numbering outlive the process, as in a PLC with a battery.",
    }),
    ...access,
  },
  { additionalProperties: false },
)

export type FurnaceOptions = Static<typeof furnaceOptions>

/** Options of the `recording` machine. */
export const recordingOptions = Type.Object(
  {
    port: port("TCP port of the OPC UA server on 127.0.0.1; 0 takes a free one."),
    files: Type.Array(Type.String(), {
      minItems: 1,
      description: "CSV files named `<anything>_group_<mould>.csv`.",
    }),
    zone: Type.String({
      default: "Asia/Seoul",
      description: "Time zone that the files' times are in.",
    }),
    speed: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Literal("max")], {
      default: "max",
      description: "Times the recorded pace, or all rows at once.",
    }),
    from: Type.Optional(
      Type.Number({
        description:
          "At a pace: the recorded time to begin at, in ms; what is older is there at once.",
      }),
    ),
    to: Type.Optional(
      Type.Number({ description: "At a pace: later times, in ms, are none that a clock showed." }),
    ),
    ...access,
  },
  { additionalProperties: false },
)

export type RecordingOptions = Static<typeof recordingOptions>
