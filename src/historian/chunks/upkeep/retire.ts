import { Rollup } from "../../../codec/rollup.ts"
import { nextTurn } from "../../../kernel/turn.ts"
import type { Instant } from "../../../model/instant.ts"
import type { RetentionRule } from "../../../model/plant.ts"
import { Problem } from "../../../model/problem.ts"
import type { TagId } from "../../../model/tag.ts"
import type { Interval } from "../../forget.ts"
import type { Range } from "../../historian.ts"
import { weekAfter } from "../partition/week.ts"
import { between, type KnownTag, rulesOf, type Tier, tierAt, wholeHours } from "./plan.ts"
import { coarser, hourMs, joinLate, minuteMs, SpanFold } from "./roll.ts"
import { Rolling } from "./rolling.ts"
import type { RollupFile } from "./rollup-file.ts"
import type { Rollups } from "./rollups.ts"
import type { FoldsSamples } from "./tiered.ts"

/** What retention works on. */
export interface Shelves extends FoldsSamples {
  readonly rollups: Rollups
  /** Where the partitions with samples begin, ascending. */
  partitions(): readonly Instant[]
  tagsIn(start: Instant): readonly TagId[]
  /** The first time of a sample in a partition. */
  oldestIn(start: Instant): Instant | undefined
  /** Brings all samples into chunks, where they can be taken away. */
  seal(): Promise<void>
  /** Takes the samples of these tags before then away, but those to keep; deletes files that hold nothing more. */
  forgetTags(tags: readonly TagId[], before: Instant, keep: readonly Range[]): Promise<void>
}

export interface Retiring {
  readonly retention: readonly RetentionRule[]
  readonly now: Instant
  /** What the registry knows of a tag; undefined where nothing: then it is kept. */
  readonly tag: (id: TagId) => KnownTag | undefined
  /** Intervals that are evidence, by tag. */
  readonly evidence: (tag: KnownTag) => readonly Interval[]
}

/** What went: samples, and the partitions from which they went or whose summaries became fewer. */
export interface Retired {
  readonly samples: number
  readonly tags: number
  readonly partitions: readonly Instant[]
}

const maxRows = 1440
/** A tag with more values in a week has no durations of states once its samples are gone. */
const mostStates = 32

/**
 * Lets go what the rules let go by now, in steps of a partition: samples become summaries of minutes, these of hours, and
 * those nothing. Summaries are safe before their samples go; a crash in between is taken up by the next call.
 */
export async function retire(
  shelves: Shelves,
  retiring: Retiring,
  signal: AbortSignal,
): Promise<Retired> {
  const work = new Retirement(shelves, retiring, signal)
  await work.samples()
  await work.summaries()
  return work.retired
}

class Retirement {
  readonly #shelves: Shelves
  readonly #retiring: Retiring
  readonly #signal: AbortSignal
  readonly #ruleOf: ReturnType<typeof rulesOf>
  readonly #tags = new Set<TagId>()
  readonly #partitions = new Set<Instant>()
  #samples = 0

  constructor(shelves: Shelves, retiring: Retiring, signal: AbortSignal) {
    this.#shelves = shelves
    this.#retiring = retiring
    this.#signal = signal
    this.#ruleOf = rulesOf(retiring.retention)
  }

