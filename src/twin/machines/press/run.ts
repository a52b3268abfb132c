import type { Machine, MachineContext } from "../../machine.ts"
import type { PressOptions } from "../../machine-options.ts"
import { rtuFraming } from "../modbus/rtu.ts"
import { SerialSlave } from "../modbus/serial.ts"
import { type Answers, ModbusServer } from "../modbus/tcp.ts"
import { ModbusUnit, type Place } from "../modbus/unit.ts"
import { runOnLine } from "../on-line.ts"
import { ownSeed } from "../pace.ts"
import { Press } from "./press.ts"

/** Where `equipment/moru/press-60.yaml` finds them. */
const places = {
  count: { table: "input", address: 0 },
  contact: { table: "discrete", address: 0 },
} as const satisfies Record<string, Place>

export async function startPress(options: PressOptions, context: MachineContext): Promise<Machine> {
  const { clock, tell } = context
  const model = new Press({ seed: ownSeed(context), at: clock.now() })
  const unit = new ModbusUnit(places)
  const show = () => unit.show(model.values())
  show()
  const { endpoint, line } = await openLine(options, context, (number, pdu) =>
    number === options.unit ? unit.answer(pdu) : undefined,
  )
  let wasRunning: boolean | undefined
  return runOnLine(
    {
      ...{ endpoint, line },
      order: (order) => model.order(order),
      tick: () => {
        model.step(clock.now() - model.at)
        show()
        const { isRunning, strokes } = model
        if (isRunning !== wasRunning) tell(isRunning ? "runs" : "stands idle", { strokes })
        wasRunning = isRunning
      },
      close: () => line.close(),
    },
    context,
  )
}

/** The serial port where one is wanted and there can be one, else the same bytes over TCP, as by a serial server. */
async function openLine(
  { serial, port, unit }: PressOptions,
  { name, log }: MachineContext,
  answers: Answers,
) {
  const slave = serial === undefined ? undefined : await SerialSlave.open(serial, answers)
  if (slave) return { line: slave, endpoint: `modbus+rtu://${slave.path}?unit=${unit}` }
  if (serial !== undefined)
    log.warn("this computer has no pseudo terminals; the press speaks RTU over TCP", { serial })
  const server = await ModbusServer.open({ port, where: `machine ${name}` }, answers, rtuFraming)
  return { line: server, endpoint: `modbus+rtu-over-tcp://127.0.0.1:${server.port}?unit=${unit}` }
}
