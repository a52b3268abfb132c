import type { Log } from "../../kernel/log.ts"
import { problemOf } from "../../model/problem.ts"
import type { Store } from "../../store/store.ts"
import type { Finding, Findings } from "../finding.ts"

/** Closed findings that are kept at hand; all of them stand in the store and the ledger. */
const closedAtHand = 500

/** The findings at hand, and who wants to hear of them. */
export class FindingBook implements Findings {
  readonly #findings = new Map<string, Finding>()
  readonly #listeners = new Set<(finding: Finding) => void>()
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  async load(store: Store): Promise<void> {
    const all = await store.list<Finding>("finding")
    for (const finding of all.toSorted((a, b) => a.at - b.at))
      this.#findings.set(finding.id, finding)
    this.#trim()
  }

  list(): readonly Finding[] {
    return [...this.#findings.values()]
  }

  get(id: string): Finding | undefined {
    return this.#findings.get(id)
  }

  onChange(listener: (finding: Finding) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes what is durable now and tells it. A listener that throws harms nobody else. */
  take(finding: Finding): void {
    this.#findings.set(finding.id, finding)
    this.#trim()
    for (const listener of this.#listeners) {
      try {
        listener(finding)
      } catch (thrown) {
        this.#log.error("a listener of findings failed", {
          problem: problemOf(thrown, "analyse").message,
        })
      }
    }
  }

  #trim(): void {
    if (this.#findings.size <= closedAtHand) return
    for (const finding of this.#findings.values()) {
      if (this.#findings.size <= closedAtHand) return
      if (!finding.open) this.#findings.delete(finding.id)
    }
  }
}
