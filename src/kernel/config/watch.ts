import { createHash } from "node:crypto"
import { basename } from "node:path"
import type { Plant } from "../../model/plant.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { Clock } from "../clock.ts"
import type { Component, Health } from "../component.ts"
import type {
  ConfigRecord,
  LoadedPlant,
  LoadRequest,
  PlantHost,
  PlantMemory,
  SourceFile,
  WaitingChange,
} from "../config.ts"
import type { Log } from "../log.ts"
import { comparePlants, holdWaiting, type PlantChange } from "../plant-change.ts"
import { diffFiles } from "./diff.ts"
import { loadPlant } from "./load.ts"
import { loadRemembered, withoutWriting } from "./remembered.ts"

const settleMs = 300
const by = "kernel:config"

export interface PlantWatchOptions {
  readonly request: LoadRequest
  readonly host: PlantHost
  readonly clock: Clock
  /** The computer's time, in which editors save; plant time, where that is the same. */
  readonly wall?: Clock
  readonly log: Log
}

/** A plant that was read without problems, with its files. */
export interface WantedPlant {
  readonly plant: Plant
  readonly sources: readonly SourceFile[]
}

/**
 * Takes changes of the plant's files over while Moru runs: what is safe at once, what bears on safety after an
 * engineer's confirmation, what needs a restart not at all. `open` comes before `start`.
 */
