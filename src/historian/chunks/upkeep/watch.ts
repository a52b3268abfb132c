import { join } from "node:path"
import { type Clock, every } from "../../../kernel/clock.ts"
import type { Component, Health } from "../../../kernel/component.ts"
import type { Disk } from "../../../kernel/disk.ts"
import type { Files } from "../../../kernel/files.ts"
import type { Log } from "../../../kernel/log.ts"
import type { Metrics } from "../../../kernel/metrics.ts"
import type { Instant } from "../../../model/instant.ts"
import type { RetentionRule, StorageConfig } from "../../../model/plant.ts"
import { Problem, problems } from "../../../model/problem.ts"
import type { Store } from "../../../store/store.ts"
import {
  type Storage,
  type StorageReport,
  type StorageState,
  sizeText,
  storageKinds,
} from "../../storage.ts"
import { Ballast } from "./ballast.ts"
import { Growth } from "./growth.ts"
import { type BytesByKind, ballastFile, historyFolder, measure } from "./measure.ts"

/** What may go, and what is there. */
export interface Retirement {
  /** Takes away what retention lets go by now, never more; 0 where nothing went. */
  retire(retention: readonly RetentionRule[], now: Instant, signal: AbortSignal): Promise<number>
  tiers(): Promise<StorageReport["tiers"] & { readonly oldestSample?: Instant }>
}

export interface StorageWatchOptions {
  /** The data folder. */
  readonly folder: string
  readonly config: StorageConfig
  readonly retirement: Retirement
  readonly disk: Disk
  readonly files: Files
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

const lookMs = 5000
const retireMs = 3_600_000
const nearShare = 0.9
/** Below the budget by so much there is room again, so that the state does not flicker. */
const roomShare = 0.98
const mostBallast = 64 * 1024 ** 2
const ballastShare = 0.02

interface Look {
  readonly kinds: BytesByKind
  readonly used: number
  readonly budget: number
  readonly free: number
  readonly ballast: number
}

/**
 * Measures the data folder and its disk. Near the budget it lets retention work; at the budget it refuses samples, so
 * that their senders keep them, and takes them again by itself once there is room. It deletes nothing that retention
 * does not let go.
 */
export class StorageWatch implements Storage, Component {
  readonly name = "storage"
  readonly #options: StorageWatchOptions
  readonly #stopping = new AbortController()
  readonly #growth = new Growth()
  readonly #ballast: Ballast
  #config: StorageConfig
  #loop: Promise<void> | undefined
  #look: Look | undefined
  #state: StorageState = "good"
  #retiredAt = Number.NEGATIVE_INFINITY
  #running = false
  #working: Promise<void> | undefined
  #retiring: Promise<void> | undefined

  constructor(options: StorageWatchOptions) {
    this.#options = options
    this.#config = options.config
    this.#ballast = new Ballast(options.disk, join(options.folder, historyFolder, ballastFile))
  }

