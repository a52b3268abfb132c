// From the socket to the block, without history: `node bench/ingest/path.ts [seconds]`. A block is durable 5 ms after it was delivered.
import { fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { startBroker } from "../../src/connect/broker/testing/house-broker.ts"
import { parseOptions } from "../../src/connect/options.ts"
import { sparkplug } from "../../src/connect/sparkplug/sparkplug.ts"
import { makeRig } from "../../src/connect/testing/rig.ts"
import type { PublisherResult } from "./publishers.ts"
import { device, group, makeKinds, metricName, nodeName, startOf } from "./rings.ts"

const seconds = Number(process.argv[2] ?? 5)
const [nodes, metrics] = [20, 50]
const house = await startBroker({ anonymous: true, maxMessagesPerSecond: 1e7 })
const { port } = house.broker
const rig = await makeRig()
const kinds = makeKinds(nodes, metrics)
const { signal } = new AbortController()
let [rows, blocks] = [0, 0]
for (let node = 0; node < nodes; node++) {
  const options = parseOptions(
    sparkplug,
    { group, node: nodeName(node), "birth-timeout": "60s" },
    "x",
  )
  const made = sparkplug.create(options, {
    ...rig.host,
    name: nodeName(node),
    broker: house.broker,
  })
  const points = Array.from({ length: metrics }, (_, m) => {
    const kind = kinds[node * metrics + m] === "state" ? "boolean" : "number"
    return rig.point(`${nodeName(node)}-${metricName(m)}`, `${device}:${metricName(m)}`, { kind })
  })
  made.connect(signal).then(() =>
    made.follow?.(
      { points, records: [] },
      async ({ block }) => {
        rows += block.length
        blocks++
        await new Promise((later) => setTimeout(later, 5))
      },
      async () => 0,
      signal,
    ),
  )
}
const order = { port, nodes, metrics, start: startOf(Date.now()), window: 100 }
const publishers = fork(join(import.meta.dirname, "publishers.ts"), [JSON.stringify(order)])
await once(publishers, "message")
publishers.send({ seconds, warmSeconds: 2 })
await once(publishers, "message")
const [cpu, from] = [process.cpuUsage(), rows]
await once(publishers, "message")
const { user, system } = process.cpuUsage(cpu)
const seen = rows - from
const [result] = (await once(publishers, "message")) as [PublisherResult]
console.log(
  `${Math.round((seen / result.ms) * 1000)} samples/s in blocks of ${Math.round(rows / blocks)}, ${((user + system) / seen).toFixed(3)} us of CPU a sample, acknowledged after ${result.p50Ms} ms (median), ${result.p99Ms} ms (p99)`,
)
publishers.send("end")
process.exit()
