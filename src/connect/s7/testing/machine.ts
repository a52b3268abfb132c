import { freePort } from "../../../../test/support/free-port.ts"
import type { Connector } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import { startLine } from "../../testing/line.ts"
import type { LiveMachine } from "../../testing/live.ts"
import type { Rig } from "../../testing/rig.ts"
import { s7 } from "../s7.ts"
import { TestPlc } from "./plc.ts"

/** A controller behind a cable that can be cut. */
export async function make(_rig: Rig): Promise<LiveMachine> {
  const plc = new TestPlc()
  const port = await freePort()
  const line = await startLine(port)
  const given = { host: "127.0.0.1", port: line.port, period: "50ms", timeout: "500ms" }
  return {
    connector: s7 as Connector,
    options: parseOptions(s7, given, "test"),
    addresses: {
      number: "DB1,REAL0",
      other: "DB1,INT10*0.1",
      flag: "DB1,X14.3",
      text: "DB1,STRING20.16",
      gone: "DB9,REAL0",
      writable: "DB1,REAL100",
    },
    start: () => plc.start(port),
    kill: () => plc.stop(),
    set: async ({ number, other, flag, text }) => {
      const { db } = plc
      if (number !== undefined) db.writeFloatBE(Number(number), 0)
      if (other !== undefined) db.writeInt16BE(Math.round(Number(other) * 10), 10)
      if (flag !== undefined) db[14] = flag ? 0x08 : 0
      if (text !== undefined) {
        db[20] = 16
        db[21] = db.write(String(text), 22, 16, "latin1")
      }
    },
    written: () => (plc.written?.length === 4 ? plc.written.readFloatBE() : undefined),
    cut: () => line.cut(),
    stall: () => line.deaden(),
    mend: () => line.mend(),
    babble: async () => {
      plc.isBabbling = true
    },
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]()
      await plc.stop()
    },
  }
}
