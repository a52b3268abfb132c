// The broker alone, without decoding and history: `node bench/ingest/broker.ts [seconds]`. Who follows has taken a message 5 ms later.
import { fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { startBroker } from "../../src/connect/broker/testing/house-broker.ts"
import type { PublisherResult } from "./publishers.ts"
import { startOf } from "./rings.ts"

const seconds = Number(process.argv[2] ?? 5)
const house = await startBroker({ anonymous: true, maxMessagesPerSecond: 1e7 })
const { port } = house.broker
let next: Promise<void> | undefined
const take = () => {
  next ??= new Promise((resolve) =>
    setTimeout(() => {
      next = undefined
      resolve()
    }, 5),
  )
  return next
}
for (let node = 0; node < 20; node++) {
  const { signal } = new AbortController()
  await house.broker.follow(`spBv1.0/bench/+/n${node}/#`, take, signal)
}
const order = { port, nodes: 20, metrics: 50, start: startOf(Date.now()), window: 100 }
const publishers = fork(join(import.meta.dirname, "publishers.ts"), [JSON.stringify(order)])
await once(publishers, "message")
publishers.send({ seconds, warmSeconds: 2 })
await once(publishers, "message")
const cpu = process.cpuUsage()
await once(publishers, "message")
const { user, system } = process.cpuUsage(cpu)
const [result] = (await once(publishers, "message")) as [PublisherResult]
console.log(
  `${Math.round((result.measured / result.ms) * 1000)} messages/s, ${((user + system) / result.measured).toFixed(1)} us of CPU a message, acknowledged after ${result.p50Ms} ms (median), ${result.p99Ms} ms (p99)`,
)
publishers.send("end")
process.exit()
