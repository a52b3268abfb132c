import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Actuator } from "../../act/act.ts"
import { PlantGate } from "../../act/gate/gate.ts"
import { guards } from "../../act/registry.ts"
import { AlarmEngine } from "../../analyse/alarm/engine.ts"
import { AnalyserRunner } from "../../analyse/runner/runner.ts"
import { StatesFromTags } from "../../analyse/state/states.ts"
import type { DeviceHealth } from "../../connect/connector.ts"
import { EdgeDesk } from "../../connect/edge/desk.ts"
import { StoreTrust } from "../../connect/trust/trust.ts"
import type { Decision } from "../../decide/decide.ts"
import type { Hands } from "../../decide/runner/carry-out.ts"
import { DecisionRunner } from "../../decide/runner/runner.ts"
import { exporters, sqlEngine } from "../../exchange/registry.ts"
import { openChunkHistory } from "../../historian/chunks/history.ts"
import type { StorageReport } from "../../historian/storage.ts"
import { SystemClock } from "../../kernel/clock/system.ts"
import type { WaitingChange } from "../../kernel/config.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { timedIds } from "../../kernel/ids.ts"
import { silentLog } from "../../kernel/log.ts"
import { Metrics } from "../../kernel/metrics.ts"
import { seededRandom } from "../../kernel/random.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { atLeast } from "../../model/command.ts"
import { type Cycle, cycleId } from "../../model/cycle.ts"
import type { Path } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import { type Quality, quality } from "../../model/quality.ts"
import type { Value } from "../../model/tag.ts"
import { MemoryNamespace } from "../../namespace/memory/namespace.ts"
import { openStore } from "../../store/sqlite/store.ts"
import { HttpServer } from "../http/server.ts"
import type { ServeParts } from "../serve.ts"
import { flow, machine, plant, temperature } from "./plant.ts"

/** The machine at the other end of the line: it takes every set point. */
class Machine implements Actuator {
  readonly held = new Map<Path, Value>([[flow, 40]])

  canWrite(target: Path): boolean {
    return this.held.has(target)
  }

  async write({ target, value }: { target: Path; value: Value }): Promise<void> {
    this.held.set(target, value)
  }

  async read(target: Path): Promise<Value> {
    return this.held.get(target) ?? 0
  }
}

export const source = sourceId({ name: "dc-1", epoch: "1" })

