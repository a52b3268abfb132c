// What do 10,000 tags at one second cost on one computer? See README.md.
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { parseArgs } from "node:util"
import { address } from "../../src/connect/opcua/testing/server.ts"
import { SystemClock } from "../../src/kernel/clock/system.ts"
import { nodeFiles } from "../../src/kernel/files/node.ts"
import { pinoLog } from "../../src/kernel/log/pino.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { joinPath, parsePath } from "../../src/model/path.ts"
import { type DeviceConfig, keepAll, type Plant } from "../../src/model/plant.ts"
import type { Tag } from "../../src/model/tag.ts"
import { openLoop } from "../../src/moru/loop.ts"
import { openStore } from "../../src/store/sqlite/store.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    tags: { type: "string", default: "10000" },
    devices: { type: "string", default: "10" },
    seconds: { type: "string", default: "30" },
  },
})
const devices = Number(given.devices)
const tags = Math.ceil(Number(given.tags) / devices)
const seconds = Number(given.seconds)
const half = Math.floor(devices / 2)

interface Ports {
  readonly opcua: readonly number[]
  readonly modbus: readonly number[]
}

const at = (file: string) => join(import.meta.dirname, file)

/** One equipment for each device, with as many tags. */
function plantOf(ports: Ports): Plant {
  const made = [
    ...ports.opcua.map((port) => ({
      connector: "opcua",
      options: { endpoint: `opc.tcp://127.0.0.1:${port}`, security: "none" },
      place: (t: number) => address(`T${t}`),
    })),
    ...ports.modbus.map((port) => ({
      connector: "modbus",
      options: { host: "127.0.0.1", port },
      place: (t: number) => `holding/${t}`,
    })),
  ]
  const all = made.map(({ place, ...rest }, i) => {
    const equipment = parsePath(`bench/m${i}`)
    const own = Array.from({ length: tags }, (_, t): Tag => {
      const path = joinPath(equipment, `t${t}`)
      return {
        ...{ path, equipment, kind: "number", unit: "1", name: { en: `T${t}` }, decimals: 3 },
        ...{ staleAfterMs: 60_000, limits: [] },
      }
    })
    const points = own.map(({ path }, t) => ({ tag: path, address: place(t) }))
    const device: DeviceConfig = { name: `m${i}`, ...rest, points, records: [] }
    return { equipment, own, device }
  })
  return {
    name: { en: "Bench" },
    timezone: "UTC",
    equipment: all.map(({ equipment }) => ({
      ...{ path: equipment, level: "unit", name: { en: equipment } },
    })),
    tags: all.flatMap(({ own }) => own),
    devices: all.map(({ device }) => device),
    ...{ cycles: [], states: [], analysers: [], deciders: [], machines: [] },
    network: { allow: [], deny: [] },
    storage: keepAll,
  }
}

async function moru(ports: Ports) {
  const folder = mkdtempSync(join(tmpdir(), "moru-bench-"))
  const clock = new SystemClock()
  const [files, log] = [nodeFiles, pinoLog("error")]
  const store = await openStore({ folder, node: "bench", clock, files, log })
  const plant = plantOf(ports)
  const { signal } = new AbortController()
  const random = seededRandom(1)
  const loop = await openLoop(
    { plant, plantFolder: folder, folder, store, clock, random, files, log },
    signal,
  )
  const lags: number[] = []
  let arrived = 0
  let counting = false
  const following = new AbortController()
  const followed = (async () => {
    const options = { limit: 1000, whenFull: "wait", signal: following.signal } as const
    for await (const block of loop.namespace.follow("**", options)) {
      if (!counting) continue
      arrived += block.length
      const now = clock.now()
      for (let i = 0; i < block.length; i += 25) lags.push(now - (block.at[i] ?? now))
    }
  })().catch(() => {})
  while (loop.connections.devices().some(({ samples }) => samples < tags)) await clock.sleep(200)
  counting = true
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const cpu = process.cpuUsage()
  const from = performance.now()
  await clock.sleep(seconds * 1000)
  const { user, system } = process.cpuUsage(cpu)
  const ms = performance.now() - from
  delay.disable()
  counting = false
  following.abort()
  await followed
  await loop.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  lags.sort((a, b) => a - b)
  const lag = (share: number) => lags[Math.floor(lags.length * share)] ?? Number.NaN
  return {
    arrived,
    samplesPerSecond: Math.round((arrived / ms) * 1000),
    cpuShare: (user + system) / 1000 / ms,
    lagP50Ms: Math.round(lag(0.5)),
    lagP99Ms: Math.round(lag(0.99)),
    loopP99Ms: Math.round(delay.percentile(99) / 1e5) / 10,
    rssMb: Math.round(process.memoryUsage.rss() / 1e6),
  }
}

const machines = fork(at("machines.ts"), [half, devices - half, tags].map(String))
const [ports] = (await once(machines, "message")) as [Ports]
const result = await moru(ports)
const bare = fork(at("bare.ts"), [JSON.stringify({ ports, tags, seconds })])
const [peer] = (await once(bare, "message")) as [{ arrived: number; cpuShare: number }]
machines.disconnect()
const round = (share: number) => Math.round(share * 1000) / 1000
const line = {
  ...result,
  tags: tags * devices,
  cpuShare: round(result.cpuShare),
  peer: { name: "the protocol libraries alone", ...peer, cpuShare: round(peer.cpuShare) },
}
if (given.json) console.log(JSON.stringify(line))
else {
  console.log(
    `${line.tags} tags at ${devices} devices, ${seconds} s: ${line.arrived} samples, ${line.samplesPerSecond}/s`,
  )
  console.log(
    `  CPU ${(line.cpuShare * 100).toFixed(1)} % of a core; the libraries alone ${(line.peer.cpuShare * 100).toFixed(1)} % for ${peer.arrived} samples`,
  )
  console.log(
    `  from the source's time to all followers: median ${line.lagP50Ms} ms, p99 ${line.lagP99Ms} ms; loop held up p99 ${line.loopP99Ms} ms; ${line.rssMb} MB`,
  )
}
process.exit()
