import type { DecisionDocument } from "../../decide/decide.ts"
import type { Clock } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Ids } from "../../kernel/ids.ts"
import type { Log } from "../../kernel/log.ts"
import type { Author, Command, Write } from "../../model/command.ts"
import { type Path, parentOf } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import { type Namespace, tagAt, type Values } from "../../namespace/namespace.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"
import type { Actuator, CommandResult, Gate, Guard, Outcome, Picture, Refusal } from "../act.ts"
import { type Line, writeOnce } from "./attempt.ts"
import { Book, inOrder } from "./book.ts"
import { MachineReader, writesOf } from "./picture.ts"
import { Switch } from "./switch.ts"
import { Turns } from "./turns.ts"

export interface GateOptions {
  readonly store: Store
  readonly namespace: Namespace
  readonly clock: Clock
  readonly log: Log
  readonly ids: Ids
  readonly actuator: Actuator
  /** In the order in which they are asked. */
  readonly guards: readonly Guard[]
  /** The computer's time, whatever the speed of the plant's. */
  readonly writeTimeoutMs: number
  readonly readBackTimeoutMs: number
}

const rollBackLifeMs = 600_000

/** The only holder of an actuator: every change of the plant passes here. */
export class PlantGate implements Gate, Component {
  readonly name = "gate"
  readonly #options: GateOptions
  readonly #line: Line
  readonly #book: Book
  readonly #reader: MachineReader
  readonly #automatic: Switch
  readonly #writes: Switch
  readonly #turns = new Turns()
  readonly #running = new Map<string, Promise<CommandResult>>()
  readonly #listeners = new Set<() => void>()
  #state: "stopped" | "running" | "stopping" = "stopped"

