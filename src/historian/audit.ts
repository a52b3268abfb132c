import { type KnownGap, missingOf, type Span, sparseConnectors } from "../connect/gap.ts"
import { nameOf, type SourceId } from "../model/block.ts"
import type { Cycle } from "../model/cycle.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { DeviceConfig } from "../model/plant.ts"
import { isUsable } from "../model/quality.ts"
import type { TagId } from "../model/tag.ts"
import {
  type CyclePart,
  type DevicePart,
  type GapPart,
  judge,
  type SourcePart,
  uncovered,
  within,
} from "./completeness.ts"
import { SampleDigest } from "./digest.ts"
import type { History, StoredBlock } from "./historian.ts"
import { Numbers, type Run } from "./numbers.ts"
import { Cells } from "./silence.ts"

/** What is asked of one device. */
export interface Audited {
  readonly device: DeviceConfig
  readonly tags: readonly { readonly id: TagId; readonly path: Path; readonly equipment: Path }[]
  /** How long all its tags together may be silent. */
  readonly silentMs: number
  readonly gaps: readonly KnownGap[]
  /** Steps of the clock, which explain a silence. */
  readonly jumps: readonly KnownGap[]
  readonly now: Instant
}

/** Neighbours of the first and the last row are looked for so far beyond the interval, then further. */
const besideMs = 60_000
const furtherMs = [3_600_000, 86_400_000, 30 * 86_400_000]
const mostHoles = 20
const mostNamed = 20
/** Numbers in holes that are looked for one by one; a hole beyond is taken as it is. */
const mostWanted = 100_000

/**
 * Reads all rows of a device in an interval and says what its sources' numbers prove. A number that is in no row here is
 * looked for at other times, since a row stands at its own time and not at its number's.
 */
export async function auditDevice(
  history: History,
  asked: Audited & { readonly span: Span },
  signal: AbortSignal,
): Promise<DevicePart> {
  const { device, span, tags, silentMs, now } = asked
  const rows = new DeviceRows(span, silentMs)
  const range = {
    tags: tags.map(({ id }) => id),
    from: span.from - besideMs,
    to: span.to + besideMs,
  }
  for await (const block of history.read(range, signal)) rows.take(block)
  const sources = await sourcesOf(rows, { history, asked, signal })
  const gaps = asked.gaps.flatMap((gap) => gapPart(gap, asked) ?? [])
  const explained = [...asked.gaps, ...asked.jumps].map(({ from, to = now }) => ({ from, to }))
  const end = { from: now, to: Number.POSITIVE_INFINITY }
  const silences = rows.silences().filter((silence) => {
    const rest = uncovered(silence, [...explained, end])
    return rest.some(({ from, to }) => to - from > silentMs)
  })
  return judge(
    {
      ...{ device: device.name, connector: device.connector, sources, gaps, silences },
      equipment: [...new Set(tags.map(({ equipment }) => equipment))],
      ...{ rows: rows.count, digest: rows.digest(), tags: tags.length },
      silentTags: tags
        .filter(({ id }) => !rows.has(id))
        .slice(0, mostNamed)
        .map(({ path }) => path),
      cycles: await cyclesOf(history, device, span),
    },
    span.to <= now,
  )
}

/** The gap as it bears on the interval; undefined where it does not. */
export function gapPart(
  gap: KnownGap,
  { span, now }: { span: Span; now: Instant },
): GapPart | undefined {
  const { id, because, source, from, to, size, setByMs, filled } = gap
  if (from >= span.to || (to ?? now) < span.from) return undefined
  return {
    ...{ id, because, source, from },
    ...(to !== undefined && { to }),
    ...(size !== undefined && { size }),
    ...(setByMs !== undefined && { setByMs }),
    ...(filled && { filledRows: filled.rows }),
    left: withinOrAt(missingOf(gap, now), span),
  }
}

/** A gap of no length with a size is a loss all the same, such as messages refused at one moment. */
function withinOrAt(spans: readonly Span[], span: Span): readonly Span[] {
  const points = spans.filter(({ from, to }) => from === to && from >= span.from && from < span.to)
  return [...within(spans, span), ...points]
}

