import type { History } from "../../historian/historian.ts"
import type { Ids } from "../../kernel/ids.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import type { PartConfig } from "../../model/plant.ts"
import type { Namespace, Values } from "../../namespace/namespace.ts"
import type { LedgerDraft } from "../../store/ledger.ts"
import type { Put, Store } from "../../store/store.ts"
import type { Analyser, Finding, FindingDraft, Observation } from "../finding.ts"
import type { FindingBook } from "./book.ts"
import { type Desk, noteCycle, noteSetPoints, type SetPoint, unseen } from "./desk.ts"
import { withDigests } from "./digests.ts"

/** One analyser of the plant, with what it remembers as far as that is durable. */
export interface Seat {
  readonly config: PartConfig
  readonly analyser: Analyser
  desk: Desk
  /** End of the first cycle that came after younger ones had been analysed. */
  lateFrom?: Instant | undefined
}

/** What a turn works with. */
export interface TurnTools {
  readonly store: Store
  readonly book: FindingBook
  readonly ids: Ids
  readonly namespace: Namespace
  readonly history: History
  readonly signal: AbortSignal
}

interface Now {
  readonly at: Instant
  readonly values: Values
}

/**
 * Shows an analyser what is new, cycle by cycle, and commits its memory together with its findings: after a crash
 * no cycle is analysed twice or left out. Many cycles share a commit; it is cut only where a finding that was
 * raised in it is closed, since the record of the closing names the record of the raising.
 */
export class Turn {
  readonly #seat: Seat
  readonly #tools: TurnTools
  #desk: Desk
  #records: LedgerDraft[] = []
  #puts: Put[] = []
  #changed = new Map<string, { finding: Finding; record?: number }>()

  constructor(seat: Seat, tools: TurnTools) {
    this.#seat = seat
    this.#tools = tools
    this.#desk = seat.desk
  }

  async take(
    news: { cycles: readonly Cycle[]; setPoints: readonly SetPoint[] },
    now: Now,
  ): Promise<void> {
    const noted = noteSetPoints(this.#desk, news.setPoints)
    this.#desk = noted.desk
    let { changes } = noted
    for (const cycle of unseen(this.#desk, news.cycles)) {
      const due = changes.filter((change) => change.at <= cycle.end)
      changes = changes.filter((change) => change.at > cycle.end)
      await this.#observe({ ...now, cycles: [cycle], changes: due })
      this.#desk = noteCycle(this.#desk, cycle)
    }
    if (changes.length > 0) await this.#observe({ ...now, cycles: [], changes })
    if (this.#desk !== this.#seat.desk) await this.#commit()
  }

  async #observe(observation: Observation): Promise<void> {
    const { memory, raise, close } = this.#seat.analyser.observe(observation, this.#desk.memory)
    if (close.some((key) => this.#changed.has(this.#desk.open[key] ?? ""))) await this.#commit()
    this.#desk = { ...this.#desk, memory }
    const at = observation.cycles.at(-1)?.end ?? observation.at
    for (const key of close) this.#close(key, at)
    for (const draft of raise) await this.#raise(draft)
  }

  async #raise(draft: FindingDraft): Promise<void> {
    const { key = draft.kind, ...said } = draft
    const id = this.#tools.ids()
    const because = await withDigests(said.because, this.#tools)
    const finding: Finding = {
      ...said,
      because,
      id,
      analyser: this.#seat.config.name,
      open: true,
    }
    this.#put(finding, this.#records.length)
    this.#records.push({
      kind: "finding.raised",
      subject: finding.equipment,
      by: `analyse:${finding.analyser}`,
      causes: [],
      body: { finding },
    })
    this.#desk = { ...this.#desk, open: { ...this.#desk.open, [key]: id } }
  }

  #close(key: string, at: Instant): void {
    const { [key]: id, ...open } = this.#desk.open
    const finding = id === undefined ? undefined : this.#tools.book.get(id)
    this.#desk = { ...this.#desk, open }
    if (!finding) return
    this.#put({ ...finding, open: false, closedAt: at })
    this.#records.push({
      kind: "finding.closed",
      subject: finding.equipment,
      by: `analyse:${finding.analyser}`,
      causes: finding.record === undefined ? [] : [finding.record],
      body: { finding: finding.id, closedAt: at },
    })
  }

  #put(finding: Finding, record?: number): void {
    const place = record === undefined ? {} : { record }
    this.#puts.push({ collection: "finding", id: finding.id, document: finding, ...place })
    this.#changed.set(finding.id, { finding, ...place })
  }

  async #commit(): Promise<void> {
    const desk = this.#desk
    const id = `analyser:${this.#seat.config.name}`
    const puts: Put[] = [...this.#puts, { collection: "memory", id, document: desk }]
    const records = await this.#tools.store.commit({ records: this.#records, puts })
    this.#seat.desk = desk
    for (const { finding, record } of this.#changed.values()) {
      const written = record === undefined ? undefined : records[record]
      this.#tools.book.take(written ? { ...finding, record: written.id } : finding)
    }
    this.#records = []
    this.#puts = []
    this.#changed = new Map()
  }
}
