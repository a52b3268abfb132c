import type { Finding } from "../../analyse/finding.ts"
import { every } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Log } from "../../kernel/log.ts"
import type { Role } from "../../model/command.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Path } from "../../model/path.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Decision, Decisions } from "../decide.ts"
import { type Score, scoreOf } from "../score.ts"
import { whyNotMeasurable } from "./advice.ts"
import { Asker, type AskerOptions } from "./asker.ts"
import { carryOut, type Hands, recover } from "./carry-out.ts"
import { Docket } from "./docket.ts"

export interface DecisionRunnerOptions extends AskerOptions {
  readonly log: Log
  readonly hands: Hands
  mayApprove(role: Role, decision: Decision): boolean
}

type Person = { readonly person: string; readonly role: Role }

/** Deciders are asked at least so often (plant time), even if nothing new was found. */
const rhythmMs = 30_000
const expiryMs = 10_000

/** Asks the plant's deciders, and leads their decisions from the proposal to the measured effect. */
export class DecisionRunner implements Component, Decisions {
  readonly name = "decide"
  readonly #options: DecisionRunnerOptions
  #plant: DecisionRunnerOptions["plant"]
  readonly #log: Log
  readonly #docket: Docket
  readonly #asker: Asker
  readonly #dirty = new Set<Path>()
  readonly #stopping = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  #turn: Promise<unknown> = Promise.resolve()
  #asking = false
  #unlisten: () => void = () => {}
  #health: Health = { state: "stopped" }

  constructor(options: DecisionRunnerOptions) {
    this.#options = options
    this.#plant = options.plant
    this.#log = options.log.of("decide")
    this.#docket = new Docket(options.store, this.#log)
    this.#asker = new Asker(options, this.#docket)
  }

