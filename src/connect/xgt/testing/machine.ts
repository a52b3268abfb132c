import { freePort } from "../../../../test/support/free-port.ts"
import type { Connector } from "../../connector.ts"
import { put } from "../../memory/testing/plc.ts"
import { parseOptions } from "../../options.ts"
import { startLine } from "../../testing/line.ts"
import type { LiveMachine } from "../../testing/live.ts"
import type { Rig } from "../../testing/rig.ts"
import { xgt } from "../xgt.ts"
import { startPlc } from "./plc.ts"

/** A PLC of our own behind a cable that can be cut. */
export async function make(_rig: Rig): Promise<LiveMachine> {
  const port = await freePort()
  const line = await startLine(port)
  const { memory, server } = startPlc()
  const given = { host: "127.0.0.1", port: line.port, period: "50ms", timeout: "500ms" }
  return {
    connector: xgt as Connector,
    options: parseOptions(xgt, given, "test"),
    addresses: {
      number: "%DW100:float32",
      other: "%DW105:int16",
      flag: "%MX31",
      text: "%DW110:string(16)",
      gone: "%DW9999",
      writable: "%DW300:int16*0.1",
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
