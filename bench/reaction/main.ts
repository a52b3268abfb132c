// How long from a sample that comes in over MQTT to the command that goes out over MQTT, under load? See README.md.
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { connectAsync } from "mqtt"
import { Edge, group, node } from "../../src/connect/sparkplug/testing/edge.ts"
import { SystemClock } from "../../src/kernel/clock/system.ts"
import { loadPlant } from "../../src/kernel/config/load.ts"
import { nodeFiles } from "../../src/kernel/files/node.ts"
import { pinoLog } from "../../src/kernel/log/pino.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { sourceId } from "../../src/model/block.ts"
import { cycleId, type Verdict } from "../../src/model/cycle.ts"
import { parsePath } from "../../src/model/path.ts"
import { loadKinds, typeFolder } from "../../src/moru/kinds.ts"
import { type Loop, openLoop } from "../../src/moru/loop.ts"
import { openStore } from "../../src/store/sqlite/store.ts"
import { freePort } from "../../test/support/free-port.ts"
import { writePlant } from "../ingest/plant.ts"
import { startOf } from "../ingest/rings.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "200" },
    rate: { type: "string", default: "100000" },
  },
})
const [nodes, metrics] = [20, 50]
const press = parsePath("bench/press")
const rounds = Number(given.rounds)

/** One machine whose next cycle the decider `hold` stops at once after a bad one. */
const machine = {
  equipment: {
    press: {
      ...{ level: "unit", name: { en: "Press" }, device: "press" },
      tags: {
        bad: { name: { en: "Bad" }, unit: "1", address: { sparkplug: "press:Bad" } },
        hold: {
          ...{
            name: { en: "Hold" },
            kind: "boolean",
            unit: "1",
            address: { sparkplug: "press:Hold" },
          },
          writable: { min: 0, max: 1, "max-step": 1, "min-interval": "1ms" },
        },
      },
    },
  },
  devices: { press: { connector: "sparkplug", options: { group, node } } },
  deciders: {
    hold: {
      ...{ kind: "hold", equipment: press, policy: "automatic" },
      options: { "set-point": "hold", run: 1, "warm-up": 0 },
    },
  },
}

/**
 * No connector over MQTT has records, and deciders answer cycles: each value of `bad` that is durable becomes a cycle here, handed in as a
 * connector hands in its own.
 */
async function cyclesOf(loop: Loop, signal: AbortSignal): Promise<void> {
  const source = sourceId({ name: "press/cycles", epoch: "bench" })
  let sequence = 0
  const blocks = loop.namespace.follow("bench/press/bad", { limit: 100, whenFull: "wait", signal })
  for await (const block of blocks)
    for (let row = 0; row < block.length; row++) {
      const end = block.at[row] ?? 0
      const verdict: Verdict = block.value[row] === 1 ? "bad" : "good"
      const id = cycleId(source, ++sequence)
      const cycle = {
        ...{ id, equipment: press, source, sequence, start: end - 1, end },
        ...{ values: {}, verdict },
      }
      const none = {
        ...{ source, sequence, received: end, length: 0, tag: new Uint32Array(0) },
        ...{ at: new Float64Array(0), value: new Float64Array(0), quality: new Uint8Array(0) },
      }
      await loop.deliver({ block: none, cycles: [cycle] })
    }
}

const folder = mkdtempSync(join(tmpdir(), "moru-bench-"))
const [plantFolder, data] = [join(folder, "plant"), join(folder, "data")]
const port = await freePort()
await writePlant(plantFolder, { nodes, metrics, port }, machine)
const [clock, files, log, env] = [new SystemClock(), nodeFiles, pinoLog("error"), process.env]
const kinds = await loadKinds()
const { plant, problems } = await loadPlant({ folder: plantFolder, typeFolder, files, env, kinds })
if (!plant) throw problems[0]
const store = await openStore({ folder: data, node: "bench", clock, files, log })
const stop = new AbortController()
const random = seededRandom(1)
const loop = await openLoop(
  { plant, plantFolder, folder: data, store, clock, random, files, log },
  stop.signal,
)
const order = { port, nodes, metrics, start: startOf(Date.now()), window: 100 }
const rate = Number(given.rate) / metrics
const file = join(import.meta.dirname, "../ingest/publishers.ts")
const publishers = fork(file, [JSON.stringify({ ...order, rate })])
await once(publishers, "message")
const edge = new Edge({
  port,
  devices: {
    press: [
      { name: "Bad", type: "Int32", value: 0, alias: 1 },
      { name: "Hold", type: "Boolean", value: false, alias: 2 },
    ],
  },
})
await edge.start()
const ear = await connectAsync({ host: "127.0.0.1", port })
await ear.subscribeAsync(`spBv1.0/${group}/DCMD/${node}/press`)
while (loop.connections.devices().some(({ state }) => state !== "connected")) await clock.sleep(50)
const cycles = cyclesOf(loop, stop.signal)
const measured = once(publishers, "message")
publishers.send({ seconds: 3600, warmSeconds: 2 })
await measured
const delays: number[] = []
for (let round = 0; round < rounds; round++) {
  await edge.tell("press", { Hold: false, Bad: 0 })
  const isQuiet = () =>
    loop.decisions.list().every(({ state }) => !["proposed", "approved", "acting"].includes(state))
  do await clock.sleep(40 + (round % 7))
  while (!isQuiet())
  const commanded = new Promise<void>((resolve) => ear.once("message", () => resolve()))
  const from = performance.now()
  await edge.tell("press", { Bad: 1 })
  await commanded
  delays.push(performance.now() - from)
}
stop.abort()
await cycles.catch(() => {})
const decided = loop.decisions.list().length
publishers.kill("SIGKILL")
await ear.endAsync(true)
await edge[Symbol.asyncDispose]()
await loop.stop()
await store.close()
rmSync(folder, { recursive: true, force: true })
delays.sort((a, b) => a - b)
const share = (of: number) =>
  Math.round((delays[Math.ceil(delays.length * of) - 1] ?? Number.NaN) * 10) / 10
const line = { p50Ms: share(0.5), p99Ms: share(0.99), maxMs: share(1), rounds, decided }
if (given.json) console.log(JSON.stringify(line))
else
  console.log(
    `from sample to command ${line.p50Ms} ms (median), ${line.p99Ms} ms (p99), ${line.maxMs} ms at most, of ${rounds}, with ${given.rate} samples/s beside it`,
  )
process.exit()
