import { join } from "node:path"
import { Broker } from "../connect/broker/broker.ts"
import type { Delivery } from "../connect/connector.ts"
import { Fullness } from "../connect/edge/fullness.ts"
import { HttpLine } from "../connect/edge/line.ts"
import { type EdgeLog, openEdgeLog } from "../connect/edge/log.ts"
import { Sender } from "../connect/edge/sender.ts"
import { tellingGaps } from "../connect/edge/told-gaps.ts"
import type { EdgeHealth, EdgeStatus } from "../connect/edge.ts"
import { connectors } from "../connect/registry.ts"
import { Connections } from "../connect/supervisor/connections.ts"
import { StoreTrust } from "../connect/trust/trust.ts"
import { SystemClock } from "../kernel/clock/system.ts"
import type { Component } from "../kernel/component.ts"
import { nodeDisk } from "../kernel/disk/node.ts"
import { nodeFiles } from "../kernel/files/node.ts"
import { timedIds } from "../kernel/ids.ts"
import type { Log } from "../kernel/log.ts"
import { Metrics } from "../kernel/metrics.ts"
import { SystemNetwork } from "../kernel/network/system.ts"
import { type Random, seededRandom } from "../kernel/random.ts"
import type { EdgeConfig, Plant } from "../model/plant.ts"
import { MemoryNamespace } from "../namespace/memory/namespace.ts"
import { tagAt } from "../namespace/namespace.ts"
import { EdgePage } from "../serve/edge/page.ts"
import type { Listen } from "../serve/serve.ts"
import { openStore, type SqliteStore } from "../store/sqlite/store.ts"
import { startAll } from "./loop.ts"
import { Machines } from "./machines.ts"
import { version } from "./version.ts"

/** More rows than these that wait become a parcel: at rated load two minutes, 1.3 bytes a sample (bench/edge). */
const parcelRows = 1_200_000

export interface EdgeOptions {
  readonly plant: Plant
  readonly edge: EdgeConfig
  readonly key: string
  readonly plantFolder: string
  readonly dataFolder: string
  readonly listen: Listen
  readonly seed: number
  readonly log: Log
}

export interface RunningEdge {
  /** Address of the status page. */
  readonly url: string
  stop(): Promise<void>
}

/** The connect part alone, with its log and its way to the centre. The data folder is there. */
export async function runEdge(options: EdgeOptions, signal: AbortSignal): Promise<RunningEdge> {
  const { dataFolder: folder, edge, log } = options
  const clock = new SystemClock()
  const random = seededRandom(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)
  const node = `edge-${edge.name}`
  const store = await openStore({ folder, node, clock, files: nodeFiles, log })
  try {
    const edgeLog = await openEdgeLog({
      ...{ disk: nodeDisk, folder: join(folder, "edge-log"), budgetBytes: edge.budgetBytes },
      ...{ parcelRows, registry: store.registry, log, newEpoch: timedIds(clock, random) },
    })
    const house = new EdgeHouse(options, { clock, random, store, edgeLog })
    const { page, parts } = await house.build()
    const running = await startAll(parts, signal, log)
    return {
      url: page.url,
      stop: async () => {
        await running.stop()
        await edgeLog.close()
        await store.close()
      },
    }
  } catch (thrown) {
    await store.close()
    throw thrown
  }
}

interface EdgeGround {
  readonly clock: SystemClock
  readonly random: Random
  readonly store: SqliteStore
  readonly edgeLog: EdgeLog
}

class EdgeHouse {
  readonly #options: EdgeOptions
  readonly #ground: EdgeGround
  readonly #metrics = new Metrics()
  readonly #fullness: Fullness

  constructor(options: EdgeOptions, ground: EdgeGround) {
    this.#options = options
    this.#ground = ground
    this.#fullness = new Fullness(ground.clock.now())
  }

