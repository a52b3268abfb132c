import { freePort } from "../../../../test/support/free-port.ts"
import type { Value } from "../../../model/tag.ts"
import type { Connector } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import { startLine } from "../../testing/line.ts"
import type { LiveMachine } from "../../testing/live.ts"
import type { Rig } from "../../testing/rig.ts"
import { opcua } from "../opcua.ts"
import { address, startServer, type TestServer } from "./server.ts"

const nodes = { number: "Number", other: "Other", flag: "Flag", text: "Text" } as const

/** A server behind a cable that can be cut and garbled. */
export async function make(rig: Rig): Promise<LiveMachine> {
  const port = await freePort()
  const line = await startLine(port)
  const shown = new Map<string, Value>([["Set", 0]])
  let server: TestServer | undefined
  const kill = async () => {
    line.drop()
    await server?.stop()
    server = undefined
  }
  const given = {
    endpoint: `opc.tcp://127.0.0.1:${line.port}`,
    security: "none",
    "publishing-interval": "50ms",
    "sampling-interval": "0ms",
    timeout: "1s",
  }
  return {
    connector: opcua as Connector,
    options: parseOptions(opcua, given, "test"),
    addresses: {
      number: address(nodes.number),
      other: address(nodes.other),
      flag: address(nodes.flag),
      text: address(nodes.text),
      gone: address("Gone"),
      writable: address("Set"),
    },
    start: async () => {
      server = await startServer({ folder: rig.folder, port })
      for (const [name, value] of shown) server.set(name, value)
    },
    kill,
    set: async (values) => {
      for (const [key, name] of Object.entries(nodes)) {
        const value = values[key as keyof typeof nodes]
        if (value === undefined) continue
        shown.set(name, value)
        server?.set(name, value)
      }
    },
    written: () => server?.get("Set") as Value | undefined,
    cut: () => line.cut(),
    stall: () => line.deaden(),
    mend: () => line.mend(),
    babble: async () => line.garble(),
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]()
      await kill()
    },
  }
}
