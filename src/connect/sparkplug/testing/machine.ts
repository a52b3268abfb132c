import type { Value } from "../../../model/tag.ts"
import { startBroker } from "../../broker/testing/house-broker.ts"
import type { Connector } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import { startLine } from "../../testing/line.ts"
import type { LiveMachine } from "../../testing/live.ts"
import type { Rig } from "../../testing/rig.ts"
import { sparkplug } from "../sparkplug.ts"
import { Edge, type EdgeMetric, group, node } from "./edge.ts"

/** An edge node at the broker of the house; the line of the host to the broker can be cut. */
export async function make(_rig: Rig): Promise<LiveMachine> {
  const { broker } = await startBroker({ anonymous: true })
  const line = await startLine(broker.port)
  const given = {
    broker: `mqtt://127.0.0.1:${line.port}`,
    group,
    node,
    reorder: "100ms",
    "birth-timeout": "1s",
    "rebirth-min-interval": "100ms",
    "read-back": "500ms",
    timeout: "1s",
    "keep-alive": "1s",
  }
  const metrics: EdgeMetric[] = [
    { name: "number", type: "Double", value: 0, alias: 1 },
    { name: "other", type: "Float", value: 0, alias: 2 },
    { name: "flag", type: "Boolean", value: false, alias: 3 },
    { name: "text", type: "String", value: "" },
    { name: "set point", type: "Int16", value: 0, alias: 4 },
  ]
  let bdSeq = 0
  let edge: Edge | undefined
  let written: Value | undefined
  return {
    connector: sparkplug as Connector,
    options: parseOptions(sparkplug, given, "test"),
    addresses: {
      number: "press:number",
      other: "press:other",
      flag: "press:flag",
      text: "press:text",
      gone: "press:gone",
      writable: "press:set point",
    },
    start: async () => {
      edge = new Edge({ port: broker.port, bdSeq: bdSeq++, devices: { press: metrics } })
      await edge.start()
    },
    kill: async () => {
      edge?.kill()
      edge = undefined
    },
    set: async (values) => {
      for (const metric of metrics) {
        const value = values[metric.name as keyof typeof values]
        if (value !== undefined) metric.value = value
      }
      await edge?.tell("press", values)
    },
    written: () => {
      const value = edge?.commands.findLast(({ topic }) => topic.includes("DCMD"))?.metric.value
      if (typeof value === "number") written = value
      return written
    },
    cut: () => line.cut(),
    stall: () => line.deaden(),
    mend: () => line.mend(),
    babble: async () => {
      await edge?.publish(`spBv1.0/${group}/DDATA/${node}/press`, Buffer.from("\xff rubbish"))
    },
    [Symbol.asyncDispose]: async () => {
      await edge?.[Symbol.asyncDispose]()
      await line[Symbol.asyncDispose]()
      await broker.stop()
    },
  }
}