/** The parts behind the server, real but for the machine, in a folder of their own. */
async function openParts(decisions: readonly Decision[]) {
  const folder = mkdtempSync(join(tmpdir(), "moru-serve-"))
  const clock = new SystemClock()
  const log = silentLog
  const store = await openStore({ folder, node: "plant", clock, files: nodeFiles, log })
  for (const decision of decisions) await propose(store, decision)
  const { registry } = store
  const history = await openChunkHistory({ folder, log })
  const metrics = new Metrics()
  const ids = timedIds(clock, seededRandom(7))
  const namespace = new MemoryNamespace({ registry, clock, metrics })
  await namespace.define(plant.tags)
  const base = { namespace, history, store, clock, ids, log }
  const states = new StatesFromTags({ ...base, states: plant.states, registry })
  const alarms = new AlarmEngine({ ...base, tags: plant.tags, states })
  const findings = new AnalyserRunner({ ...base, plant })
  const actuator = new Machine()
  const gate = new PlantGate({
    ...base,
    guards,
    actuator,
    writeTimeoutMs: 5000,
    readBackTimeoutMs: 5000,
  })
  const runner = new DecisionRunner({
    ...base,
    plant,
    cycles: history.cycles,
    findings,
    hands: handsOf(gate),
    canWrite: (path) => actuator.canWrite(path),
    mayApprove: (role) => atLeast(role, "operator"),
  })
  const stop = new AbortController()
  const parts = [states, alarms, findings, gate, runner]
  for (const part of parts) await part.start(stop.signal)
  return {
    ...{ folder, base, store, history, namespace, metrics, states, alarms, findings, gate },
    ...{ decisions: runner, actuator, clock, parts },
    async close() {
      stop.abort()
      for (const part of parts.toReversed()) await part.stop()
      await history.close()
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function handsOf(gate: PlantGate): Hands {
  return {
    act: async ({ command: id = "", expiresAt, body, decider, id: decision }, causes) => {
      const result = await gate.submit({ id, decision, by: { decider }, expiresAt, body }, causes)
      return { command: id, state: result.state, at: result.at, record: result.record }
    },
    measure: (_decision, _result, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
      ),
    resultOf: () => undefined,
  }
}

/** A whole house behind a real server on a free port. */
export async function openRig(change: Partial<ServeParts> = {}, proposed: Decision[] = []) {
  const house = await openParts(proposed)
  const { folder, store, history, namespace, metrics, states, alarms, findings, gate } = house
  const { decisions, clock, parts } = house
  const lines: string[] = []
  const telling = new Set<(health: DeviceHealth) => void>()
  const waiting: WaitingChange[] = [pending]
  const serve: ServeParts = {
    ...{ ...house.base, metrics, alarms, findings, states, decisions, gate, files: nodeFiles },
    listen: { host: "127.0.0.1", port: 0 },
    wall: clock,
    cycles: history.cycles,
    exporters,
    sql: sqlEngine(),
    plant: () => plant,
    devices: {
      list: () => [device],
      browse: async function* (name) {
        if (name !== device.device) throw new Problem("not-found", name, "no such device")
        for (const n of [1, 2, 3])
          yield { address: `s=${n}`, name: `Value ${n}`, kind: "number", writable: false, value: n }
      },
      enter: async (entries) => ({ problems: entries.map(() => undefined), record: "plant:1" }),
      receive: async (name) => {
        throw new Problem("not-found", name, "no such device")
      },
      knows: () => false,
      receiveKnown: async () => {
        throw new Problem("credentials-refused", "message", "no such device")
      },
      onHealth: (listener) => {
        telling.add(listener)
        return () => telling.delete(listener)
      },
    },
    edges: noEdges({ store, clock, metrics, history }),
    ...storing,
    gaps: { list: () => store.list("gap") },
    trust: new StoreTrust({ store, clock }),
    config: {
      pending: () => waiting,
      confirm: async (id) => removeFrom(waiting, id),
      reject: async (id) => removeFrom(waiting, id),
    },
    health: () => parts.map((part) => ({ name: part.name, health: part.health() })),
    ...{ example: false, speed: 1 },
    webFolder: join(folder, "no-screens"),
    version: "0.0.0",
    announce: (line) => lines.push(line),
    ...change,
  }
  const server = new HttpServer(serve)
  await server.start().catch(async (thrown) => {
    await house.close()
    throw thrown
  })
  let sequence = 0
  return {
    ...{ ...house, server, lines },
    get url() {
      return server.url
    },
    tellDevice: (health: DeviceHealth) => {
      for (const listener of telling) listener(health)
    },
    /** Samples as a device delivers them: durable first, then seen. */
    async deliver(rows: readonly Row[], cycles: readonly Cycle[] = []) {
      const { registry } = store
      const writer = new BlockWriter()
      for (const { tag, at = clock.now(), value, quality: q = quality.good } of rows) {
        const id = namespace.idOf(tag) ?? 0
        const number = typeof value === "string" ? registry.textId(id, value) : Number(value)
        writer.add(id, at, number, q)
      }
      const block = writer.take({ source, sequence, received: clock.now() })
      sequence += block.length
      await registry.flush()
      await history.append(block, cycles)
      await namespace.publish(block)
    },
    async close() {
      await server.stop()
      await house.close()
    },
  }
}

export type Rig = Awaited<ReturnType<typeof openRig>>

export interface Row {
  readonly tag: Path
  readonly at?: number
  readonly value: Value
  readonly quality?: Quality
}

export const device: DeviceHealth = {
  device: "dc-1",
  connector: "opcua",
  state: "connected",
  since: 1,
  samples: 2,
  cycles: 3,
  refused: 0,
  reconnects: 0,
  writable: true,
}

const report: StorageReport = {
  state: "near",
  usedBytes: 46e9,
  budgetBytes: 50e9,
  freeBytes: 9e9,
  kinds: { samples: 44e9, journal: 1e9, catalog: 5e8, records: 4e8, other: 1e8 },
  tiers: { raw: 30e9, minutes: 12e9, hours: 2e9 },
  oldestSample: 1000,
  daysUntilFull: 12.5,
}

const storing: Pick<ServeParts, "storage" | "backup"> = {
  storage: { report: async () => report },
  backup: async function* () {
    yield new TextEncoder().encode("a tar")
  },
}

const pending: WaitingChange = {
  id: "w-1",
  at: 5,
  changes: [{ class: "waits", subject: flow, what: "writable: max 80 -> 90" }],
  diff: "--- a/plant.yaml\n+++ b/plant.yaml\n@@ -1 +1 @@\n-max: 80\n+max: 90\n",
}

/** A shot that ended at this time. */
export function shot(sequence: number, end: number): Cycle {
  return {
    id: cycleId(source, sequence),
    equipment: machine,
    source,
    sequence,
    start: end - 40_000,
    end,
    tool: "8722",
    values: { "die-temperature": 200 + sequence, note: "ok" },
    verdict: sequence % 5 === 0 ? "bad" : "good",
  }
}

/** A proposal that waits for a person. */
export function proposal(id: string, now: number): Decision {
  const text = { en: "Open the cooling", ko: "냉각을 여세요" }
  return {
    id,
    decider: "dc-1-cooling",
    kind: "cooling",
    subject: machine,
    at: now,
    title: text,
    why: text,
    because: [{ tag: temperature, from: now - 60_000, to: now, share: 1 }],
    findings: [],
    body: { writes: [{ target: flow, value: 48, expect: 40 }] },
    expected: {
      measure: temperature,
      unit: "Cel",
      change: -6,
      low: -9,
      high: -3,
      settleCycles: 5,
      windowCycles: 20,
    },
    ifIgnored: text,
    alternatives: [text],
    policy: "approve",
    expiresAt: now + 3_600_000,
    state: "proposed",
    record: "",
  }
}

async function propose(store: Awaited<ReturnType<typeof openStore>>, decision: Decision) {
  const { id, subject } = decision
  await store.commit({
    records: [
      {
        kind: "decision.proposed",
        subject,
        by: `decide:${decision.decider}`,
        causes: [],
        body: {},
      },
    ],
    puts: [{ collection: "decision", id, document: { id, decision }, record: 0 }],
  })
}

function removeFrom(waiting: WaitingChange[], id: string): void {
  const at = waiting.findIndex((change) => change.id === id)
  if (at < 0) throw new Problem("not-found", `change ${id}`, "no such change waits")
  waiting.splice(at, 1)
}

function noEdges(parts: Pick<ServeParts, "clock" | "metrics" | "history" | "store">) {
  const { store, history } = parts
  return new EdgeDesk({
    ...{ ...parts, edges: [], registry: store.registry, log: silentLog, session: "rig" },
    tagOf: () => undefined,
    deliver: ({ block, cycles }) => history.append(block, cycles),
  })
}
