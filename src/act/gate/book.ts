import type { Command } from "../../model/command.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import type { LedgerDraft, LedgerId, LedgerRecord } from "../../store/ledger.ts"
import type { Put, Store } from "../../store/store.ts"
import type { CommandResult, Outcome } from "../act.ts"
import { writesOf } from "./picture.ts"

/** A command between intent and end, as it stands in the store: after a crash nobody knows whether it was written. */
interface Issued extends Omit<CommandResult, "state" | "record"> {
  readonly state: "issued"
  readonly causes: readonly LedgerId[]
}

type Ended = Omit<CommandResult, "record">

type CommandDocument = CommandResult | Ended | Issued

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
  async issue(intent: Intent): Promise<Intent> {
    const at = this.#now()
    const { command, before } = intent
    const issued: Issued = { ...intent, state: "issued", outcomes: [], at }
    const draft = draftOf({ ...issued, body: { command, before } })
    const [record] = await this.#store.commit({ records: [draft], puts: [put(issued)] })
    if (command.decision !== undefined) this.#decisions.set(command.decision, command.id)
    return { command, before, causes: [idOf(record), ...intent.causes] }
  }

  /** What is done so far, so that a crash in a later write does not make it unknown. */
  async progress(intent: Intent, outcomes: readonly Outcome[]): Promise<void> {
    const issued: Issued = { ...intent, state: "issued", outcomes, at: this.#now() }
    await this.#store.commit({ puts: [put(issued)] })
  }

  async end(intent: Intent, outcomes: readonly Outcome[]): Promise<CommandResult> {
    const { command, before, causes } = intent
    const end: Ended = { command, before, outcomes, state: stateOf(outcomes), at: this.#now() }
    const body = { command, before, outcomes }
    const [record] = await this.#store.commit({
      records: [draftOf({ ...end, causes, body })],
      puts: [put(end), ...this.#forgotten(end.at)],
    })
    return this.#keep({ ...end, record: idOf(record) })
  }

  /** The record's id is known only once it stands in the chain; a crash before this loses the link, `#close` finds it. */
  async #keep(result: CommandResult): Promise<CommandResult> {
    await this.#store.commit({ puts: [put(result)] })
    this.#remember(result)
    return result
  }

  async #close(document: CommandDocument): Promise<CommandResult> {
    if ("record" in document) {
      this.#remember(document)
      return document
    }
    const record = await this.#recordOf(document)
    if (document.state !== "issued") return this.#keep({ ...document, record })
    const intent = { ...document, causes: [...new Set([record, ...document.causes])] }
    return this.end(intent, interruptedAfter(document))
  }

  async #recordOf({ command, state }: CommandDocument): Promise<LedgerId> {
    let before: number | undefined
    for (;;) {
      const page = await this.#store.ledger.list({
        kinds: [`command.${state}`],
        subject: subjectOf(command),
        limit: 100,
        ...(before === undefined ? {} : { before }),
      })
      const found = page.find(
        ({ body }) => (body.command as Command | undefined)?.id === command.id,
      )
      const last = page.at(-1)
      if (found) return found.id
      if (last === undefined)
        throw new Problem("ledger-broken", `command ${command.id}`, `no record command.${state}`)
      before = last.number
    }
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

function interruptedAfter({ command, outcomes }: Issued): readonly Outcome[] {
  const because = "Moru stopped between the intent and the end of this write"
  return inOrder(command, [...outcomes, { state: "unknown", because }])
}

/** Fills up to one outcome for each write: what comes after a failure was not tried. */
export function inOrder(command: Command, outcomes: readonly Outcome[]): readonly Outcome[] {
  const failed = outcomes.findIndex((outcome) => outcome.state !== "done")
  if (failed < 0) return outcomes
  const because = `not tried, because write ${failed + 1} was ${outcomes[failed]?.state}`
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

function draftOf(
  of: Pick<CommandResult, "command" | "at"> & {
    readonly state: CommandDocument["state"]
    readonly causes: readonly LedgerId[]
    readonly body: Readonly<Record<string, unknown>>
  },
): LedgerDraft {
  const { by } = of.command
  return {
    kind: `command.${of.state}`,
    at: of.at,
    subject: subjectOf(of.command),
    by: "person" in by ? by.person : `decide:${by.decider}`,
    causes: of.causes,
    body: of.body,
  }
}

function subjectOf(command: Command): string {
  return writesOf(command)[0]?.target ?? "plant"
}

function put(document: CommandDocument): Put {
  return { collection: "command", id: document.command.id, document }
}

function idOf(record: LedgerRecord | undefined): LedgerId {
  if (record) return record.id
  throw new Problem("store-failed", "ledger", "the store gave no record for a draft")
}
