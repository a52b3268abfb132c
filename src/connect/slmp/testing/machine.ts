import { freePort } from "../../../../test/support/free-port.ts"
import type { Connector } from "../../connector.ts"
import { put } from "../../memory/testing/plc.ts"
import { parseOptions } from "../../options.ts"
import { startLine } from "../../testing/line.ts"
import type { LiveMachine } from "../../testing/live.ts"
import type { Rig } from "../../testing/rig.ts"
import { slmp } from "../slmp.ts"
import { startPlc } from "./plc.ts"

/** A PLC of our own behind a cable that can be cut. */
export async function make(_rig: Rig): Promise<LiveMachine> {
  const port = await freePort()
  const line = await startLine(port)
  const { memory, server } = startPlc("3E")
  const given = { host: "127.0.0.1", port: line.port, period: "50ms", timeout: "500ms" }
  return {
    connector: slmp as Connector,
    options: parseOptions(slmp, given, "test"),
    addresses: {
      number: "D100:float32",
      other: "D105:int16",
      flag: "M31",
      text: "D110:string(16)",
      gone: "D9999",
      writable: "D300:int16*0.1",
    },
    start: () => server.listen(port),
    kill: async () => server[Symbol.asyncDispose](),
    set: async (values) => put(memory, { words: "D", bits: "M" }, values),
    written: () => (memory.bytes("D", 600, 2)?.readInt16LE() ?? 0) / 10,
    cut: () => line.cut(),
    stall: () => line.deaden(),
    mend: () => line.mend(),
    babble: async () => server.babble(),
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