export class PlantWatch implements Component {
  readonly name = "kernel:config"
  readonly #options: PlantWatchOptions
  readonly #stopped = new AbortController()
  #running: Plant | undefined
  #memory: PlantMemory = { confirmed: [], seen: [] }
  #health: Health = { state: "stopped" }
  #wake: () => void = () => {}
  #changed = false
  #following: Promise<void> = Promise.resolve()
  /** Reloads and confirmations go one after another. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: PlantWatchOptions) {
    this.#options = options
  }

  /** Gives the plant to start with: as the files say, but what bears on safety as it was last confirmed. */
  open(wanted: WantedPlant): Promise<Plant> {
    return this.#inTurn(async () => {
      const memory = await this.#options.host.recall()
      this.#memory = memory ?? { confirmed: wanted.sources, seen: [] }
      return this.#take(wanted)
    })
  }

  async start(signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.#stopped.signal])
    const { files, folder, typeFolder } = this.#options.request
    const changed = (file: string | undefined) => {
      if (file !== undefined && !this.#bearsOn(file)) return
      this.#changed = true
      this.#wake()
    }
    files.watch(folder, changed, until)
    files.watch(typeFolder, changed, until)
    if (this.#health.state === "stopped") this.#health = { state: "running" }
    this.#following = this.#follow(until)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#wake()
    await this.#following
    await this.#last
    this.#health = { state: "stopped" }
  }

  health(): Health {
    return this.#health
  }

  /** Changes that wait for an engineer; at most one, since files change as a whole. */
  pending(): readonly WaitingChange[] {
    const { waiting } = this.#memory
    return waiting && !waiting.rejected ? [waiting] : []
  }

  /** Puts a waiting change in force. Throws `not-found` where the files have changed since it was shown. */
  confirm(id: string, person: string): Promise<void> {
    return this.#inTurn(async () => {
      const waiting = await this.#waiting(id)
      const { plant, sources } = await this.#load()
      // Files that were refused, or saved in this moment, are not what the person has seen.
      if (!plant || digest(sources) !== digest(this.#memory.seen)) throw gone(id)
      await this.#apply(plant)
      const { changes, diff } = waiting
      await this.#save([this.#answer("config.confirmed", person, { waiting: id, changes, diff })], {
        seen: sources,
        confirmed: sources,
      })
    })
  }

  /** Leaves what is in force as it is; the files keep what nobody wants until somebody changes them. */
  reject(id: string, person: string, reason: string): Promise<void> {
    return this.#inTurn(async () => {
      const waiting = await this.#waiting(id)
      const body = { waiting: id, changes: waiting.changes, reason }
      await this.#save([this.#answer("config.refused", person, body)], {
        ...this.#memory,
        waiting: { ...waiting, rejected: true },
      })
    })
  }

  /** Reads the files now, without waiting for the system to report a change. */
  reload(): Promise<void> {
    return this.#inTurn(() => this.#reload())
  }

  async #follow(until: AbortSignal): Promise<void> {
    const { clock, wall = clock, log } = this.#options
    while (!until.aborted) {
      const woken = new Promise<void>((wake) => {
        this.#wake = wake
      })
      if (!this.#changed) await woken
      if (until.aborted) return
      try {
        while (this.#changed) {
          this.#changed = false
          await wall.sleep(settleMs, until)
        }
        await this.reload()
      } catch (thrown) {
        if (!until.aborted) log.error("the plant's files could not be taken over", { thrown })
      }
    }
  }

  /** A file of the plant, or one that it names, such as a secret. */
  #bearsOn(file: string): boolean {
    const name = basename(file)
    return /\.ya?ml$/.test(name) || this.#memory.seen.some(({ text }) => text.includes(name))
  }

  #load(): Promise<LoadedPlant> {
    return loadPlant(this.#options.request)
  }

  async #reload(): Promise<void> {
    const { plant, problems, sources } = await this.#load()
    if (plant) await this.#take({ plant, sources })
    else await this.#refuse(problems, { sources })
  }

  /** Takes over what may be taken over, holds what waits; gives the plant that then runs. */
  async #take(wanted: WantedPlant): Promise<Plant> {
    const before = this.#running
    const changes = before ? comparePlants(before, wanted.plant) : []
    const refused = changes.filter((change) => change.class === "refused")
    if (before && refused.length > 0) {
      await this.#refuse(refused.map(needsRestart), { ...wanted, changes: refused })
      return before
    }
    const confirmed = await this.#confirmed(wanted.plant)
    const waits = comparePlants(confirmed, wanted.plant).filter(({ class: c }) => c === "waits")
    const held = holdWaiting(confirmed, wanted.plant)
    const applied = before ? comparePlants(before, held) : []
    try {
      await this.#apply(held)
    } catch (thrown) {
      await this.#refuse([problemOf(thrown, "plant")], { ...wanted, changes: applied })
      return before ?? held
    }
    await this.#remember(wanted, { applied, waits })
    return held
  }

  async #confirmed(wanted: Plant): Promise<Plant> {
    const confirmed = await loadRemembered(this.#options.request, this.#memory.confirmed)
    if (confirmed) return confirmed
    this.#options.log.warn("what was confirmed can't be read any more: all writing waits")
    return withoutWriting(wanted)
  }

  async #apply(plant: Plant): Promise<void> {
    const changes = this.#running ? comparePlants(this.#running, plant) : []
    if (changes.length > 0) await this.#options.host.apply(plant, changes)
    this.#running = plant
    this.#health = { state: "running" }
  }

  async #remember(
    { sources }: WantedPlant,
    { applied, waits }: { applied: readonly PlantChange[]; waits: readonly PlantChange[] },
  ): Promise<void> {
    const { confirmed, seen, waiting: old } = this.#memory
    const waiting = waits.length === 0 ? undefined : this.#waitingFor(waits, sources)
    const isNew = waiting !== undefined && waiting !== old
    const diff = diffFiles(seen, sources)
    const records: ConfigRecord[] = []
    if (applied.length > 0 || (diff !== "" && !isNew))
      records.push({ kind: "config.changed", by, causes: [], body: { changes: applied, diff } })
    if (isNew) {
      const body = { waiting: waiting.id, changes: waits, diff: waiting.diff }
      records.push({ kind: "config.waiting", by, causes: [], body })
    }
    if (records.length === 0 && waiting === old) return
    const { record } = this.#memory
    await this.#save(
      records,
      waiting
        ? { seen: sources, confirmed, waiting, ...(record && { record }) }
        : { seen: sources, confirmed: sources },
    )
  }

  #waitingFor(
    changes: readonly PlantChange[],
    sources: readonly SourceFile[],
  ): NonNullable<PlantMemory["waiting"]> {
    const { confirmed, waiting } = this.#memory
    const id = digest([changes, sources])
    if (waiting?.id === id) return waiting
    const diff = diffFiles(confirmed, sources)
    return { id, at: this.#options.clock.now(), changes, diff, rejected: false }
  }

  /** What runs goes on; one mistake is recorded once. */
  async #refuse(
    problems: readonly Problem[],
    of: { sources: readonly SourceFile[]; changes?: readonly PlantChange[] },
  ): Promise<void> {
    const [first] = problems
    if (first) this.#health = { state: "degraded", because: first.message, hint: first.hint }
    const said = problems.map(({ code, where, what }) => ({ code, where, what }))
    const refused = digest([said, of.sources])
    if (this.#memory.refused === refused) return
    const changes = of.changes && { changes: of.changes }
    await this.#save(
      [{ kind: "config.refused", by, causes: [], body: { problems: said, ...changes } }],
      { ...this.#memory, refused },
    )
  }

  /** What a person said to the waiting change, which is the record's cause. */
  #answer(kind: ConfigRecord["kind"], person: string, body: ConfigRecord["body"]): ConfigRecord {
    const { record } = this.#memory
    return { kind, by: person, causes: record ? [record] : [], body }
  }

  async #save(records: readonly ConfigRecord[], memory: PlantMemory): Promise<void> {
    const ids = await this.#options.host.record(records, memory)
    const record = ids[records.findIndex(({ kind }) => kind === "config.waiting")]
    this.#memory = record ? { ...memory, record } : memory
  }

  /** The waiting change, if the files still are as they were when it was shown. */
  async #waiting(id: string): Promise<NonNullable<PlantMemory["waiting"]>> {
    await this.#reload()
    const { waiting } = this.#memory
    if (!waiting || waiting.id !== id || waiting.rejected) throw gone(id)
    return waiting
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

function gone(id: string): Problem {
  return new Problem(
    "not-found",
    `change ${id}`,
    "got a change that waits no longer, expected the present one",
  )
}

function needsRestart({ subject, what }: PlantChange): Problem {
  return new Problem(
    "config-unsafe-change",
    subject,
    `${what}, expected no such change while Moru runs`,
  )
}

function digest(of: unknown): string {
  return createHash("sha256").update(JSON.stringify(of)).digest("hex").slice(0, 16)
}
