import { join } from "node:path"
import { type Clock, type ClockJump, every } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Files } from "../../kernel/files.ts"
import { timedIds } from "../../kernel/ids.ts"
import type { Log } from "../../kernel/log.ts"
import type { Metrics } from "../../kernel/metrics.ts"
import type { Network } from "../../kernel/network.ts"
import type { Random } from "../../kernel/random.ts"
import { type SourceId, sourceId } from "../../model/block.ts"
import type { Write } from "../../model/command.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import type { CycleConfig, DeviceConfig } from "../../model/plant.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { TagId, Value } from "../../model/tag.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Registry, Store } from "../../store/store.ts"
import type { MessageBus } from "../bus.ts"
import type {
  Connector,
  Delivery,
  Device,
  DeviceHealth,
  FoundPoint,
  Host,
  Receipt,
  Received,
  Trust,
  Wanted,
} from "../connector.ts"
import type { KnownGap } from "../gap.ts"
import { Connection, type Legacy } from "./connection.ts"
import { type Entered, Entries, type Noted } from "./entries.ts"
import { GapBook } from "./gaps.ts"
import { fillGaps, type LateRows, type Silences } from "./late-fill.ts"
import { SetPoints } from "./set-points.ts"
import { type Tags, wantedOf } from "./wanted.ts"

export interface ConnectionsOptions {
  readonly devices: readonly DeviceConfig[]
  readonly cycles: readonly CycleConfig[]
  readonly tags: Tags
  readonly connectors: Readonly<Record<string, () => Promise<Connector>>>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly files: Files
  /** Each device gets a folder of its own beneath. */
  readonly folder: string
  readonly plantFolder: string
  readonly registry: Registry
  readonly trust: Trust
  readonly network: Network
  /** The broker in the house, where the plant has one. */
  readonly broker?: MessageBus
  readonly store: Pick<Store, "commit" | "list">
  readonly metrics: Metrics
  /** Resolves once rows, cycles and new texts of the registry are durable. May be called for several sources at once, for one in its order. */
  readonly deliver: (delivery: Delivery & { readonly device: string }) => Promise<void>
  /** Number of a source's last durable cycle, 0 where none is. */
  readonly lastSequence: (source: SourceId) => Promise<number>
  /** Number of a source's last durable row, -1 where none is. */
  readonly lastRow: (source: SourceId) => Promise<number>
  /** Source time of the newest usable sample of these tags. */
  readonly lastAt: (tags: readonly TagId[]) => Promise<Instant | undefined>
  readonly silences: Silences
  /** Tags that a device brings which something else than this connects, such as an edge. */
  readonly tagsElsewhere?: (device: string) => readonly TagId[] | undefined
}

interface Running {
  readonly connection: Connection
  readonly wanted: Wanted
  /** What it was made of; another signature means another connection. */
  readonly signature: string
  readonly stop: AbortController
  readonly done: Promise<void>
}

const rememberMs = 10_000

/** All devices of the plant, each in its own loop, and the way of the gate to their set points. */
export class Connections implements Component {
  readonly name = "connect"
  readonly #options: ConnectionsOptions
  readonly #gaps: GapBook
  readonly #log: Log
  readonly #running = new Map<string, Running>()
  readonly #listeners = new Set<(health: DeviceHealth) => void>()
  readonly #remembered = new Map<string, Instant>()
  #openGaps: readonly KnownGap[] = []
  #stop: AbortController | undefined
  #remembering: Promise<void> = Promise.resolve()
  readonly #setPoints: SetPoints
  readonly #entries: Entries

  constructor(options: ConnectionsOptions) {
    this.#options = options
    this.#gaps = new GapBook(options.store)
    this.#log = options.log.of("connect")
    const { clock, registry } = options
    this.#setPoints = new SetPoints({ find: (target) => this.#find(target), clock, registry })
    this.#entries = new Entries((target) => this.#find(target), options.store)
  }

