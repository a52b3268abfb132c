import type { Connector } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import type { LiveMachine } from "../../testing/live.ts"
import type { Rig } from "../../testing/rig.ts"
import { modbus } from "../modbus.ts"
import { makeSocket, startSerialCable } from "./serial-cable.ts"
import { addresses, Registers, serveSerial } from "./unit.ts"

/** A Modbus RTU device of a foreign library at the other end of a serial cable. */
export async function make(_rig: Rig): Promise<LiveMachine> {
  const cable = await startSerialCable()
  if (!cable) throw new Error("no pseudo terminals: install python3")
  const [end, machineEnd] = cable.ends
  const socket = await makeSocket()
  const registers = new Registers()
  let stop: (() => Promise<void>) | undefined
  const kill = async () => {
    await stop?.()
    stop = undefined
  }
  const serial = socket.path
  const given = { transport: "rtu", serial, period: "50ms", timeout: "300ms", retries: 1 }
  return {
    connector: modbus as Connector,
    options: parseOptions(modbus, given, "test"),
    addresses,
    start: async () => {
      await socket.plug(end)
      stop = await serveSerial(registers, machineEnd)
    },
    kill,
    set: async (values) => registers.set(values),
    written: () => registers.last,
    cut: () => cable.cut(),
    stall: () => cable.cut(),
    mend: () => cable.mend(),
    babble: async () => cable.babble(),
    [Symbol.asyncDispose]: async () => {
      await kill()
      await cable[Symbol.asyncDispose]()
      await socket[Symbol.asyncDispose]()
    },
  }
}