  constructor(options: GateOptions) {
    const { store, namespace, clock, log } = options
    this.#options = options
    this.#line = options
    this.#book = new Book(store, () => clock.now())
    this.#reader = new MachineReader(options, namespace, log)
    this.#automatic = new Switch(store, "automatic", {
      stop: "automatic.stopped",
      allow: "automatic.allowed",
    })
    this.#writes = new Switch(store, "writes", {
      stop: "writes.forbidden",
      allow: "writes.allowed",
    })
  }

  async start(): Promise<void> {
    await this.#automatic.load()
    await this.#writes.load()
    const cut = await this.#book.load()
    if (cut > 0) this.#options.log.warn("commands without an end are unknown now", { count: cut })
    this.#state = "running"
  }

  async stop(): Promise<void> {
    this.#state = "stopping"
    await Promise.allSettled(this.#running.values())
    this.#state = "stopped"
  }

  health(): Health {
    return { state: this.#state }
  }

  submit(command: Command, causes: readonly LedgerId[]): Promise<CommandResult> {
    const running = this.#running.get(command.id)
    if (running) return running
    const result = this.#submit(command, causes).finally(() => this.#running.delete(command.id))
    this.#running.set(command.id, result)
    return result
  }

  async rollBack(commandId: string, by: Author): Promise<CommandResult> {
    const original = await this.#book.find(commandId)
    if (!original)
      throw new Problem("not-found", `command ${commandId}`, "got an id that no command has")
    const { ids, clock } = this.#options
    const command: Command = {
      id: ids(),
      by,
      expiresAt: clock.now() + rollBackLifeMs,
      body: { writes: writesBack(original) },
    }
    return this.submit(command, [original.record])
  }

  result(commandId: string): CommandResult | undefined {
    return this.#book.result(commandId)
  }

  get automaticStopped(): boolean {
    return this.#automatic.stopped
  }

  /** True after a restore, until a person allows writing again. */
  get readOnly(): boolean {
    return this.#writes.stopped
  }

  async stopAutomatic(by: string, reason: string): Promise<void> {
    await this.#move(this.#automatic.stop({ by, reason, at: this.#options.clock.now() }))
  }

  async allowAutomatic(by: string, reason: string): Promise<void> {
    await this.#move(this.#automatic.allow({ by, reason, at: this.#options.clock.now() }))
  }

  /** For a restore: nothing is written at all, by nobody, until `allowWrites`. */
  async forbidWrites(by: string, reason: string): Promise<void> {
    await this.#move(this.#writes.stop({ by, reason, at: this.#options.clock.now() }))
  }

  async allowWrites(by: string, reason: string): Promise<void> {
    await this.#move(this.#writes.allow({ by, reason, at: this.#options.clock.now() }))
  }

  /** Calls `changed` when one of the two switches moved. Call the result to hear no more. */
  onChange(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  async #move(moving: Promise<void>): Promise<void> {
    try {
      await moving
    } finally {
      for (const changed of this.#listeners) changed()
    }
  }

  async #submit(command: Command, causes: readonly LedgerId[]): Promise<CommandResult> {
    if (this.#state !== "running")
      throw new Problem("unexpected", "gate", "got a command while it does not run")
    const keys = new Set(writesOf(command).map(({ target }) => parentOf(target) ?? target))
    const done = await this.#turns.take([...keys])
    try {
      return (await this.#book.find(command.id)) ?? (await this.#carryOut(command, causes))
    } finally {
      done()
    }
  }

  async #carryOut(command: Command, causes: readonly LedgerId[]): Promise<CommandResult> {
    const look = await this.#look(command, 0)
    const before = writesOf(command).map(({ target }) => look.picture.present(target))
    if (look.refusal)
      return this.#book.end({ command, before, causes }, inOrder(command, [refused(look.refusal)]))
    const issued = await this.#book.issue({ command, before, causes })
    const outcomes: Outcome[] = []
    for (const write of writesOf(command)) {
      if (outcomes.length > 0) await this.#book.progress(issued, outcomes)
      const outcome = await this.#write(command, write, outcomes.length)
      outcomes.push(outcome)
      if (outcome.state !== "done") break
    }
    return this.#book.end(issued, inOrder(command, outcomes))
  }

  async #write(command: Command, write: Write, done: number): Promise<Outcome> {
    const { refusal } = await this.#look(command, done)
    if (refusal) return refused(refusal)
    this.#book.sent(write.target)
    return writeOnce(write, this.#line)
  }

  /** Asks the guards: first those that need no machine, so that nothing is read for who may not even ask. */
  async #look(
    command: Command,
    done: number,
  ): Promise<{ readonly refusal: Refusal | undefined; readonly picture: Picture }> {
    const { guards, namespace } = this.#options
    const writes = writesOf(command).slice(done)
    const unread = { values: namespace.snapshot(), targets: new Map<Path, Value>() }
    const sketch = await this.#picture(command, done, unread)
    const early = firstRefusal(
      command,
      sketch,
      guards.filter((guard) => !guard.needsPresent),
    )
    if (early) return { refusal: early, picture: sketch }
    const values = await this.#reader.values(writes)
    const targets = await this.#reader.targets(writes)
    const picture = await this.#picture(command, done, { values, targets })
    return { refusal: firstRefusal(command, picture, guards), picture }
  }

  async #picture(
    command: Command,
    done: number,
    { values, targets }: { values: Values; targets: ReadonlyMap<Path, Value> },
  ): Promise<Picture> {
    const { store, namespace, actuator, clock } = this.#options
    const document =
      command.decision && (await store.get<DecisionDocument>("decision", command.decision))
    return {
      at: clock.now(),
      values,
      done,
      decision: document ? document.decision : undefined,
      carriedOutBy: this.#book.carriedOutBy(command),
      automaticStopped: this.#automatic.stopped,
      readOnly: this.#writes.stopped,
      tag: (path) => tagAt(namespace, path)?.tag,
      present: (path) => targets.get(path),
      canWrite: (path) => actuator.canWrite(path),
      lastWriteAt: (path) => this.#book.lastWriteAt(path),
    }
  }
}

function firstRefusal(
  command: Command,
  picture: Picture,
  guards: readonly Guard[],
): Refusal | undefined {
  for (const guard of guards) {
    const refusal = guard.check(command, picture)
    if (refusal) return refusal
  }
  return undefined
}

function refused(refusal: Refusal): Outcome {
  return refusal.guard === "expiry" ? { state: "expired" } : { state: "refused", refusal }
}

/** What was done, in the opposite order, each only if the machine still holds what was written. */
function writesBack({ command, outcomes, before }: CommandResult): readonly Write[] {
  const back: Write[] = []
  writesOf(command).forEach(({ target }, i) => {
    const outcome = outcomes[i]
    const value = before[i]
    if (outcome?.state === "done" && value !== undefined)
      back.unshift({ target, value, expect: outcome.readBack })
  })
  return back
}
