import type { Metrics } from "../../kernel/metrics.ts"
import { backOffMs, deviceBackOff } from "../../kernel/retry.ts"
import type { Block, SourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { Connector, Delivery, Device, DeviceHealth, Host, Wanted } from "../connector.ts"
import { parseOptions } from "../options.ts"
import { aborted, within } from "../waiting.ts"
import type { GapBook, KnownGap } from "./gaps.ts"
import { Presence } from "./presence.ts"

export interface Legacy {
  /** A gap that is still open. */
  readonly gap?: KnownGap | undefined
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
  #before: Legacy = {}
  #gap: KnownGap | undefined
  #waking: AbortController | undefined

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#since = parts.host.clock.now()
    const { host, epoch, wanted } = parts
    const { points } = wanted
    this.#presence = new Presence({ device: host.name, epoch, points, since: this.#since })
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
    return { gap: this.#gap, seenAt: this.#presence.lastAt ?? this.#before.seenAt }
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

  /** Runs until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    this.#before = this.#parts.before()
    this.#gap = this.#before.gap
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
    await this.#openGapOfRestart()
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
    const { host, deliver, gaps } = this.#parts
    const { block } = delivery
    await deliver({ ...delivery, device: host.name })
    this.#attempt = 0
    this.#count(delivery)
    if (this.#presence.isLive(block)) await this.#sawLive(block)
    for (const gap of delivery.gaps ?? []) {
      this.#parts.metrics.count("moru_device_gaps_total", {
        device: host.name,
        because: gap.because,
      })
      await gaps.record(host.name, gap)
    }
  }

  async #sawLive(block: Block): Promise<void> {
    const { host, deliver, gaps } = this.#parts
    const confirmed = this.#presence.see(block, host.clock.now())
    if (confirmed) await deliver({ block: confirmed, device: host.name })
    const gap = this.#gap
    if (!gap) return
    this.#gap = undefined
    await gaps.close(gap, firstAfter(gap.from, block))
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
    if (wasConnected) await this.#openGap("connection-lost", this.#presence.lastAt)
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

  async #openGapOfRestart(): Promise<void> {
    if (this.#connects === 1) await this.#openGap("restart", this.#before.seenAt)
  }

  async #openGap(because: KnownGap["because"], from: Instant | undefined): Promise<void> {
    const { gaps, host, wanted } = this.#parts
    if (this.#gap || from === undefined || wanted.points.length === 0) return
    const gap = { device: host.name, source: this.#presence.source, because, from }
    this.#parts.metrics.count("moru_device_gaps_total", { device: host.name, because })
    this.#gap = await gaps.open(gap).catch((thrown) => {
      host.log.error("could not record a gap", { because: String(thrown) })
      return undefined
    })
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#parts.host
    const isForPerson = this.#problem && needsPerson(this.#problem)
    const ms = isForPerson ? waitForPersonMs : backOffMs(++this.#attempt, deviceBackOff, random)
    this.#waking = new AbortController()
    const either = AbortSignal.any([signal, this.#waking.signal])
    await clock.sleep(ms * (clock.speed ?? 1), either).catch(() => {})
  }

  #count({ block, cycles, refused }: Delivery): void {
    const { metrics, host, changed } = this.#parts
    const labels = { device: host.name }
    let implausible = 0
    for (const q of block.quality) if (q === quality.uncertainTime) implausible++
    this.#samples += block.length
    this.#cycles += cycles?.length ?? 0
    this.#refused += refused?.length ?? 0
    metrics.count("moru_device_samples_total", labels, block.length)
    metrics.count("moru_device_cycles_total", labels, cycles?.length ?? 0)
    metrics.count("moru_device_refused_total", labels, refused?.length ?? 0)
    metrics.count("moru_device_times_implausible_total", labels, implausible)
    const lasting = refused?.find(({ code }) => block.length === 0 || code === "point-unknown")
    if (lasting && lasting.message !== this.#problem?.message) {
      this.#problem = lasting
      changed(this.health)
    }
    for (const problem of refused?.slice(0, 3) ?? []) host.log.debug(problem.message)
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
