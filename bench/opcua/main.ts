// Do the values of 1,000 and 10,000 tags over OPC UA all arrive in the historian, and at what cost? See README.md.
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { address } from "../../src/connect/opcua/testing/server.ts"
import { SystemClock } from "../../src/kernel/clock/system.ts"
import { nodeFiles } from "../../src/kernel/files/node.ts"
import { pinoLog } from "../../src/kernel/log/pino.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { joinPath, parsePath } from "../../src/model/path.ts"
import { type DeviceConfig, keepAll, type Plant } from "../../src/model/plant.ts"
import type { Tag } from "../../src/model/tag.ts"
import { type Loop, openLoop } from "../../src/moru/loop.ts"
import { openStore } from "../../src/store/sqlite/store.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "15" },
    tags: { type: "string", default: "1000,10000" },
    periods: { type: "string", default: "1000,250" },
  },
})
const servers = 5

function plantOf(ports: readonly number[], tagsOfEach: number): Plant {
  const all = ports.map((port, i) => {
    const equipment = parsePath(`bench/m${i}`)
    const tags = Array.from({ length: tagsOfEach }, (_, t): Tag => {
      const path = joinPath(equipment, `t${t}`)
      return {
        ...{ path, equipment, kind: "number", unit: "1", name: { en: `T${t}` }, decimals: 3 },
        ...{ staleAfterMs: 60_000, limits: [] },
      }
    })
    const points = tags.map(({ path }, t) => ({ tag: path, address: address(`T${t}`) }))
    const options = {
      ...{ endpoint: `opc.tcp://127.0.0.1:${port}`, security: "none" },
      ...{ "sampling-interval": "0ms", "queue-size": 1000 },
    }
    const device: DeviceConfig = {
      ...{ name: `m${i}`, connector: "opcua", options, points, records: [] },
    }
    return { equipment, tags, device }
  })
  return {
    name: { en: "Bench" },
    timezone: "UTC",
    equipment: all.map(({ equipment }) => ({
      ...{ path: equipment, level: "unit", name: { en: equipment } },
    })),
    tags: all.flatMap(({ tags }) => tags),
    devices: all.map(({ device }) => device),
    ...{ cycles: [], states: [], analysers: [], deciders: [], machines: [] },
    network: { allow: [], deny: [] },
    storage: keepAll,
  }
}

/** Beats of one tag between two that the historian has not; each value is its beat and a fraction of its own. */
async function missing(loop: Loop, tags: number, beats: { from: number; to: number }) {
  const { signal } = new AbortController()
  let [lost, found] = [0, 0]
  for (let tag = 1; tag <= tags; tag++) {
    const seen = new Set<number>()
    const range = { tags: [tag], from: 0, to: Date.now() + 86_400_000 }
    for await (const { length, value } of loop.history.read(range, signal))
      for (let i = 0; i < length; i++) seen.add(Math.floor((value[i] ?? 0) + 1e-6))
    for (let beat = beats.from; beat <= beats.to; beat++)
      if (seen.has(beat)) found++
      else lost++
  }
  return { lost, found }
}

async function measure(tags: number, periodMs: number) {
  const each = tags / servers
  const file = join(import.meta.dirname, "../connect/machines.ts")
  const machines = fork(file, [servers, 0, each, periodMs].map(String))
  const [ports] = (await once(machines, "message")) as [{ opcua: number[] }]
  const folder = mkdtempSync(join(tmpdir(), "moru-bench-"))
  const [clock, files, log] = [new SystemClock(), nodeFiles, pinoLog("error")]
  const store = await openStore({ folder, node: "bench", clock, files, log })
  const loop = await openLoop(
    {
      ...{ plant: plantOf(ports.opcua, each), plantFolder: folder, folder, store, clock },
      ...{ random: seededRandom(1), files, log },
    },
    new AbortController().signal,
  )
  const samples = () => loop.connections.devices().reduce((sum, one) => sum + one.samples, 0)
  while (loop.connections.devices().some((one) => one.samples < 2 * each)) await clock.sleep(200)
  const newest = () => Math.floor(Number(loop.namespace.latest(1)?.value ?? 0) + 1e-6)
  const [from, cpu, began, before] = [
    newest() + 2,
    process.cpuUsage(),
    performance.now(),
    samples(),
  ]
  await clock.sleep(Number(given.seconds) * 1000)
  const { user, system } = process.cpuUsage(cpu)
  const [ms, arrived] = [performance.now() - began, samples() - before]
  machines.send("stand still")
  const [to] = (await once(machines, "message")) as [number]
  const last = performance.now() + 20_000
  while (newest() < to && performance.now() < last) await clock.sleep(100)
  await clock.sleep(1000)
  const { lost, found } = await missing(loop, tags, { from, to })
  machines.disconnect()
  await loop.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  return {
    ...{ tags, periodMs, samplesPerSecond: Math.round((arrived / ms) * 1000) },
    ...{ cpuShare: Math.round((user + system) / ms) / 1000, found, lost },
  }
}

const numbers = (list: string) => list.split(",").map(Number)
const results: Awaited<ReturnType<typeof measure>>[] = []
for (const tags of numbers(given.tags))
  for (const periodMs of numbers(given.periods)) {
    const one = await measure(tags, periodMs)
    results.push(one)
    if (given.json) continue
    console.log(
      `${one.tags} tags at ${one.periodMs} ms: ${one.samplesPerSecond} samples/s, ${(one.cpuShare * 100).toFixed(0)} % of a core, ${one.lost} of ${one.lost + one.found} lost`,
    )
  }
if (given.json) console.log(JSON.stringify({ results }))
process.exit(results.every(({ lost }) => lost === 0) ? 0 : 1)
