import type { Command } from "../../model/command.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import type { LedgerDraft, LedgerId } from "../../store/ledger.ts"
import type { Put, Store } from "../../store/store.ts"
import type { CommandResult, Outcome } from "../act.ts"
import { writesOf } from "./picture.ts"

/** A command between intent and end, as it stands in the store: after a crash nobody knows whether it was written. */
interface Issued extends Omit<CommandResult, "state"> {
  readonly state: "issued"
  readonly causes: readonly LedgerId[]
}

type CommandDocument = CommandResult | Issued

/** What the end of a command is recorded from; `causes` begin with the record of the intent, where there is one. */
export type Intent = Pick<Issued, "command" | "before" | "causes">

/** Results kept for look-up; older ones that have expired are forgotten here and stay in the ledger. */
const kept = 10_000

/** What the gate knows of commands: in the store, in the ledger, and in memory for the guards. */
export class Book {
  readonly #store: Store
  readonly #now: () => Instant
  readonly #results = new Map<string, CommandResult>()
  readonly #lastWrites = new Map<Path, Instant>()
  readonly #decisions = new Map<string, string>()

  constructor(store: Store, now: () => Instant) {
    this.#store = store
    this.#now = now
  }

  /** Reads what earlier runs left; each intent without an end becomes `unknown`. Gives the number of those. */
  async load(): Promise<number> {
    const documents = await this.#store.list<CommandDocument>("command")
    let interrupted = 0
    for (const document of [...documents].sort((a, b) => a.at - b.at)) {
      if (document.state === "issued") interrupted++
      await this.#close(document)
    }
    return interrupted
  }

  result(id: string): CommandResult | undefined {
    return this.#results.get(id)
  }

  /** Also finds an intent whose end could not be recorded. */
  async find(id: string): Promise<CommandResult | undefined> {
    const known = this.#results.get(id)
    if (known) return known
    const document = await this.#store.get<CommandDocument>("command", id)
    return document && this.#close(document)
  }

  lastWriteAt(path: Path): Instant | undefined {
    return this.#lastWrites.get(path)
  }

  carriedOutBy({ id, decision }: Command): string | undefined {
    const other = decision === undefined ? undefined : this.#decisions.get(decision)
    return other === id ? undefined : other
  }

  sent(target: Path): void {
    this.#lastWrites.set(target, this.#now())
  }

  /** Intent and document are durable when it resolves: only then may anything be sent. */
  async issue(intent: Intent): Promise<Issued> {
    const { command, before, causes } = intent
    const body = { command, before }
    const issued = { ...intent, state: "issued" as const, outcomes: [], at: this.#now() }
    const record = await this.#commit(issued, { causes, body })
    if (command.decision !== undefined) this.#decisions.set(command.decision, command.id)
    return { ...issued, record, causes: [record, ...causes] }
  }

  /** What is done so far, so that a crash in a later write does not make it unknown. */
  async progress(issued: Issued, outcomes: readonly Outcome[]): Promise<void> {
    const document = { ...issued, outcomes }
    await this.#store.commit({
      puts: [{ collection: "command", id: issued.command.id, document }],
    })
  }

  async end(intent: Intent, outcomes: readonly Outcome[]): Promise<CommandResult> {
    const { command, before, causes } = intent
    const body = { command, before, outcomes }
    const end = { command, before, outcomes, state: stateOf(outcomes), at: this.#now() }
    const record = await this.#commit(end, { causes, body })
    const result = { ...end, record }
    this.#remember(result)
    return result
  }

  async #commit(
    document: Omit<CommandResult, "record" | "state"> & Pick<CommandDocument, "state">,
    record: Pick<LedgerDraft, "causes" | "body">,
  ): Promise<LedgerId> {
    const { command, state, at } = document
    const { id, by } = command
    const [written] = await this.#store.commit({
      records: [
        {
          ...record,
          kind: `command.${state}`,
          at,
          subject: writesOf(command)[0]?.target ?? "plant",
          by: "person" in by ? by.person : `decide:${by.decider}`,
        },
      ],
      puts: [{ collection: "command", id, document, record: 0 }, ...this.#forgotten(at)],
    })
    if (written) return written.id
    throw new Problem("store-failed", "ledger", "the store gave no record for a draft")
  }

  /** The machine may or may not have been written: after an intent without an end nobody knows. */
  async #close(document: CommandDocument): Promise<CommandResult> {
    if (document.state !== "issued") {
      this.#remember(document)
      return document
    }
    const because = {
      en: "Moru stopped between the intent and the end of this write",
      ko: "쓰기를 마치기 전에 Moru가 멈췄습니다",
    }
    const outcomes: Outcome[] = [...document.outcomes, { state: "unknown", because }]
    const causes = [...new Set([document.record, ...document.causes])]
    return this.end({ ...document, causes }, inOrder(document.command, outcomes))
  }

  #remember(result: CommandResult): void {
    const { command, outcomes, at } = result
    this.#results.set(command.id, result)
    writesOf(command).forEach(({ target }, i) => {
      const state = outcomes[i]?.state
      if (state !== "done" && state !== "failed" && state !== "unknown") return
      this.#lastWrites.set(target, Math.max(at, this.#lastWrites.get(target) ?? at))
      if (command.decision !== undefined) this.#decisions.set(command.decision, command.id)
    })
  }

  /** Only what has expired is forgotten: submitted again it is refused, so at most once still holds. */
  #forgotten(now: Instant): Put[] {
    const gone = [...this.#results.values()]
      .slice(0, Math.max(0, this.#results.size - kept))
      .filter((result) => result.command.expiresAt < now)
    return gone.map(({ command }) => {
      this.#results.delete(command.id)
      return { collection: "command", id: command.id, document: undefined }
    })
  }
}

/** Fills up to one outcome for each write: what comes after a failure was not tried. */
export function inOrder(command: Command, outcomes: readonly Outcome[]): readonly Outcome[] {
  const failed = outcomes.findIndex((outcome) => outcome.state !== "done")
  if (failed < 0) return outcomes
  const because = {
    en: `not tried, because write ${failed + 1} was ${outcomes[failed]?.state}`,
    ko: `${failed + 1}번째 쓰기가 ${outcomes[failed]?.state}이어서 시도하지 않았습니다`,
  }
  const rest = writesOf(command).slice(outcomes.length)
  return [
    ...outcomes,
    ...rest.map((): Outcome => ({ state: "refused", refusal: { guard: "order", because } })),
  ]
}

function stateOf(outcomes: readonly Outcome[]): CommandResult["state"] {
  if (outcomes.some((outcome) => outcome.state === "unknown")) return "unknown"
  const stopped = outcomes.find((outcome) => outcome.state !== "done")
  if (stopped === undefined) return "done"
  return outcomes[0]?.state === "done" ? "partial" : stopped.state
}
