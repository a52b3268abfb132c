import type { Log } from "../../kernel/log.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { LedgerDraft, LedgerId, LedgerKind } from "../../store/ledger.ts"
import type { Put, Store } from "../../store/store.ts"
import type { Decision, DecisionDocument, DecisionState } from "../decide.ts"
import { mayBecome } from "./life.ts"

/** One step of a decision: what it becomes and what the ledger is told. */
export interface Step {
  readonly to: DecisionState
  /** Absent for a step that the ledger knows from elsewhere, as the command's. */
  readonly kind?: LedgerKind
  readonly by: string
  /** The last step's record where absent. */
  readonly causes?: readonly LedgerId[]
  readonly facts?: Partial<Decision>
  readonly body?: Readonly<Record<string, unknown>>
}

/** Closed decisions at hand; all stand in the store. */
const closedAtHand = 2000

/** All decisions at hand. Each step is durable, in the ledger and in the store at once, before anybody is told. */
export class Docket {
  readonly #store: Store
  readonly #log: Log
  readonly #kept = new Map<string, DecisionDocument>()
  readonly #listeners = new Set<(decision: Decision) => void>()

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  async load(): Promise<void> {
    const all = await this.#store.list<DecisionDocument>("decision")
    for (const { id, decision, record } of all.toSorted((a, b) => a.decision.at - b.decision.at)) {
      // Only a decision without a further step can lack its own record: it is the last step's.
      const whole =
        record !== undefined && decision.record === "" ? { ...decision, record } : decision
      this.#kept.set(id, { id, decision: whole, ...(record === undefined ? {} : { record }) })
    }
  }

  list(): readonly Decision[] {
    return [...this.#kept.values()].map((kept) => kept.decision)
  }

  get(id: string): Decision | undefined {
    return this.#kept.get(id)?.decision
  }

  /** The ledger record of its last step. */
  lastRecord(id: string): LedgerId | undefined {
    return this.#kept.get(id)?.record
  }

  onChange(listener: (decision: Decision) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Adds new decisions, whose `record` is still empty, together with what their decider remembers. */
  async add(
    decisions: readonly Decision[],
    from: { causes: (decision: Decision) => readonly LedgerId[]; puts: readonly Put[] },
  ): Promise<readonly Decision[]> {
    const records = decisions.map(
      (decision): LedgerDraft => ({
        kind: "decision.proposed",
        subject: decision.subject,
        by: `decide:${decision.decider}`,
        causes: from.causes(decision),
        body: { decision: withoutRecord(decision) },
      }),
    )
    const puts = decisions.map(
      (decision, record): Put => ({
        collection: "decision",
        id: decision.id,
        document: { id: decision.id, decision },
        record,
      }),
    )
    const written = await this.#store.commit({ records, puts: [...puts, ...from.puts] })
    return decisions.map((decision, i) => {
      const record = written[i]?.id ?? ""
      const known = { ...decision, record }
      this.#take({ id: decision.id, decision: known, record })
      return known
    })
  }

  /** Throws `not-found`, or `decision-closed` where the decision cannot become that any more. */
  async step(id: string, step: Step): Promise<Decision> {
    const kept = this.#kept.get(id)
    if (!kept) throw new Problem("not-found", `decision ${id}`, "there is no such decision")
    const { decision, record } = kept
    if (step.to !== decision.state && !mayBecome(decision.state, step.to))
      throw new Problem(
        "decision-closed",
        `decision ${id}`,
        `got "${step.to}", but it is ${decision.state}`,
      )
    const next: Decision = { ...decision, ...step.facts, state: step.to }
    const causes = step.causes ?? (record === undefined ? [] : [record])
    const draft: LedgerDraft[] = step.kind
      ? [
          {
            kind: step.kind,
            subject: decision.subject,
            by: step.by,
            causes,
            body: { decision: id, ...step.body },
          },
        ]
      : []
    const document: DecisionDocument = { ...kept, decision: next }
    const place = step.kind ? { record: 0 } : {}
    const puts: Put[] = [{ collection: "decision", id, document, ...place }]
    const [written] = await this.#store.commit({ records: draft, puts })
    this.#take({ ...document, ...(written ? { record: written.id } : {}) })
    return next
  }

  #take(kept: DecisionDocument): void {
    this.#kept.set(kept.id, kept)
    this.#trim()
    for (const listener of this.#listeners) {
      try {
        listener(kept.decision)
      } catch (thrown) {
        this.#log.error("a listener of decisions failed", {
          problem: problemOf(thrown, "decide").message,
        })
      }
    }
  }

  #trim(): void {
    for (const [id, { decision }] of this.#kept) {
      if (this.#kept.size <= closedAtHand) return
      const waits = ["proposed", "approved", "acting", "done"].includes(decision.state)
      if (!waits) this.#kept.delete(id)
    }
  }
}

function withoutRecord({ record: _, ...decision }: Decision): Omit<Decision, "record"> {
  return decision
}