  /** The parts in the order of their start. */
  async build(): Promise<{ page: EdgePage; parts: readonly Component[] }> {
    const { plant, edge, log, listen, seed, dataFolder } = this.#options
    const { clock, store } = this.#ground
    const { registry } = store
    const metrics = this.#metrics
    const namespace = new MemoryNamespace({ registry, clock, metrics })
    await namespace.define(plant.tags)
    const machines = new Machines({
      machines: plant.machines.filter((machine) => machine.edge === edge.name),
      ...{ seed, clock, log, folder: join(dataFolder, "machines") },
    })
    const broker =
      plant.broker && new Broker({ config: plant.broker, clock, log, metrics, files: nodeFiles })
    const trust = new StoreTrust({ store, clock })
    const connections = this.#connections(namespace, { trust, ...(broker && { broker }) })
    const sender = await this.#sender(namespace, connections)
    const full = new FullnessWatch(() => this.#status(connections), edge)
    const parts: Component[] = [machines, ...(broker ? [broker] : []), connections, sender, full]
    const page = new EdgePage({
      ...{ listen, metrics, trust, version, name: edge.name, plant: plant.name },
      edge: () => this.#health(sender, connections),
      devices: () => connections.devices(),
      health: () => parts.map((part) => ({ name: part.name, health: part.health() })),
    })
    return { page, parts: [...parts, page] }
  }

  #connections(
    namespace: MemoryNamespace,
    parts: { trust: StoreTrust; broker?: Broker },
  ): Connections {
    const { plant, edge, plantFolder, dataFolder, log } = this.#options
    const { clock, random, store, edgeLog } = this.#ground
    return new Connections({
      ...{ ...parts, connectors, clock, random, log, files: nodeFiles, plantFolder },
      ...{ cycles: plant.cycles, registry: store.registry, metrics: this.#metrics },
      devices: plant.devices.filter((device) => device.edge === edge.name),
      store: tellingGaps(store, (gaps) => edgeLog.append({ cycles: [], gaps })),
      network: new SystemNetwork(plant.network),
      folder: join(dataFolder, "devices"),
      tags: (path) => tagAt(namespace, path),
      deliver: (delivery) => this.#deliver(namespace, delivery),
      lastSequence: async (source) => edgeLog.lastSequence(source),
      lastRow: async (source) => edgeLog.lastRow(source),
      lastAt: async () => undefined,
      silences: async () => ({ left: [], rows: 0 }),
    })
  }

  /** Acknowledged once it is in the log, fsynced: the line to the centre has no say in it. */
  async #deliver(namespace: MemoryNamespace, { block, cycles = [] }: Delivery): Promise<void> {
    const { store, edgeLog, clock } = this.#ground
    if (block.length === 0 && cycles.length === 0) return
    await store.registry.flush()
    await edgeLog.append({ block, cycles, gaps: [] })
    this.#fullness.saw(block.length, clock.now())
    await namespace.publish(block)
  }

  async #sender(namespace: MemoryNamespace, connections: Connections): Promise<Sender> {
    const { plant, edge, key, log } = this.#options
    const { clock, random, store, edgeLog } = this.#ground
    const ca = edge.ca === undefined ? undefined : await nodeFiles.read(edge.ca)
    const line = new HttpLine({
      ...{ to: new URL(edge.to), key, network: new SystemNetwork(plant.network) },
      ...(ca && { ca: new TextDecoder().decode(ca) }),
    })
    return new Sender({
      ...{ edge: edge.name, log: edgeLog, line, registry: store.registry, clock, random },
      ...{ metrics: this.#metrics, logbook: log },
      unitOf: (tag) => namespace.tag(tag)?.unit ?? "1",
      status: () => this.#status(connections),
    })
  }

  #status(connections: Connections): EdgeStatus {
    const { bytes, budgetBytes, oldestAt, bytesARow, lost } = this.#ground.edgeLog.state
    const lastsDays = this.#fullness.lastsDays({ budgetBytes, bytesARow })
    this.#metrics.gauge("moru_edge_log_bytes", {}, bytes)
    this.#metrics.gauge("moru_edge_log_budget_bytes", {}, budgetBytes)
    this.#metrics.gauge("moru_edge_lost_samples", {}, lost)
    return {
      ...{ bytes, budgetBytes, lost, devices: connections.devices() },
      ...(oldestAt !== undefined && { oldestAt }),
      ...(lastsDays !== undefined && { lastsDays }),
    }
  }

  #health(sender: Sender, connections: Connections): EdgeHealth {
    const { oldestAt, devices: _, ...status } = this.#status(connections)
    const { heardAt, problem, refused } = sender.line
    const lagMs = oldestAt === undefined ? 0 : Math.max(0, this.#ground.clock.now() - oldestAt)
    this.#metrics.gauge("moru_edge_lag_seconds", {}, lagMs / 1000)
    const state = problem ? "lost" : heardAt === undefined ? "unheard" : "connected"
    return {
      ...{ ...status, edge: this.#options.edge.name, state, lagMs, refused },
      ...{ clockAheadMs: 0, hasKey: true },
      ...(heardAt !== undefined && { heardAt }),
      ...(problem && {
        problem: { code: problem.code, message: problem.message, hint: problem.hint },
      }),
    }
  }
}

/** Says when the budget would not last as long as the plant asks for. */
class FullnessWatch implements Component {
  readonly name = "edge-log"
  readonly #status: () => EdgeStatus
  readonly #edge: EdgeConfig

  constructor(status: () => EdgeStatus, edge: EdgeConfig) {
    this.#status = status
    this.#edge = edge
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  health() {
    const { lastsDays } = this.#status()
    const wanted = this.#edge.keepMs / 86_400_000
    if (lastsDays === undefined || lastsDays >= wanted) return { state: "running" } as const
    return {
      state: "degraded",
      because: `the budget of the edge's log lasts ${lastsDays.toFixed(1)} days, expected ${wanted}`,
      hint: "Raise `budget` of the edge in the plant's files, or lower `keep`.",
    } as const
  }
}
