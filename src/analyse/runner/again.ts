import { isDeepStrictEqual } from "node:util"
import type { History } from "../../historian/historian.ts"
import type { Ids } from "../../kernel/ids.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import type { Namespace, Values } from "../../namespace/namespace.ts"
import type { LedgerDraft, LedgerId } from "../../store/ledger.ts"
import type { Put, Store } from "../../store/store.ts"
import type { Finding, FindingDraft } from "../finding.ts"
import type { FindingBook } from "./book.ts"
import { missedCycles } from "./catch-up.ts"
import { type Desk, firstDesk, noteCycle, noteSetPoints } from "./desk.ts"
import { withDigests } from "./digests.ts"
import { readSetPoints } from "./set-points.ts"
import type { Seat } from "./turn.ts"

/** What a run over all cycles in the order of time finds. */
interface Rerun {
  readonly desk: Desk
  readonly found: readonly Found[]
}

interface Found {
  readonly key: string
  readonly draft: FindingDraft
  closedAt?: Instant
}

export interface AgainTools {
  readonly history: History
  readonly namespace: Namespace
  readonly store: Store
  readonly book: FindingBook
  readonly ids: Ids
  readonly signal: AbortSignal
}

/**
 * Shows an analyser all its cycles again, the late ones in their place: it goes on with the memory that it would have had.
 * What it found since `since` and finds no more is superseded, what it finds now and had not is raised with its own time;
 * neither rewrites what was there.
 */
export async function findAgain(
  seat: Seat,
  asked: {
    readonly since: Instant
    readonly late: LedgerId
    readonly now: Instant
    readonly setPoints: readonly Path[]
  },
  tools: AgainTools,
): Promise<void> {
  const rerun = await runAgain(seat, asked.setPoints, tools)
  const all = await tools.store.list<Finding>("finding")
  const own = all.filter(({ analyser }) => analyser === seat.config.name)
  const book = new Superseding(own, { ...asked, analyser: seat.config.name }, tools)
  const open: Record<string, string> = {}
  for (const found of rerun.found) {
    const id = await book.take(found)
    if (id !== undefined && found.closedAt === undefined) open[found.key] = id
  }
  book.supersedeRest()
  const desk: Desk = { ...rerun.desk, open }
  const memory: Put = { collection: "memory", id: `analyser:${seat.config.name}`, document: desk }
  await book.commit(memory)
  seat.desk = desk
}

async function runAgain(
  { config, analyser }: Seat,
  tags: readonly Path[],
  { history, namespace, signal }: AgainTools,
): Promise<Rerun> {
  const setPoints = await readSetPoints(tags, { history, namespace, since: 0, signal })
  const noted = noteSetPoints(firstDesk(config.kind, analyser.initial), setPoints)
  let { desk, changes } = noted
  const values: Values = namespace.snapshot()
  const findings = new Reraised()
  const taken = new Set<string>()
  for await (const page of missedCycles(history, config.equipment, desk, signal))
    for (const cycle of page) {
      if (taken.has(cycle.id)) continue
      taken.add(cycle.id)
      const due = changes.filter(({ at }) => at <= cycle.end)
      changes = changes.slice(due.length)
      const now = { at: cycle.end, cycles: [cycle], values, changes: due }
      const { memory, raise, close } = analyser.observe(now, desk.memory)
      findings.take(raise, close, cycle.end)
      desk = noteCycle({ ...desk, memory }, cycle)
    }
  return { desk, found: findings.all }
}

/** The findings of a rerun, raised and closed in the order of time. */
class Reraised {
  readonly all: Found[] = []
  readonly #open = new Map<string, Found>()

  take(raise: readonly FindingDraft[], close: readonly string[], at: Instant): void {
    for (const key of close) {
      const closed = this.#open.get(key)
      if (closed) closed.closedAt = at
      this.#open.delete(key)
    }
    for (const draft of raise) {
      const found: Found = { key: draft.key ?? draft.kind, draft }
      this.#open.set(found.key, found)
      this.all.push(found)
    }
  }
}

/** What a rerun changes of the findings that stand. */
class Superseding {
  readonly #rest: Map<string, Finding>
  readonly #asked: { since: Instant; late: LedgerId; now: Instant; analyser: string }
  readonly #tools: AgainTools
  readonly #records: LedgerDraft[] = []
  readonly #puts: Put[] = []
  readonly #changed: { finding: Finding; record?: number }[] = []

  constructor(
    own: readonly Finding[],
    asked: { since: Instant; late: LedgerId; now: Instant; analyser: string },
    tools: AgainTools,
  ) {
    this.#rest = new Map(own.map((finding) => [finding.id, finding]))
    this.#asked = asked
    this.#tools = tools
  }

  /** Id of the finding that says this: the one that stands, or a new one. */
  async take({ draft, closedAt }: Found): Promise<string | undefined> {
    const same = [...this.#rest.values()].find(
      ({ kind, at }) => kind === draft.kind && at === draft.at,
    )
    if (same) {
      this.#rest.delete(same.id)
      const isEqual = isDeepStrictEqual(same.measures, draft.measures)
      if (!isEqual) this.#say(same, { holds: true, title: draft.title, measures: draft.measures })
      if (closedAt !== undefined && same.open) this.#put({ ...same, open: false, closedAt })
      return same.id
    }
    if (draft.at < this.#asked.since) return undefined
    return this.#raise(draft, closedAt)
  }

  /** What stood since then and is found no more. */
  supersedeRest(): void {
    for (const finding of this.#rest.values()) {
      if (finding.at < this.#asked.since) continue
      this.#say(finding, { holds: false })
      if (finding.open) this.#put({ ...finding, open: false, closedAt: this.#asked.now })
    }
  }

  async commit(memory: Put): Promise<void> {
    const { store, book } = this.#tools
    const written = await store.commit({ records: this.#records, puts: [...this.#puts, memory] })
    for (const { finding, record } of this.#changed) {
      const id = record === undefined ? undefined : written[record]?.id
      book.take(id === undefined ? finding : { ...finding, record: id })
    }
  }

  async #raise(draft: FindingDraft, closedAt: Instant | undefined): Promise<string> {
    const { key: _, ...said } = draft
    const { ids } = this.#tools
    const { analyser, late } = this.#asked
    const because = await withDigests(said.because, this.#tools)
    const ended = closedAt === undefined ? { open: true } : { open: false, closedAt }
    const finding: Finding = { ...said, because, id: ids(), analyser, ...ended }
    this.#put(finding, this.#records.length)
    this.#records.push({
      ...{ kind: "finding.raised", subject: finding.equipment, by: `analyse:${analyser}` },
      ...{ causes: [late], body: { finding } },
    })
    return finding.id
  }

  #say(finding: Finding, body: Readonly<Record<string, unknown>>): void {
    const { analyser, late } = this.#asked
    const causes = [...(finding.record === undefined ? [] : [finding.record]), late]
    this.#records.push({
      ...{ kind: "finding.superseded", subject: finding.equipment, by: `analyse:${analyser}` },
      ...{ causes, body: { of: finding.id, ...body } },
    })
  }

  #put(finding: Finding, record?: number): void {
    const place = record === undefined ? {} : { record }
    this.#puts.push({ collection: "finding", id: finding.id, document: finding, ...place })
    this.#changed.push({ finding, ...place })
  }
}
