import { freePort } from "../../../../test/support/free-port.ts"
import type { Value } from "../../../model/tag.ts"
import type { Connector } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import { startLine } from "../../testing/line.ts"
import type { LiveMachine } from "../../testing/live.ts"
import type { Rig } from "../../testing/rig.ts"
import { http } from "../http.ts"
import { type Served, serve } from "./server.ts"

/** A gauge with a status page in JSON, behind a cable. */
export async function make(_rig: Rig): Promise<LiveMachine> {
  const port = await freePort()
  const line = await startLine(port)
  const values: Record<string, Value> = {}
  let isBabbling = false
  let served: Served | undefined
  const kill = async () => {
    await served?.[Symbol.asyncDispose]()
    served = undefined
  }
  const url = `http://127.0.0.1:${line.port}/status`
  return {
    connector: http as Connector,
    options: parseOptions(http, { url, period: "50ms", timeout: "500ms" }, "test"),
    addresses: {
      number: "values.number",
      other: "$.values.other",
      flag: "values.flag",
      text: 'values["text"]',
      gone: "values.gone",
    },
    start: async () => {
      served = await serve(
        (_request, response) => {
          response.end(isBabbling ? "<html>Please sign in</html>" : JSON.stringify({ values }))
          isBabbling = false
        },
        { port },
      )
    },
    kill,
    set: async (more) => {
      Object.assign(values, more)
    },
    cut: () => line.cut(),
    stall: () => line.deaden(),
    mend: () => line.mend(),
    babble: async () => {
      isBabbling = true
    },
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]()
      await kill()
    },
  }
}
