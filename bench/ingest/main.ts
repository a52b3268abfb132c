// How many samples a second come in over MQTT, durable before they are acknowledged? See README.md.
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { freePort } from "../../test/support/free-port.ts"
import { measurePeer } from "./peer.ts"
import { startServer, writePlant } from "./plant.ts"
import type { PublisherOrder, PublisherResult } from "./publishers.ts"
import { readBack } from "./readback.ts"
import { makeRings, nodeName, startOf } from "./rings.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "60" },
    publishers: { type: "string", default: "20" },
    metrics: { type: "string", default: "50" },
    window: { type: "string", default: "120" },
    rate: { type: "string" },
    browsers: { type: "string", default: "20" },
    profile: { type: "string" },
    "peer-lines": { type: "string", default: "metric" },
    "no-peer": { type: "boolean", default: false },
  },
})
const [nodes, metrics, seconds] = [given.publishers, given.metrics, given.seconds].map(Number) as [
  number,
  number,
  number,
]
const warmSeconds = 3
const at = (file: string) => join(import.meta.dirname, file)

export function startPublishers(order: PublisherOrder): ChildProcess {
  return fork(at("publishers.ts"), [JSON.stringify(order)])
}

async function said<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, "message")
  return message as T
}

async function measureMoru() {
  const folder = mkdtempSync(join(tmpdir(), "moru-bench-"))
  const [plant, data] = [join(folder, "plant"), join(folder, "data")]
  const port = await freePort()
  const start = startOf(Date.now())
  await writePlant(plant, { nodes, metrics, port })
  const server = await startServer({
    plant,
    data,
    ...(given.profile && { profile: given.profile }),
  })
  const rate = given.rate === undefined ? {} : { rate: Number(given.rate) / metrics }
  const order = { port, nodes, metrics, start, window: Number(given.window), ...rate }
  const publishers = startPublishers(order)
  await said(publishers)
  const patterns = Array.from(
    { length: Number(given.browsers) },
    (_, i) => `bench/line/${nodeName(i % nodes)}/*`,
  )
  const { url, cookie } = server
  const browsers = fork(at("browsers.ts"), [JSON.stringify({ url, cookie, patterns })])
  await said(browsers)
  publishers.send({ seconds, warmSeconds })
  await said(publishers)
  const cpuBefore = await server.cpuMs()
  server.begin()
  await said(publishers)
  const ended = said<PublisherResult>(publishers)
  const cpuMs = (await server.cpuMs()) - cpuBefore
  const loop = await server.end()
  const result = await ended
  const rssMb = await server.rssMb()
  browsers.send("")
  const seen = await said<{ values: number }>(browsers)
  browsers.disconnect()
  publishers.send("end")
  await server.stop()
  const rings = makeRings({ nodes, metrics, start })
  const { sent, acknowledged } = result
  const found = await readBack({ data, rings, metrics, start, sent, acknowledged })
  rmSync(folder, { recursive: true, force: true })
  const samples = result.measured * metrics
  const round = (n: number, digits = 0) => Math.round(n * 10 ** digits) / 10 ** digits
  return {
    samplesPerSecond: round((samples / result.ms) * 1000),
    perCpuSecond: round((samples / cpuMs) * 1000),
    ackP50Ms: result.p50Ms,
    ackP99Ms: result.p99Ms,
    ackMaxMs: result.maxMs,
    rssMb: round(rssMb),
    lost: found.lost,
    doubled: found.doubled,
    wrong: found.wrong,
    read: found.read,
    loopP99Ms: round(loop.p99Ms, 1),
    serverCpuShare: round(cpuMs / result.ms, 2),
    publisherCpuShare: round(result.cpuMs / result.ms, 2),
    valuesOnScreens: seen.values,
  }
}

const moru = await measureMoru()
const peer = given["no-peer"]
  ? undefined
  : await measurePeer({
      nodes,
      metrics,
      seconds: Math.min(seconds, 20),
      lines: given["peer-lines"],
    })
const line = {
  ...moru,
  ...(peer && {
    peer,
    ratio: Math.round((moru.samplesPerSecond / peer.samplesPerSecond) * 10) / 10,
  }),
}
if (!given.json) {
  const k = (n: number) => `${Math.round(n / 1000)} k`
  console.log(
    `${k(moru.samplesPerSecond)} samples/s acknowledged after fsync, ${k(moru.perCpuSecond)} a CPU second of the server (${moru.serverCpuShare} of a core; publishers ${moru.publisherCpuShare})`,
  )
  console.log(
    `  acknowledged after ${moru.ackP50Ms} ms (median), ${moru.ackP99Ms} ms (p99); loop held up p99 ${moru.loopP99Ms} ms; ${moru.rssMb} MB`,
  )
  console.log(
    `  read back ${moru.read}: ${moru.lost} lost, ${moru.doubled} doubled, ${moru.wrong} wrong; ${moru.valuesOnScreens} values on ${given.browsers} screens`,
  )
  if (peer) console.log(`  ${peer.name}: ${k(peer.samplesPerSecond)} samples/s, so ${line.ratio} x`)
} else console.log(JSON.stringify(line))
process.exit(moru.lost + moru.doubled + moru.wrong === 0 ? 0 : 1)