interface SourceRows {
  readonly numbers: Numbers
  rows: number
  first: number
  last: number
  firstAt: Instant
  lastAt: Instant
}

/** The rows of one device, taken tag after tag. */
class DeviceRows {
  readonly #span: Span
  readonly #silentMs: number
  readonly #cells: Cells
  readonly #digest = new SampleDigest()
  readonly #tags = new Set<TagId>()
  readonly sources = new Map<SourceId, SourceRows>()
  count = 0

  constructor(span: Span, silentMs: number) {
    this.#span = span
    this.#silentMs = silentMs
    this.#cells = new Cells(span, Number.isFinite(silentMs) ? silentMs : span.to - span.from)
  }

  take(block: StoredBlock): void {
    const { length, at, origin, number, sources, tag, quality } = block
    const bySource = sources.map((source) => this.#of(source))
    let [from, to] = [length, 0]
    for (let row = 0; row < length; row++) {
      const source = bySource[origin[row] ?? 0]
      const n = number[row] ?? 0
      const time = at[row] ?? 0
      source?.numbers.add(n)
      if (!source || time < this.#span.from || time >= this.#span.to) continue
      if (row < from) from = row
      to = row + 1
      note(source, n, time)
      if (isUsable(quality[row] ?? 0)) this.#cells.markAt(time)
    }
    if (to <= from) return
    this.#digest.add(block, from, to)
    this.count += to - from
    this.#tags.add(tag[from] ?? 0)
  }

  has(tag: TagId): boolean {
    return this.#tags.has(tag)
  }

  digest(): string {
    return this.#digest.hex()
  }

  silences(): readonly Span[] {
    return this.#cells.silences(this.#silentMs)
  }

  #of(source: SourceId): SourceRows {
    let found = this.sources.get(source)
    if (!found) {
      const [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
      found = { numbers: new Numbers(), rows: 0, first: min, last: max, firstAt: min, lastAt: max }
      this.sources.set(source, found)
    }
    return found
  }
}

function note(source: SourceRows, number: number, at: Instant): void {
  source.rows += 1
  if (number < source.first) source.first = number
  if (number > source.last) source.last = number
  if (at < source.firstAt) source.firstAt = at
  if (at > source.lastAt) source.lastAt = at
}

interface Search {
  readonly history: History
  readonly asked: Audited & { readonly span: Span }
  readonly signal: AbortSignal
}

async function sourcesOf(rows: DeviceRows, search: Search): Promise<readonly SourcePart[]> {
  const wanted = new Map<SourceId, Numbers>()
  const inside = [...rows.sources].filter(([, { rows: n }]) => n > 0)
  for (const [source, found] of inside) {
    if (countOf(source, search.asked.device) === "machine-sparse") continue
    const numbers = new Numbers()
    for (const hole of bearing(found)) addRun(numbers, hole)
    if (found.first > 0) addUnless(found.numbers, numbers, found.first - 1)
    const lastRow = await search.history.cycles.lastRow(source)
    if (found.last < lastRow) addUnless(found.numbers, numbers, found.last + 1)
    if (numbers.size > 0) wanted.set(source, numbers)
  }
  const found = await findElsewhere(wanted, search)
  return inside
    .map(([source, part]) => {
      const wants = wanted.get(source) ?? new Numbers()
      return sourcePart(source, part, { wants, met: found.get(source) ?? new Numbers(), search })
    })
    .sort((a, b) => (a.source < b.source ? -1 : 1))
}

/** Holes between rows of the interval, and between its ends and the rows beside it. */
function bearing({ numbers, first, last }: SourceRows): readonly Run[] {
  return numbers
    .holes(mostWanted)
    .filter((hole) => hole.last >= first - 1 && hole.first <= last + 1)
}

function addRun(numbers: Numbers, { first, last }: Run): void {
  for (let n = first; n <= last && numbers.size < mostWanted; n++) numbers.add(n)
}

function addUnless(there: Numbers, numbers: Numbers, n: number): void {
  if (!there.has(n)) numbers.add(n)
}

/** Reads ever further from the interval until every wanted number was met, or all is read. */
async function findElsewhere(
  wanted: ReadonlyMap<SourceId, Numbers>,
  { history, asked, signal }: Search,
): Promise<ReadonlyMap<SourceId, Numbers>> {
  const found = new Map([...wanted.keys()].map((source) => [source, new Numbers()]))
  const isAll = () => [...wanted].every(([source, { size }]) => found.get(source)?.size === size)
  const tags = asked.tags.map(({ id }) => id)
  let [from, to] = [asked.span.from - besideMs, asked.span.to + besideMs]
  // The interval itself is read once more: while it lasts, rows come between the reading of one tag and of the next.
  if (!isAll())
    for await (const block of history.read({ tags, from, to }, signal)) meet(block, wanted, found)
  for (const ms of [...furtherMs, Number.MAX_SAFE_INTEGER]) {
    if (isAll()) break
    const ranges = [
      { tags, from: Math.max(-8.64e15, from - ms), to: from },
      { tags, from: to, to: Math.min(8.64e15, to + ms) },
    ]
    for (const range of ranges)
      for await (const block of history.read(range, signal)) meet(block, wanted, found)
    from -= ms
    to += ms
  }
  return found
}

function meet(
  { length, sources, origin, number }: StoredBlock,
  wanted: ReadonlyMap<SourceId, Numbers>,
  found: ReadonlyMap<SourceId, Numbers>,
): void {
  for (let row = 0; row < length; row++) {
    const source = sources[origin[row] ?? 0]
    const n = number[row] ?? 0
    if (source !== undefined && wanted.get(source)?.has(n)) found.get(source)?.add(n)
  }
}

function sourcePart(
  source: SourceId,
  part: SourceRows,
  { wants, met, search }: { wants: Numbers; met: Numbers; search: Search },
): SourcePart {
  const { rows, first, last, firstAt, lastAt } = part
  const numberedBy = countOf(source, search.asked.device)
  const lacks = new Numbers()
  if (numberedBy !== "machine-sparse")
    for (const hole of bearing(part))
      for (let n = hole.first; n <= hole.last; n++) if (!met.has(n)) lacks.add(n)
  const isWanting = (n: number) => wants.has(n) && !met.has(n)
  if (isWanting(last + 1)) lacks.add(last + 1)
  return {
    ...{ source, numberedBy, rows, first, last, firstAt, lastAt },
    missing: lacks.size,
    holes: runsOf(lacks),
    beginsLate: isWanting(first - 1) && !lacks.has(first - 1),
  }
}

function countOf(source: SourceId, device: DeviceConfig): SourcePart["numberedBy"] {
  const name = nameOf(source)
  if (device.records.some((record) => name === `${device.name}/${record.name}`)) return "machine"
  const isLive = name === `${device.name}/live`
  return isLive && sparseConnectors.has(device.connector) ? "machine-sparse" : "house"
}

function runsOf(numbers: Numbers): readonly Run[] {
  const runs: Run[] = []
  let first: number | undefined
  for (let n = numbers.min; n <= numbers.max + 1 && runs.length < mostHoles; n++) {
    if (numbers.has(n)) first ??= n
    else if (first !== undefined) {
      runs.push({ first, last: n - 1 })
      first = undefined
    }
  }
  return runs
}

/** The machine's own count of its records: equal neighbours differ by one. */
async function cyclesOf(
  { cycles }: History,
  device: DeviceConfig,
  span: Span,
): Promise<readonly CyclePart[]> {
  const parts: CyclePart[] = []
  for (const equipment of new Set(device.records.map((record) => record.equipment))) {
    const all = await cycles.read({ equipment, ...span })
    const bySource = Map.groupBy(all, (cycle: Cycle) => cycle.source)
    for (const [source, own] of bySource) {
      const numbers = new Numbers()
      for (const { sequence } of own) numbers.add(sequence)
      const { min: first, max: last, size } = numbers
      parts.push({ equipment, source, cycles: size, first, last, missing: last - first + 1 - size })
    }
  }
  return parts
}
