import type { Clock } from "../../kernel/clock.ts"
import type { Health } from "../../kernel/component.ts"
import type { Log } from "../../kernel/log.ts"
import { problemOf } from "../../model/problem.ts"
import type { LedgerDraft, LedgerKind } from "../../store/ledger.ts"
import type { Put, Store } from "../../store/store.ts"
import type { Alarm } from "../alarm.ts"
import { type Entry, type Kept, keptOf } from "./entry.ts"

interface Line {
  readonly entry: Entry
  readonly kind: LedgerKind
  readonly by: string
  /** As it stood after this very change. */
  readonly kept: Kept
}

const mostWaiting = 2000
const retryMs = 1000

/** Writes changes of alarms to the ledger and the store in their order, many at once, and tells who listens. */
export class Journal {
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Log
  readonly #listeners = new Set<(alarm: Alarm) => void>()
  readonly #closing = new AbortController()
  #lines: Line[] = []
  #writing: Promise<void> | undefined
  /** Why changes cannot be kept at present. */
  problem: Health | undefined

  constructor(store: Store, clock: Clock, log: Log) {
    this.#store = store
    this.#clock = clock
    this.#log = log
  }

  onChange(listener: (alarm: Alarm) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  write(entry: Entry, what: { kind: LedgerKind; by: string }): void {
    this.#lines.push({ entry, ...what, kept: keptOf(entry) })
    this.#writing ??= this.#run()
  }

  /** Resolves when what was written so far is durable. */
  async settled(): Promise<void> {
    await this.#writing
  }

  /** Resolves when few enough changes wait: the back-pressure. */
  async room(): Promise<void> {
    if (this.#lines.length > mostWaiting) await this.#writing
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#writing
  }

  async #run(): Promise<void> {
    await Promise.resolve()
    while (this.#lines.length > 0) {
      const lines = this.#next()
      try {
        await this.#commit(lines)
        this.problem = undefined
      } catch (thrown) {
        this.#lines.unshift(...lines)
        const { message, hint } = problemOf(thrown, "alarms")
        this.problem = { state: "degraded", because: message, hint }
        this.#log.error("alarms could not be kept; trying again", { problem: message })
        if (this.#closing.signal.aborted) break
        await this.#clock.sleep(retryMs, this.#closing.signal).catch(() => {})
      }
    }
    this.#writing = undefined
  }

  /** The lines up to the second one of an alarm: a record names the one that raised the alarm, which must stand first. */
  #next(): readonly Line[] {
    const ids = new Set<string>()
    const end = this.#lines.findIndex(({ entry }) => ids.size === ids.add(entry.id).size)
    return this.#lines.splice(0, end < 0 ? this.#lines.length : end)
  }

  async #commit(lines: readonly Line[]): Promise<void> {
    const puts = lines.map(({ kind, kept, entry }, record): Put => {
      const raising = kind === "alarm.raised" ? { record } : {}
      const document = { ...kept, ...(entry.record ? { record: entry.record } : {}) }
      return { collection: "alarm", id: kept.id, document, ...raising }
    })
    const records = await this.#store.commit({ records: lines.map(draftOf), puts })
    for (const [i, { entry, kind, kept }] of lines.entries()) {
      if (kind === "alarm.raised") entry.record = records[i]?.id
      const { life: _, ...alarm } = kept
      this.#tell({ ...alarm, ...(entry.record ? { record: entry.record } : {}) })
    }
  }

  #tell(alarm: Alarm): void {
    for (const listener of this.#listeners) {
      try {
        listener(alarm)
      } catch (thrown) {
        this.#log.error("a listener of alarms failed", {
          problem: problemOf(thrown, "alarms").message,
        })
      }
    }
  }
}

function draftOf({ entry, kind, by, kept }: Line): LedgerDraft {
  const { side, limit, priority, state, value, raisedAt, reason, shelvedUntil } = kept
  const raising = kind === "alarm.raised"
  const at = raisedAt ?? 0
  return {
    kind,
    subject: entry.tag.path,
    by,
    causes: raising || entry.record === undefined ? [] : [entry.record],
    body: {
      alarm: entry.id,
      state,
      ...(raising
        ? {
            side,
            limit,
            priority,
            value,
            because: [{ tag: entry.tag.path, from: at - entry.limit.onDelayMs, to: at }],
          }
        : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(shelvedUntil === undefined ? {} : { shelvedUntil }),
    },
  }
}