  get retired(): Retired {
    const partitions = [...this.#partitions].sort((a, b) => a - b)
    return { samples: this.#samples, tags: this.#tags.size, partitions }
  }

  async samples(): Promise<void> {
    const shelves = this.#shelves
    const isDue = (start: Instant) =>
      shelves.tagsIn(start).some((id) => this.#tierOf(id, start) !== "raw")
    if (!shelves.partitions().some(isDue)) return
    await shelves.seal()
    for (const start of shelves.partitions()) {
      const due = shelves.tagsIn(start).flatMap((id) => {
        const tag = this.#retiring.tag(id)
        return tag && this.#tierOf(id, start) !== "raw" ? [tag] : []
      })
      if (due.length > 0) await this.#retirePartition(start, due)
    }
  }

  async summaries(): Promise<void> {
    const { rollups } = this.#shelves
    for (const start of rollups.starts) {
      const file = rollups.of(start)
      const due = new Map<TagId, Tier>()
      for (const id of file?.retiredTags ?? [])
        if (this.#tierOf(id, start) === "none") due.set(id, "none")
      for (const id of file?.tags(minuteMs) ?? [])
        if (this.#tierOf(id, start) === "hours") due.set(id, "hours")
      if (due.size > 0) await this.#thinOut(start, due)
    }
  }

  async #retirePartition(start: Instant, due: readonly KnownTag[]): Promise<void> {
    const { rollups } = this.#shelves
    const file = rollups.forWriting(start)
    try {
      const left = new Set(file.clearing().map(({ tag }) => tag))
      const gone = new Map<TagId, readonly Interval[]>()
      for (const tag of due) {
        this.#signal.throwIfAborted()
        if (!left.has(tag.id)) await this.#roll(file, tag, start)
        const retired = file.retired(tag.id, start, weekAfter(start))
        if (retired.some(({ isClearing }) => isClearing)) gone.set(tag.id, retired)
        await nextTurn()
      }
      if (gone.size > 0) await this.#clear(file, start, gone)
    } finally {
      const { isEmpty } = file
      file.close()
      if (isEmpty) rollups.remove(start)
      rollups.refresh()
    }
  }

  /** Takes samples away once their summaries are safe. */
  async #clear(
    file: RollupFile,
    start: Instant,
    gone: ReadonlyMap<TagId, readonly Interval[]>,
  ): Promise<void> {
    if (!file.checkpoint())
      throw new Problem("store-failed", file.path, "a reader stood in the way")
    this.#shelves.rollups.refresh()
    const end = weekAfter(start)
    const before = { from: Number.NEGATIVE_INFINITY, to: start }
    const keep = new Map<string, { tags: TagId[]; intervals: readonly Interval[] }>()
    for (const [id, retired] of gone) {
      const intervals = [before, ...between(retired, { from: start, to: end })]
      const key = JSON.stringify(intervals)
      const same = keep.get(key) ?? { tags: [], intervals }
      same.tags.push(id)
      keep.set(key, same)
    }
    const ranges = [...keep.values()].flatMap(({ tags, intervals }) =>
      intervals.map(({ from, to }) => ({ tags, from, to })),
    )
    await this.#shelves.forgetTags([...gone.keys()], end, ranges)
    file.cleared()
    this.#partitions.add(start)
    for (const id of gone.keys()) this.#tags.add(id)
  }

  /** Rolls a tag's samples of a partition up, those that are evidence apart, and notes that they are to go. */
  async #roll(file: RollupFile, tag: KnownTag, start: Instant): Promise<void> {
    const week = { from: start, to: weekAfter(start) }
    const known = file.retired(tag.id, week.from, week.to)
    const intervals =
      known.length > 0 ? known : between(wholeHours(this.#retiring.evidence(tag), week), week)
    const tier = this.#tierOf(tag.id, start)
    const rolled: Rolling[] = []
    for (const interval of intervals) {
      const rolling = new Rolling(this.#shelves.rollups, tag.id, interval)
      await this.#shelves.fold(rolling, { tag: tag.id, ...interval }, this.#signal)
      rolling.end()
      rolled.push(rolling)
    }
    const samples = rolled.reduce((sum, { samples }) => sum + samples, 0)
    if (samples === 0) return
    this.#samples += samples
    file.transaction(() => {
      if (tier !== "none") {
        if (known.length > 0) putLate(file, tag, { tier, rolled })
        else putFirst(file, tag, { tier, rolled })
      }
      intervals.forEach(({ from, to }, i) => {
        const carry = known[i]?.carry ?? rolled[i]?.carry ?? Number.NaN
        file.putRetired({ tag: tag.id, from, to, carry, isClearing: true })
      })
    })
  }

  async #thinOut(start: Instant, due: ReadonlyMap<TagId, Tier>): Promise<void> {
    const { rollups } = this.#shelves
    const file = rollups.forWriting(start)
    try {
      for (const [id, tier] of due) {
        this.#signal.throwIfAborted()
        file.transaction(() => {
          if (tier === "hours") toHours(file, id)
          else for (const stepMs of [minuteMs, hourMs]) file.removeRollups(id, stepMs)
          if (tier === "none") file.removeRetired(id)
        })
        await nextTurn()
      }
      this.#partitions.add(start)
    } finally {
      const { isEmpty } = file
      file.close()
      if (isEmpty) rollups.remove(start)
    }
  }

  #tierOf(id: TagId, start: Instant): Tier {
    const tag = this.#retiring.tag(id)
    return tag ? tierAt(this.#ruleOf(tag.path), weekAfter(start), this.#retiring.now) : "raw"
  }
}

interface Rolled {
  readonly tier: Tier
  readonly rolled: readonly Rolling[]
}

function putFirst(file: RollupFile, { id, kind }: KnownTag, { tier, rolled }: Rolled): void {
  const minutes = rolled.flatMap(({ numbers }) => [...numbers.take(maxRows)])
  const states = rolled.flatMap(({ spans }) => [...spans.take(maxRows)])
  const values = new Set(states.flatMap(({ value }) => [...value]))
  if (kind !== "text") file.putRollups(id, minuteMs, minutes)
  if (kind === "text" || values.size <= mostStates) file.putSpans(id, minuteMs, states)
  if (tier === "hours") toHours(file, id)
}

/** Samples that came when those beside them were summaries already. What is told of states stays as it is. */
function putLate(file: RollupFile, { id, kind }: KnownTag, { tier, rolled }: Rolled): void {
  if (kind === "text") return
  const stepMs = tier === "hours" ? hourMs : minuteMs
  const late = rolled.flatMap(({ late }) => [...late.take(maxRows)])
  const wanted = stepMs === hourMs ? coarser(late, hourMs) : coarser(late, minuteMs)
  const kept = coarser(file.rollups(id, stepMs), stepMs)
  if (wanted) file.putRollups(id, stepMs, partsOf(kept ? joinLate(kept, wanted) : wanted))
}

function partsOf(rollup: Rollup): readonly Rollup[] {
  const parts: Rollup[] = []
  for (let from = 0; from < rollup.rows; from += maxRows) {
    const part = new Rollup(Math.min(maxRows, rollup.rows - from))
    for (const name of Object.keys(part) as (keyof Omit<Rollup, "rows">)[])
      part[name].set(rollup[name].subarray(from, from + part.rows))
    parts.push(part)
  }
  return parts
}

function toHours(file: RollupFile, id: TagId): void {
  const hours = coarser([...file.rollups(id, hourMs), ...file.rollups(id, minuteMs)], hourMs)
  const spans = new SpanFold(hourMs, Number.NEGATIVE_INFINITY, Number.NaN)
  for (const one of file.spans(id, minuteMs)) spans.join(one)
  file.removeRollups(id, minuteMs)
  if (hours) file.putRollups(id, hourMs, partsOf(hours))
  file.putSpans(id, hourMs, spans.take(maxRows))
}