  async start(signal: AbortSignal): Promise<void> {
    const { findings, clock } = this.#options
    await this.#docket.load()
    await this.#asker.load()
    signal.addEventListener("abort", () => this.#stopping.abort(), { once: true })
    const until = this.#stopping.signal
    for (const decision of this.#docket.list()) this.#goOn(recover(decision, this.#tools()))
    this.#unlisten = findings.onChange((finding) => this.#answer(finding))
    const everything = () => this.#plant.deciders.map((config) => config.equipment)
    const failed = (thrown: unknown) => this.#failed(thrown)
    const speed = clock.speed ?? 1
    const context = { clock, signal: until, failed }
    this.#goOn(every(Math.max(rhythmMs, 1000 * speed), () => this.#ask(everything()), context))
    this.#goOn(every(Math.max(expiryMs, 100 * speed), () => this.#expire(), context))
    this.#health = { state: "running" }
  }

  async stop(): Promise<void> {
    this.#unlisten()
    this.#stopping.abort()
    await Promise.allSettled(this.#underWay)
    await this.#turn
    this.#health = { state: "stopped" }
  }

  health(): Health {
    return this.#health
  }

  list(): readonly Decision[] {
    return this.#docket.list()
  }

  get(id: string): Decision | undefined {
    return this.#docket.get(id)
  }

  /** Calls back after each step of a decision is durable. Gives a function that ends it. */
  onChange(listener: (decision: Decision) => void): () => void {
    return this.#docket.onChange(listener)
  }

  /** How each decider has done with the decisions at hand. */
  score(): readonly Score[] {
    const names = this.#plant.deciders.map((config) => config.name)
    return names.map((name) => scoreOf(name, this.#docket.list()))
  }

  /** Takes a changed plant over: its deciders, their options and policies, from the next question on. */
  replan(plant: DecisionRunnerOptions["plant"]): Promise<void> {
    this.#plant = plant
    return this.#inTurn(() => this.#asker.load(plant))
  }

  /** Takes cycles that are durable and asks their equipment's deciders soon; nothing is lost by a crash before. */
  observe(cycles: readonly Cycle[]): void {
    this.#asker.observe(cycles)
    this.#ask(cycles.map((cycle) => cycle.equipment))
  }

  /** Resolves when everybody who had to be asked was asked. */
  async settled(): Promise<void> {
    for (let turn: unknown; turn !== this.#turn && !this.#stopping.signal.aborted; ) {
      turn = this.#turn
      await turn
    }
  }

  approve(id: string, by: Person): Promise<Decision> {
    return this.#inTurn(async () => {
      await this.#decidable(id, by)
      const approved = await this.#docket.step(id, {
        to: "approved",
        kind: "decision.approved",
        by: by.person,
        facts: { decidedBy: by.person, decidedAt: this.#options.clock.now() },
        body: { role: by.role },
      })
      this.#goOn(carryOut(id, this.#tools()))
      return approved
    })
  }

  reject(id: string, by: Person, reason: string): Promise<Decision> {
    return this.#inTurn(async () => {
      await this.#decidable(id, by)
      return this.#docket.step(id, {
        to: "rejected",
        kind: "decision.rejected",
        by: by.person,
        facts: { decidedBy: by.person, decidedAt: this.#options.clock.now(), reason },
        body: { role: by.role, reason },
      })
    })
  }

  /** The command of a decision was rolled back through the gate; `record` is the ledger record of that. */
  rolledBack(id: string, by: string, record: LedgerId): Promise<Decision> {
    const step = { to: "rolled-back", kind: "decision.rolled-back", by, causes: [record] } as const
    return this.#inTurn(() => this.#docket.step(id, step))
  }

  #tools() {
    const { hands, ids } = this.#options
    return { docket: this.#docket, hands, ids, log: this.#log, signal: this.#stopping.signal }
  }

  #goOn(work: Promise<void>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
  }

  /** One thing at a time: a proposal, an approval and an expiry never cross. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** Throws unless this person may decide on it now. */
  async #decidable(id: string, by: Person): Promise<void> {
    const decision = this.#docket.get(id)
    if (!decision) throw new Problem("not-found", `decision ${id}`, "there is no such decision")
    if (!this.#options.mayApprove(by.role, decision))
      throw new Problem("right-missing", `decision ${id}`, `a ${by.role} may not decide on it`)
    if (decision.state === "proposed") await this.#expireOne(decision)
    const state = this.#docket.get(id)?.state
    if (state !== "proposed")
      throw new Problem("decision-closed", `decision ${id}`, `it is already ${state}`)
  }

  #expire(): Promise<void> {
    return this.#inTurn(async () => {
      for (const decision of this.#docket.list())
        if (decision.state === "proposed") await this.#expireOne(decision)
    })
  }

  async #expireOne(decision: Decision): Promise<void> {
    const { findings, clock } = this.#options
    const late = decision.expiresAt <= clock.now()
    const over =
      decision.findings.length > 0 && decision.findings.every((f) => !findings.get(f)?.open)
    if (!late && !over) return
    const reason = late ? "nobody answered in time" : "what it answers is over"
    await this.#docket.step(decision.id, {
      to: "expired",
      kind: "decision.expired",
      by: `decide:${decision.decider}`,
      facts: { reason, decidedAt: clock.now() },
      body: { reason },
    })
  }

  /** What is found is answered as of its time, also where much is caught up at once; what is over may end proposals. */
  #answer(finding: Finding): void {
    if (this.#stopping.signal.aborted) return
    if (!finding.open) {
      this.#ask([finding.equipment])
      return
    }
    const failed = (thrown: unknown) => this.#failed(thrown)
    this.#goOn(
      this.#inTurn(async () => {
        for (const decision of await this.#asker.askAbout(finding, failed))
          await this.#proposed(decision).catch(failed)
      }),
    )
  }

  #ask(equipment: readonly Path[]): void {
    for (const path of equipment) this.#dirty.add(path)
    if (this.#asking || this.#dirty.size === 0 || this.#stopping.signal.aborted) return
    this.#asking = true
    this.#goOn(
      this.#inTurn(() => this.#askDirty()).then(() => {
        this.#asking = false
        this.#ask([])
      }),
    )
  }

  async #askDirty(): Promise<void> {
    const equipment = new Set([...this.#dirty].filter((path) => this.#asker.isCurrent(path)))
    this.#dirty.clear()
    this.#health = { state: "running" }
    const failed = (thrown: unknown) => this.#failed(thrown)
    for (const decision of await this.#asker.ask(equipment, failed)) {
      await this.#proposed(decision).catch(failed)
    }
  }

  async #proposed(decision: Decision): Promise<void> {
    if (decision.state === "advice") {
      const effect = { state: "not-measurable", because: whyNotMeasurable(decision) } as const
      await this.#docket.step(decision.id, {
        to: "advice",
        kind: "effect.not-measurable",
        by: `decide:${decision.decider}`,
        facts: { effect },
        body: { effect },
      })
    } else if (decision.policy === "automatic") this.#goOn(carryOut(decision.id, this.#tools()))
  }

  #failed(thrown: unknown): void {
    const { message, hint } = problemOf(thrown, "decide")
    this.#health = { state: "degraded", because: message, hint }
    this.#log.error("deciding failed", { problem: message })
  }
}
