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