  /** Resolves when every device has begun to connect; none is waited for. */
  async start(): Promise<void> {
    this.#stop = new AbortController()
    this.#openGaps = (await this.#gaps.list()).filter(({ to }) => to === undefined)
    for (const { device, seenAt } of await this.#memories()) this.#remembered.set(device, seenAt)
    const { clock, devices, cycles, trust } = this.#options
    const { signal } = this.#stop
    const forget = trust.onDecided((device) => this.#running.get(device)?.connection.wake())
    signal.addEventListener("abort", forget, { once: true })
    this.update(devices, cycles)
    const failed = (thrown: unknown) =>
      this.#log.warn("could not remember the last samples", { because: String(thrown) })
    const ms = rememberMs * (clock.speed ?? 1)
    this.#remembering = every(ms, () => this.#remember(), { clock, signal, failed })
  }

  async stop(): Promise<void> {
    this.#stop?.abort()
    await Promise.all([...this.#running.values()].map((running) => this.#end(running)))
    await this.#remembering
    await this.#remember().catch(() => {})
    this.#stop = undefined
  }

  health(): Health {
    if (!this.#stop) return { state: "stopped" }
    const silent = this.devices().filter(({ state }) => state !== "connected")
    if (silent.length === 0) return { state: "running" }
    const because = silent.map((d) => d.problem?.message ?? `${d.device} is ${d.state}`).join("; ")
    const hint = silent.find(({ problem }) => problem)?.problem?.hint ?? "Wait a moment."
    return { state: "degraded", because, hint }
  }

  /** How every device does now, in the order of the configuration. */
  devices(): readonly DeviceHealth[] {
    return [...this.#running.values()].map(({ connection }) => connection.health)
  }

  /** Everything that is missing in what the devices sent, as far as it is known. */
  gaps(): Promise<readonly KnownGap[]> {
    return this.#gaps.list()
  }

  /** Late rows came, as `record` says: gaps that they fell into are looked at again. Gives those that changed. */
  async late(late: LateRows, record: LedgerId): Promise<readonly KnownGap[]> {
    const { clock, silences } = this.#options
    const changed = await fillGaps(late, record, {
      ...{ book: this.#gaps, silences, now: () => clock.now() },
      tagsOf: (device) =>
        tagsOf(this.#running.get(device)?.wanted) ?? this.#options.tagsElsewhere?.(device),
    })
    for (const gap of changed) this.#running.get(gap.device)?.connection.gaps.retake(gap)
    return changed
  }

  /** The computer's clock was set: the time between was not lived through, or was twice. */
  async clockJumped({ from, to }: ClockJump): Promise<void> {
    const source = sourceId({ name: "clock", epoch: "computer" })
    const span = { from: Math.min(from, to), setByMs: to - from }
    const gap = { device: "clock", source, because: "clock-jump", ...span } as const
    await this.#gaps.record(gap, Math.max(from, to))
  }

  /** Calls back when a device's state or problem changes; gives the way to end it. */
  onHealth(listener: (health: DeviceHealth) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes a changed plant over: devices that did not change, in options, points or tags, go on undisturbed. */
  update(devices: readonly DeviceConfig[], cycles: readonly CycleConfig[]): void {
    if (!this.#stop) throw new Error("connections are updated after their start")
    const wanted = new Set(devices.map(({ name }) => name))
    for (const [name, running] of this.#running) {
      if (wanted.has(name)) continue
      this.#running.delete(name)
      void this.#end(running)
    }
    for (const config of devices) this.#updateOne(config, cycles)
  }

  canWrite(target: Path): boolean {
    return this.#setPoints.canWrite(target)
  }

  /** For the gate alone. Throws `write-failed` where nothing was changed; after anything else nobody knows. */
  write(write: Write, signal: AbortSignal): Promise<void> {
    return this.#setPoints.write(write, signal)
  }

  /** The present value, asked of the machine itself. */
  read(target: Path, signal: AbortSignal): Promise<Value> {
    return this.#setPoints.read(target, signal)
  }

  /** What people noted; entries of one device are stored all or none. Durable when it resolves. */
  enter(entries: readonly Noted[], by: string): Promise<Entered> {
    return this.#entries.enter(entries, by)
  }

  /** Hands a message that somebody sent to its device. Throws `not-found`, `connection-lost` and what the device throws. */
  async receive(name: string, message: Received): Promise<Receipt> {
    const running = this.#running.get(name)
    const { device } = running?.connection ?? {}
    if (running && !device)
      throw new Problem("connection-lost", name, "messages are not taken now, expected later")
    if (!device?.receive)
      throw new Problem("not-found", name, "no device of this name takes messages")
    return device.receive(message)
  }

  /** Whether any device has this credential for its sender. */
  knows(authorization: string | undefined): boolean {
    return this.#deviceOf(authorization) !== undefined
  }

  /** Hands a message to the device that has its credential. Throws `credentials-refused` where none has, and as `receive`. */
  async receiveKnown(message: Received): Promise<Receipt> {
    const device = this.#deviceOf(message.authorization)
    if (device?.receive) return device.receive(message)
    throw new Problem("credentials-refused", "message", "got a token that no device has")
  }

  /** Everything that a connected device offers. Throws `not-found` or `connection-lost`. */
  async *browse(name: string, signal: AbortSignal): AsyncIterable<FoundPoint> {
    const running = this.#running.get(name)
    if (!running) throw new Problem("not-found", name, "no such device")
    const { device } = running.connection
    if (!device?.browse)
      throw new Problem("connection-lost", name, "the device cannot be browsed now")
    yield* device.browse(signal)
  }

  #deviceOf(authorization: string | undefined): Device | undefined {
    for (const { connection } of this.#running.values())
      if (connection.known?.knows?.(authorization)) return connection.known
    return undefined
  }

  #updateOne(config: DeviceConfig, cycles: readonly CycleConfig[]): void {
    const { name } = config
    try {
      const wanted = wantedOf(config, cycles, this.#options.tags)
      const signature = JSON.stringify([config, wanted])
      const before = this.#running.get(name)
      if (before?.signature === signature) return
      const ended = before ? this.#end(before) : Promise.resolve()
      const legacy = () => before?.connection.legacy ?? this.#legacyOf(name)
      this.#running.set(name, this.#begin(config, { wanted, signature, ended, legacy }))
    } catch (thrown) {
      this.#log.error(problemOf(thrown, name).message)
    }
  }

  #begin(
    config: DeviceConfig,
    made: { wanted: Wanted; signature: string; ended: Promise<void>; legacy: () => Legacy },
  ): Running {
    const { name, connector, options } = config
    const { clock, random, metrics, deliver, connectors } = this.#options
    const { lastSequence, lastRow, lastAt } = this.#options
    const { wanted, signature, ended, legacy } = made
    const connection = new Connection({
      type: connector,
      options,
      connector: connectors[connector],
      host: this.#hostOf(name),
      wanted,
      epoch: timedIds(clock, random)(),
      gaps: this.#gaps,
      metrics,
      deliver,
      lastSequence,
      lastRow,
      lastAt,
      changed: (health) => {
        for (const listener of this.#listeners) listener(health)
      },
      before: legacy,
    })
    const stop = new AbortController()
    const done = ended.then(() => connection.run(stop.signal))
    return { connection, wanted, signature, stop, done }
  }

  /** What an earlier run of Moru left. */
  #legacyOf(name: string): Legacy {
    const gaps = this.#openGaps.filter(({ device }) => device === name)
    return { gaps, seenAt: this.#remembered.get(name) }
  }

  #hostOf(name: string): Host {
    const { clock, random, files, folder, plantFolder, registry, trust, network, broker } =
      this.#options
    return {
      name,
      clock,
      random: random.fork(name),
      log: this.#log.of(name),
      files,
      folder: join(folder, name),
      plantFolder,
      registry,
      trust,
      network,
      ...(broker && { broker }),
    }
  }

  async #end(running: Running): Promise<void> {
    running.stop.abort()
    await running.done
  }

  #find(target: Path) {
    for (const { connection, wanted } of this.#running.values()) {
      const point = wanted.points.find(({ tag }) => tag.path === target)
      if (point) return { connection, point }
    }
    return undefined
  }

  async #memories(): Promise<readonly Memory[]> {
    const all = await this.#options.store.list<Partial<Memory>>("memory")
    return all.filter((memory): memory is Memory => memory.is === "device-seen")
  }

  /** Keeps when each device was last heard, so that the next start knows how long nobody listened. */
  async #remember(): Promise<void> {
    const puts = []
    const now = this.#options.clock.now()
    for (const [device, { connection }] of this.#running) {
      await connection.gaps.tidy(now)
      const { seenAt } = connection.legacy
      if (seenAt === undefined || seenAt === this.#remembered.get(device)) continue
      this.#remembered.set(device, seenAt)
      const document: Memory = { is: "device-seen", device, seenAt }
      puts.push({ collection: "memory" as const, id: `connect/${device}`, document })
    }
    if (puts.length > 0) await this.#options.store.commit({ puts })
  }
}

interface Memory {
  readonly is: "device-seen"
  readonly device: string
  readonly seenAt: Instant
}

function tagsOf(wanted: Wanted | undefined): readonly TagId[] | undefined {
  const fields = wanted?.records.flatMap((record) => record.fields.map(({ point }) => point))
  return wanted && [...wanted.points, ...(fields ?? [])].map(({ id }) => id)
}
