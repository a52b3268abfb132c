import { type Static, Type } from "typebox"
import { control, flow, port } from "./options.ts"

const unit = Type.Integer({
  minimum: 1,
  maximum: 247,
  default: 1,
  description: "Modbus unit (slave) number.",
})

/** Options of the `leak-tester` machine. */
export const leakTesterOptions = Type.Object(
  {
    port: port("TCP port of the Modbus server on 127.0.0.1; 0 takes a free one."),
    unit,
    ...control,
    ...flow,
  },
  { additionalProperties: false },
)

export type LeakTesterOptions = Static<typeof leakTesterOptions>

/** Options of the `press` machine. */
export const pressOptions = Type.Object(
  {
    serial: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "Path that becomes a link to the pseudo terminal of its serial line, such as /dev/shm/moru-press.",
      }),
    ),
    port: {
      ...port(
        "Where `serial` is absent or the computer has no pseudo terminals: TCP port of Modbus RTU over TCP on 127.0.0.1; 0 takes a free one.",
      ),
      default: 0,
    },
    unit,
    ...control,
  },
  { additionalProperties: false },
)

export type PressOptions = Static<typeof pressOptions>

const meter = Type.Object(
  {
    unit: Type.Integer({ minimum: 1, maximum: 247, description: "Modbus unit of the meter." }),
    follows: Type.Enum(["compressor", "work", "heat"], {
      description:
        "What its feeder supplies: the compressor, machines that work in shifts, or a furnace that heats in turns.",
    }),
    "rated-kw": Type.Number({ exclusiveMinimum: 0, description: "Rated load of its feeder." }),
  },
  { additionalProperties: false },
)

/** Options of the `utilities` machine. */
export const utilitiesOptions = Type.Object(
  {
    port: port("TCP port of the Modbus gateway on 127.0.0.1; 0 takes a free one."),
    unit: { ...unit, description: "Modbus unit of the compressor." },
    meters: Type.Array(meter, {
      maxItems: 30,
      default: [
        { unit: 11, follows: "compressor", "rated-kw": 75 },
        { unit: 12, follows: "work", "rated-kw": 180 },
        { unit: 13, follows: "heat", "rated-kw": 120 },
        { unit: 14, follows: "work", "rated-kw": 60 },
      ],
      description: "Energy meters behind the same gateway.",
    }),
    "first-shift-utc": Type.Integer({
      minimum: 0,
      maximum: 23,
      default: 23,
      description: "Hour in UTC at which the day's first shift begins; 23 is 08:00 in Seoul.",
    }),
    ...control,
  },
  { additionalProperties: false },
)

export type UtilitiesOptions = Static<typeof utilitiesOptions>

const topicName = (description: string, usual: string) =>
  Type.String({ pattern: "^[^+#/]+$", default: usual, description })

/** Options of the `machining` machine. */
export const machiningOptions = Type.Object(
  {
    broker: Type.String({
      pattern: "^mqtts?://[^/\\s]+$",
      description: "MQTT broker, such as mqtt://127.0.0.1:1883.",
    }),
    user: Type.Optional(Type.String({ description: "User name at the broker." })),
    password: Type.Optional(Type.String({ description: "Password at the broker." })),
    group: topicName("Sparkplug group.", "moru"),
    node: topicName("Sparkplug edge node.", "machining"),
    "primary-host": Type.Optional(
      Type.String({
        description: "Host application without which nothing is published, by its Sparkplug id.",
      }),
    ),
    buffer: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 10_000,
      description: "Messages that are kept while no host hears; the oldest go first.",
    }),
    "mtconnect-port": Type.Optional(
      port(
        "TCP port of the first machine's MTConnect agent on 127.0.0.1; without it there is none.",
      ),
    ),
    "mtconnect-buffer": Type.Integer({
      minimum: 64,
      maximum: 1_000_000,
      default: 16_384,
      description: "Observations that the MTConnect agent keeps.",
    }),
    ...control,
    ...flow,
  },
  { additionalProperties: false },
)

export type MachiningOptions = Static<typeof machiningOptions>
