import { join } from "node:path"
import type { Outcome } from "../act/act.ts"
import { EffectMeter } from "../act/effect/meter.ts"
import { PlantGate } from "../act/gate/gate.ts"
import { guards } from "../act/registry.ts"
import { AlarmEngine } from "../analyse/alarm/engine.ts"
import type { LateData } from "../analyse/late/late.ts"
import { AnalyserRunner } from "../analyse/runner/runner.ts"
import { StatesFromTags } from "../analyse/state/states.ts"
import { Broker } from "../connect/broker/broker.ts"
import type { Delivery } from "../connect/connector.ts"
import type { EdgeDesk } from "../connect/edge/desk.ts"
import { connectors } from "../connect/registry.ts"
import { Connections } from "../connect/supervisor/connections.ts"
import { StoreTrust } from "../connect/trust/trust.ts"
import type { Hands } from "../decide/runner/carry-out.ts"
import { DecisionRunner } from "../decide/runner/runner.ts"
import { type ChunkHistory, openChunkHistory } from "../historian/chunks/history.ts"
import type { Clock } from "../kernel/clock.ts"
import type { Component } from "../kernel/component.ts"
import { nodeDisk } from "../kernel/disk/node.ts"
import type { Files } from "../kernel/files.ts"
import { timedIds } from "../kernel/ids.ts"
import type { Log } from "../kernel/log.ts"
import { Metrics } from "../kernel/metrics.ts"
import { SystemNetwork } from "../kernel/network/system.ts"
import type { HostAndPort } from "../kernel/network.ts"
import type { Random } from "../kernel/random.ts"
import { atLeast } from "../model/command.ts"
import type { Plant } from "../model/plant.ts"
import { type Language, say, type Text } from "../model/text.ts"
import { MemoryNamespace } from "../namespace/memory/namespace.ts"
import { tagAt } from "../namespace/namespace.ts"
import type { SqliteStore } from "../store/sqlite/store.ts"
import { EdgesOfPlant, ownDevices } from "./edges.ts"
import { askedOfHistory, clockWatch, lateData } from "./late.ts"
import { type StorageWatch, storageOf } from "./storage.ts"

export interface LoopOptions {
  readonly plant: Plant
  /** Paths in the plant's files are relative to it. */
  readonly plantFolder: string
  readonly folder: string
  readonly store: SqliteStore
  readonly clock: Clock
  readonly random: Random
  readonly files: Files
  readonly log: Log
  /** Where Moru itself listens, which no device may call. */
  readonly own?: () => readonly HostAndPort[]
}

/** The loop from the machine to the proven effect, running. */
export interface Loop {
  readonly store: SqliteStore
  readonly history: ChunkHistory
  readonly namespace: MemoryNamespace
  readonly trust: StoreTrust
  readonly connections: Connections
  readonly edges: EdgeDesk
  readonly states: StatesFromTags
  readonly alarms: AlarmEngine
  readonly findings: AnalyserRunner
  readonly gate: PlantGate
  readonly decisions: DecisionRunner
  readonly metrics: Metrics
  readonly storage: StorageWatch
  /** In the order of their start. */
  readonly parts: readonly Component[]
  /** The way of all samples: resolves once they are durable and the namespace has them. */
  deliver(delivery: Delivery): Promise<void>
  /** Takes what is safe to change over: tags, limits, devices. */
  update(plant: Plant): Promise<void>
  /** In the opposite order of opening. Never throws. */
  stop(): Promise<void>
}

