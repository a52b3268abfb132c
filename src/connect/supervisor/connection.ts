import type { Metrics } from "../../kernel/metrics.ts"
import { backOffMs, deviceBackOff } from "../../kernel/retry.ts"
import type { Block, SourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { TagId } from "../../model/tag.ts"
import type { Connector, Delivery, Device, DeviceHealth, Host, Wanted } from "../connector.ts"
import type { KnownGap, Span } from "../gap.ts"
import { parseOptions } from "../options.ts"
import { aborted, within } from "../waiting.ts"
import { DeviceGaps } from "./device-gaps.ts"
import type { GapBook } from "./gaps.ts"
import { Presence } from "./presence.ts"

export interface Legacy {
  /** Gaps that are still open. */
  readonly gaps: readonly KnownGap[]
  /** Source time of the newest live sample. */
  readonly seenAt?: Instant | undefined
}

/** What one device is and whom it serves. */
export interface ConnectionParts {
  readonly type: string
  readonly options: unknown
  readonly connector: (() => Promise<Connector>) | undefined
  readonly host: Host
  readonly wanted: Wanted
  readonly epoch: string
  readonly gaps: GapBook
  readonly metrics: Metrics
  readonly deliver: (delivery: Delivery & { readonly device: string }) => Promise<void>
  readonly lastSequence: (source: SourceId) => Promise<number>
  readonly lastRow: (source: SourceId) => Promise<number>
  /** Source time of the newest usable sample of these tags. */
  readonly lastAt: (tags: readonly TagId[]) => Promise<Instant | undefined>
  readonly changed: (health: DeviceHealth) => void
  /** Asked once, at the beginning: what an earlier connection or run of Moru left. */
  readonly before: () => Legacy
}

/** Longest that any connector may take to connect; most give up sooner by their own option. */
const longestConnectMs = 120_000
/** A machine that comes up beside Moru is no news: the log has it after so many tries, some five seconds; the screens have it at once. */
const triesUntilTold = 4
/** A problem that only a person can solve is tried again so often, in case one did. */
const waitForPersonMs = 60_000

/** One device in its own loop: connect, follow, on a loss say so, wait, again. It never stops another. */
export class Connection {
  readonly #parts: ConnectionParts
  readonly #presence: Presence
  readonly #gaps: DeviceGaps
  #device: Device | undefined
  #state: DeviceHealth["state"] = "waiting"
  #since: Instant
  #problem: Problem | undefined
  /** The problem that the log has. */
  #told: string | undefined
  #samples = 0
  #cycles = 0
  #refused = 0
  #connects = 0
  #attempt = 0
  #before: Legacy = { gaps: [] }
  #signal: AbortSignal = AbortSignal.abort()
  #waking: AbortController | undefined

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#since = parts.host.clock.now()
    const { host, epoch, wanted } = parts
    const { points } = wanted
    this.#presence = new Presence({ device: host.name, epoch, points, since: this.#since })
    this.#gaps = new DeviceGaps({
      ...{ device: host.name, source: this.#presence.source, equipment: equipmentOf(wanted) },
      ...{ book: parts.gaps, metrics: parts.metrics, log: host.log },
    })
  }

  get device(): Device | undefined {
    return this.#state === "connected" ? this.#device : undefined
  }

  /** Connected or not, once it was made. */
  get known(): Device | undefined {
    return this.#device
  }

  /** What the next connection of this device has to know. */
  get legacy(): Legacy {
    return { gaps: this.#gaps.open, seenAt: this.#presence.lastAt ?? this.#before.seenAt }
  }

  get health(): DeviceHealth {
    const problem = this.#problem
    const lastSampleAt = this.#presence.lastAt
    return {
      device: this.#parts.host.name,
      connector: this.#parts.type,
      state: this.#state,
      since: this.#since,
      samples: this.#samples,
      cycles: this.#cycles,
      refused: this.#refused,
      reconnects: Math.max(0, this.#connects - 1),
      writable: this.#device?.write !== undefined,
      ...(problem && {
        problem: { code: problem.code, message: problem.message, hint: problem.hint },
      }),
      ...(lastSampleAt !== undefined && { lastSampleAt }),
    }
  }

  /** Ends a wait for the next try, for instance because an engineer has just trusted the certificate. */
  wake(): void {
    this.#waking?.abort()
  }

  get gaps(): Pick<DeviceGaps, "tidy" | "retake"> {
    return this.#gaps
  }

  /** Runs until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    this.#before = this.#parts.before()
    this.#gaps.inherit(this.#before.gaps)
    await this.#openGapOfRestart()
    while (!signal.aborted) {
      try {
        await this.#once(signal)
      } catch (thrown) {
        if (!signal.aborted) await this.#failed(problemOf(thrown, this.#parts.host.name))
      }
      await this.#device?.close().catch(() => {})
      if (!signal.aborted) await this.#pause(signal)
    }
    await this.#sayLost()
    await this.#gaps.stop()
    this.#become("stopped")
  }

  async #once(signal: AbortSignal): Promise<void> {
    this.#become("connecting")
    const device = await this.#make()
    const { host, wanted } = this.#parts
    const late = () => new Problem("connection-timeout", host.name, "got no connection")
    const { clock } = host
    await within(longestConnectMs, (s) => device.connect(s), { clock, signal, late })
    this.#problem = undefined
    this.#told = undefined
    this.#connects++
    this.#become("connected")
    host.log.info(`${host.name} is connected`)
    if (!device.follow) return aborted(signal)
    await device.follow(wanted, this.#take, this.#resumeFrom, signal)
    if (!signal.aborted) throw new Problem("connection-lost", host.name, "the machine fell silent")
  }

  async #make(): Promise<Device> {
    if (this.#device) return this.#device
    const { connector, host, options, type } = this.#parts
    if (!connector)
      throw new Problem("option-invalid", host.name, `got connector "${type}", which is unknown`)
    const made = await connector()
    this.#device = made.create(parseOptions(made, options, host.name), host)
    return this.#device
  }

  readonly #take = async (delivery: Delivery): Promise<void> => {
    const { block } = delivery
    const isLive = this.#presence.isLive(block)
    if (!(await this.#store(delivery, isLive))) return
    this.#attempt = 0
    this.#count(delivery)
    if (isLive) await this.#sawLive(block)
    for (const gap of delivery.gaps ?? []) await this.#gaps.record(gap)
    await this.#countRefused(delivery)
  }

  /**
   * False where there is no room and nobody keeps the rows: then they are a gap. A buffer waits until there is room; what
   * a sender keeps is thrown back to it.
   */
  async #store(delivery: Delivery, isLive: boolean): Promise<boolean> {
    const { host, deliver } = this.#parts
    for (let attempt = 1; ; attempt++)
      try {
        await deliver({ ...delivery, device: host.name })
        if (isLive) await this.#hasRoom(delivery.block)
        return true
      } catch (thrown) {
        const problem = problemOf(thrown, host.name)
        if (problem.code !== "storage-full" || delivery.kept) throw thrown
        this.#tell(problem)
        if (isLive) {
          await this.#gaps.lose("storage-full", spanOf(delivery.block), delivery.block.length)
          return false
        }
        const ms = backOffMs(attempt, deviceBackOff, host.random)
        await host.clock.sleep(ms * (host.clock.speed ?? 1), this.#signal)
      }
  }

  async #hasRoom(block: Block): Promise<void> {
    if (this.#problem?.code === "storage-full") this.#tell(undefined)
    if (this.#gaps.lacksRoom) await this.#gaps.room(spanOf(block).from)
  }

  async #sawLive(block: Block): Promise<void> {
    const { host, deliver } = this.#parts
    const confirmed = this.#presence.see(block, host.clock.now())
    if (confirmed) await deliver({ block: confirmed, device: host.name })
    const { line } = this.#gaps
    if (line) await this.#gaps.closeLine(firstAfter(line.from, block))
  }

  /** What was sent and could not be taken over is missing; a point that the device has not is no loss. */
  async #countRefused({ block, refused }: Delivery): Promise<void> {
    const now = this.#parts.host.clock.now()
    const size = refused?.filter(({ code }) => code !== "point-unknown").length ?? 0
    if (size === 0) return this.#gaps.tidy(now)
    const span = block.length > 0 ? spanOf(block) : { from: now, to: now }
    await this.#gaps.lose("refused", span, size)
  }

  readonly #resumeFrom = async (source: SourceId): Promise<number> => {
    const { host, wanted, lastSequence, lastRow } = this.#parts
    const isBuffer = wanted.records.some(({ name }) =>
      ["@", "/"].some((end) => source.startsWith(`${host.name}/${name}${end}`)),
    )
    if (isBuffer) return lastSequence(source)
    return Math.floor(((await lastRow(source)) + 1) / Math.max(1, wanted.points.length))
  }

  async #failed(problem: Problem): Promise<void> {
    const { host } = this.#parts
    const wasConnected = this.#state === "connected"
    const isStillStarting = !wasConnected && problem.retry && this.#attempt < triesUntilTold
    if (!isStillStarting && problem.message !== this.#told) {
      this.#told = problem.message
      host.log.warn(`${problem.message}. ${problem.hint}`, { code: problem.code })
    }
    this.#problem = problem
    this.#become(needsPerson(problem) ? "waiting" : "lost")
    await this.#sayLost()
    const from = this.#presence.lastAt
    const because = problem.code === "storage-full" ? "storage-full" : "connection-lost"
    if (wasConnected && from !== undefined) await this.#gaps.openLine(because, from)
  }

  /** The screens shall not show a value as if it were still measured. */
  async #sayLost(): Promise<void> {
    const { host, deliver } = this.#parts
    const block = this.#presence.lose(host.clock.now())
    if (!block) return
    await deliver({ block, device: host.name }).catch((thrown) =>
      host.log.warn("could not mark the values as not connected", { because: String(thrown) }),
    )
  }

  /** Since the last live sample nobody listened: it is stored, or was remembered when Moru stopped. */
  async #openGapOfRestart(): Promise<void> {
    const { wanted, lastAt } = this.#parts
    const { seenAt } = this.#before
    if (seenAt === undefined || wanted.points.length === 0) return
    const storedAt = await lastAt(wanted.points.map(({ id }) => id)).catch(() => undefined)
    await this.#gaps.openLine("restart", Math.max(seenAt, storedAt ?? seenAt))
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#parts.host
    const isForPerson = this.#problem && needsPerson(this.#problem)
    const ms = isForPerson ? waitForPersonMs : backOffMs(++this.#attempt, deviceBackOff, random)
    this.#waking = new AbortController()
    const either = AbortSignal.any([signal, this.#waking.signal])
    await clock.sleep(ms * (clock.speed ?? 1), either).catch(() => {})
  }

  #count({ block, cycles, refused, unlisted = 0, unmapped = 0 }: Delivery): void {
    const { metrics, host } = this.#parts
    const labels = { device: host.name }
    let implausible = 0
    for (let row = 0; row < block.length; row++)
      if (block.quality[row] === quality.uncertainTime) implausible++
    this.#samples += block.length
    this.#cycles += cycles?.length ?? 0
    const refusals = (refused?.length ?? 0) + unlisted
    this.#refused += refusals
    metrics.count("moru_device_samples_total", labels, block.length)
    metrics.count("moru_device_cycles_total", labels, cycles?.length ?? 0)
    metrics.count("moru_device_refused_total", labels, refusals)
    if (unmapped > 0) metrics.count("moru_device_unmapped_total", labels, unmapped)
    metrics.count("moru_device_times_implausible_total", labels, implausible)
    const lasting = refused?.find(({ code }) => block.length === 0 || code === "point-unknown")
    if (lasting) this.#tell(lasting)
    for (const problem of refused?.slice(0, 3) ?? []) host.log.debug(problem.message)
  }

  #tell(problem: Problem | undefined): void {
    if (problem?.message === this.#problem?.message) return
    this.#problem = problem
    this.#parts.changed(this.health)
  }

  #become(state: DeviceHealth["state"]): void {
    if (state === this.#state) return
    const { host, metrics, changed } = this.#parts
    this.#state = state
    this.#since = host.clock.now()
    const labels = { device: host.name }
    metrics.gauge("moru_device_connected", labels, state === "connected" ? 1 : 0)
    if (state === "connected") metrics.count("moru_device_connects_total", labels)
    changed(this.health)
  }
}

function needsPerson(problem: Problem): boolean {
  return !problem.retry || problem.code === "certificate-untrusted"
}

function firstAfter(from: Instant, block: Block): Instant {
  let first = Number.POSITIVE_INFINITY
  for (const at of block.at) if (at >= from && at < first) first = at
  return Number.isFinite(first) ? first : block.received
}

function spanOf({ at, length, received }: Block): Span {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let row = 0; row < length; row++) {
    const time = at[row] ?? received
    if (time < from) from = time
    if (time > to) to = time
  }
  return { from, to }
}

/** Of all points and records, each once. */
function equipmentOf({ points, records }: Wanted): readonly Path[] {
  const all = points.map(({ tag }) => tag.equipment)
  return [...new Set([...all, ...records.map(({ cycle }) => cycle.equipment)])]
}