  async start(): Promise<void> {
    const { clock, log, disk, folder } = this.#options
    disk.makeFolder(join(folder, historyFolder))
    await this.look()
    this.#running = true
    this.#loop = every(lookMs * (clock.speed ?? 1), () => this.look(), {
      clock,
      signal: this.#stopping.signal,
      failed: (thrown) => log.error("the data folder was not measured", { thrown }),
    })
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#stopping.abort(new Error("stopped"))
    await this.#loop
    await this.#working?.catch(() => {})
    await this.#retiring
  }

  health(): Health {
    if (this.#state === "full")
      return { state: "degraded", because: this.#says(), hint: problems["storage-full"].hint }
    return { state: this.#running ? "running" : "stopped" }
  }

  update(config: StorageConfig): void {
    this.#config = config
    this.#retiredAt = Number.NEGATIVE_INFINITY
  }

  admit(): void {
    if (this.#state !== "full") return
    this.#options.metrics.count("moru_storage_refused_total")
    throw new Problem("storage-full", "storage", this.#says())
  }

  /** Does what takes room, where there is some. Throws `storage-full`, and what the work throws. */
  async keep(work: () => Promise<void>): Promise<void> {
    this.admit()
    try {
      await work()
    } catch (thrown) {
      // Who tries again is then told by the state, and that is told to people.
      if (thrown instanceof Problem && thrown.code === "storage-full") await this.look()
      throw thrown
    }
  }

  async report(): Promise<StorageReport> {
    const { kinds, used, budget, free } = this.#look ?? (await this.#measure())
    const { oldestSample, ...tiers } = await this.#options.retirement.tiers()
    const at = this.#options.clock.monotonic()
    const room = Math.min(budget - used, free)
    const daysUntilFull = this.#growth.daysFor(room, { at, bytes: used })
    return {
      ...{
        state: this.#state,
        usedBytes: used,
        budgetBytes: budget,
        freeBytes: free,
        kinds,
        tiers,
      },
      ...(oldestSample !== undefined && { oldestSample }),
      ...(daysUntilFull !== undefined && { daysUntilFull }),
    }
  }

  /** Looks now, not only at the next turn: for whoever met a full disk. */
  look(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
    return this.#working
  }

  async #work(): Promise<void> {
    const look = await this.#measure()
    this.#look = look
    this.#growth.add(this.#options.clock.monotonic(), look.used)
    const before = this.#state
    await this.#turn(stateOf(look, before), look)
    this.#tell(look)
    if (this.#state !== "good" && before === "good") this.#retiredAt = Number.NEGATIVE_INFINITY
    this.#retireWhenDue()
  }

  async #measure(): Promise<Look> {
    const { folder, files, disk } = this.#options
    const kinds = await measure(folder, files)
    const used = storageKinds.reduce((sum, kind) => sum + kinds[kind], 0)
    const ballast = (await files.look(join(folder, historyFolder, ballastFile)))?.bytes ?? 0
    const free = disk.freeBytes(folder)
    const { budget } = this.#config
    const bytes = "bytes" in budget ? budget.bytes : budget.share * (used + free + ballast)
    return { kinds, used, budget: bytes, free, ballast }
  }

  /** Once an hour, and at once when room runs short; looks go on meanwhile. */
  #retireWhenDue(): void {
    const { clock } = this.#options
    const now = clock.monotonic()
    if (this.#retiring || now - this.#retiredAt < retireMs) return
    this.#retiredAt = now
    this.#retiring = this.#retire().finally(() => {
      this.#retiring = undefined
    })
  }

  async #retire(): Promise<void> {
    const { retirement, clock, log } = this.#options
    const { signal } = this.#stopping
    try {
      const gone = await retirement.retire(this.#config.retention, clock.now(), signal)
      if (gone > 0 && !signal.aborted) await this.look()
    } catch (thrown) {
      if (!signal.aborted) log.error("retention did not work", { thrown })
    }
  }

  async #turn(state: StorageState, look: Look): Promise<void> {
    const before = this.#state
    this.#state = state
    if (state === "full") this.#ballast.release()
    else if (look.ballast === 0 && before !== "full") await this.#hold(look)
    if ((state === "full") === (before === "full")) return
    const { log } = this.#options
    if (state === "full") log.error("storage is full: samples are refused", { says: this.#says() })
    else log.info("there is room again: samples are taken")
    await this.#record(state === "full" ? "storage.full" : "storage.recovered", look)
  }

  async #hold(look: Look): Promise<void> {
    try {
      await this.#ballast.hold(ballastOf(look))
    } catch (thrown) {
      this.#options.log.warn("no room could be set aside", { thrown: String(thrown) })
    }
  }

  async #record(kind: "storage.full" | "storage.recovered", look: Look): Promise<void> {
    const { used, budget, free } = look
    const body = { usedBytes: used, budgetBytes: Math.round(budget), freeBytes: free }
    const record = { kind, subject: "plant", by: "part:storage", causes: [], body }
    await this.#options.store
      .commit({ records: [record] })
      .catch((thrown) => this.#options.log.error("not recorded", { kind, thrown }))
  }

  #tell({ used, budget, free }: Look): void {
    const { metrics } = this.#options
    metrics.gauge("moru_storage_used_bytes", {}, used)
    metrics.gauge("moru_storage_budget_bytes", {}, budget)
    metrics.gauge("moru_storage_free_bytes", {}, free)
    metrics.gauge("moru_storage_full", {}, this.#state === "full" ? 1 : 0)
  }

  #says(): string {
    const { used = 0, budget = 0, free = 0 } = this.#look ?? {}
    return `is full, got ${sizeText(used)} of ${sizeText(budget)} used and ${sizeText(free)} free on the disk, expected room`
  }
}

function ballastOf({ budget }: Look): number {
  return Math.min(mostBallast, Math.floor(budget * ballastShare))
}

function stateOf(look: Look, before: StorageState): StorageState {
  const { used, budget, free, ballast } = look
  const reserve = ballastOf(look)
  // What is set aside may be given up, so it counts as room that is still there.
  const room = free + ballast
  if (used >= budget || room < reserve * 1.5) return "full"
  if (before === "full" && (used > budget * roomShare || room < reserve * 3)) return "full"
  return used >= budget * nearShare || room < reserve * 4 ? "near" : "good"
}