/** Opens every part of the loop over an open store, each handed what it needs of those before it. */
export async function openLoop(options: LoopOptions, signal: AbortSignal): Promise<Loop> {
  const { plant, store, clock, random, files, log, folder, own } = options
  const { registry } = store
  const ids = timedIds(clock, random.fork("ids"))
  const metrics = new Metrics()
  const history = await openChunkHistory({ folder, log, clock, disk: nodeDisk })
  const namespace = new MemoryNamespace({ registry, clock, metrics, late: (r) => late.note(r) })
  await namespace.define(plant.tags)
  const trust = new StoreTrust({ store, clock })
  const base = { namespace, history, store, clock, log }
  const storage = storageOf(plant, { ...base, folder, disk: nodeDisk, files, metrics })
  const states = new StatesFromTags({ ...base, states: plant.states, registry })
  const alarms = new AlarmEngine({ ...base, tags: plant.tags, states })
  const findings = new AnalyserRunner({ ...base, plant, ids })
  const broker = plant.broker && new Broker({ config: plant.broker, clock, log, metrics, files })
  const connections: Connections = new Connections({
    ...{ devices: ownDevices(plant), cycles: plant.cycles, connectors, clock, random, log, files },
    ...{ registry, trust, store, metrics, plantFolder: options.plantFolder },
    ...(broker && { broker }),
    network: new SystemNetwork({ ...plant.network, ...(own && { own }) }),
    folder: join(folder, "devices"),
    tags: (path) => tagAt(namespace, path),
    deliver: (delivery) => deliver(delivery),
    lastSequence: (source) => history.cycles.lastSequence(source),
    lastRow: (source) => history.cycles.lastRow(source),
    ...askedOfHistory({ history, namespace, signal }),
    tagsElsewhere: (device) => edges.tagsOf(device),
  })
  const edges = new EdgesOfPlant(plant, { ...base, registry, metrics, deliver, session: ids() })
  const late: LateData = lateData({ ...base, connections, states, findings })
  const watch = clockWatch({ clock, log, namespace, alarms, connections })
  const gate = new PlantGate({
    ...{ store, namespace, clock, log, ids, guards, actuator: connections },
    ...{ writeTimeoutMs: 10_000, readBackTimeoutMs: 10_000 },
  })
  const meter = new EffectMeter({ ...base, plant })
  const decisions = new DecisionRunner({
    ...{ plant, namespace, cycles: history.cycles, findings, store, clock, ids, log },
    hands: handsOf(gate, meter),
    canWrite: (target) => connections.canWrite(target),
    mayApprove: (role) => atLeast(role, "operator"),
  })

  /** Durable first, then seen: a number on a screen always has its samples. */
  async function deliver({ block, cycles }: Delivery): Promise<void> {
    await storage.keep(async () => {
      await registry.flush()
      await history.append(block, cycles)
    })
    await namespace.publish(block)
    if (!cycles?.length) return
    await findings.observe(cycles)
    decisions.observe(cycles)
  }

  const parts: readonly Component[] = [
    ...[storage, states, alarms, findings, gate, decisions, watch, late],
    ...[...(broker ? [broker] : []), connections, edges.desk],
  ]
  const running = await startAll(parts, signal, log)
  return {
    ...{ store, history, namespace, trust, connections, states, alarms, findings, gate },
    ...{ decisions, metrics, parts, storage, edges: edges.desk, deliver },
    update: async (changed) => {
      storage.update(changed.storage)
      await namespace.define(changed.tags)
      alarms.retag(changed.tags)
      await states.replan(changed.states)
      edges.update(changed)
      connections.update(ownDevices(changed), changed.cycles)
      await findings.replan(changed)
      await decisions.replan(changed)
    },
    stop: async () => {
      await running.stop()
      await history.close()
    },
  }
}

/** Starts components in order; if one fails, those before it are stopped again in the opposite order. */
export async function startAll(
  parts: readonly Component[],
  signal: AbortSignal,
  log: Log,
): Promise<{ stop(): Promise<void> }> {
  const started: Component[] = []
  const stop = async () => {
    for (const part of started.splice(0).reverse()) {
      try {
        await part.stop()
      } catch (thrown) {
        log.error("a part did not stop cleanly", { part: part.name, thrown: String(thrown) })
      }
    }
  }
  for (const part of parts) {
    try {
      await part.start(signal)
    } catch (thrown) {
      await stop()
      throw thrown
    }
    started.push(part)
  }
  return { stop }
}

function handsOf(gate: PlantGate, meter: EffectMeter): Hands {
  return {
    act: async (decision, causes) => {
      const { command: id = decision.id, expiresAt, body } = decision
      const result = await gate.submit(
        { id, decision: decision.id, by: { decider: decision.decider }, expiresAt, body },
        causes,
      )
      return outcomeOf(result)
    },
    measure: (decision, result, signal) => meter.measure(decision, result, signal),
    resultOf: (command) => {
      const result = gate.result(command)
      return result && outcomeOf(result)
    },
  }
}

function outcomeOf(result: NonNullable<ReturnType<PlantGate["result"]>>) {
  const because = result.outcomes.map(whyNot).filter((why) => why !== undefined)
  const joined = (language: Language) => because.map((why) => say(why, language)).join("; ")
  return {
    ...{ command: result.command.id, state: result.state, at: result.at, record: result.record },
    ...(because.length > 0 ? { because: { en: joined("en"), ko: joined("ko") } } : {}),
  }
}

function whyNot(outcome: Outcome): Text | undefined {
  if (outcome.state === "refused") return outcome.refusal.because
  return "because" in outcome ? outcome.because : undefined
}
