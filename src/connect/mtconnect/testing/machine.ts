import { freePort } from "../../../../test/support/free-port.ts"
import type { Connector } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import { startLine } from "../../testing/line.ts"
import type { LiveMachine } from "../../testing/live.ts"
import type { Rig } from "../../testing/rig.ts"
import { mtconnect } from "../mtconnect.ts"
import { TestAgent } from "./agent.ts"
import { mill } from "./mill.ts"

const items = { number: "xpos", other: "speed", flag: "power", text: "program" } as const

/** An agent of our own, behind a cable that can be cut. */
export async function make(rig: Rig): Promise<LiveMachine> {
  const port = await freePort()
  const line = await startLine(port)
  const shown = new Map<string, string>()
  let agent: TestAgent | undefined
  const kill = async () => {
    await agent?.[Symbol.asyncDispose]()
    agent = undefined
  }
  const given = {
    agent: `http://127.0.0.1:${line.port}`,
    interval: "20ms",
    heartbeat: "200ms",
    timeout: "1s",
  }
  return {
    connector: mtconnect as Connector,
    options: parseOptions(mtconnect, given, "test"),
    addresses: { ...items, gone: "gone" },
    countsItself: true,
    start: async () => {
      agent = new TestAgent(mill, rig.host.clock)
      for (const [dataItemId, value] of shown) agent.tell({ dataItemId, value })
      await agent.listen(port)
    },
    kill,
    set: async (values) => {
      for (const [name, item] of Object.entries(items)) {
        const value = values[name as keyof typeof items]
        if (value === undefined) continue
        const text = typeof value === "boolean" ? (value ? "ON" : "OFF") : String(value)
        shown.set(item, text)
        agent?.tell({ dataItemId: item, value: text })
      }
    },
    cut: () => line.cut(),
    stall: () => line.deaden(),
    mend: () => line.mend(),
    babble: async () => agent?.babble(),
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]()
      await kill()
    },
  }
}
