import type { Findings } from "../../analyse/finding.ts"
import { placeOf } from "../../analyse/place.ts"
import type { Cycles } from "../../historian/historian.ts"
import { type Clock, every } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Ids } from "../../kernel/ids.ts"
import type { Log } from "../../kernel/log.ts"
import type { Role } from "../../model/command.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Path } from "../../model/path.ts"
import type { DeciderConfig, Plant } from "../../model/plant.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { Tag } from "../../model/tag.ts"
import type { Text } from "../../model/text.ts"
import type { Namespace } from "../../namespace/namespace.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"
import type { Decider, Decision, DecisionDraft, Decisions } from "../decide.ts"
import { deciders } from "../registry.ts"
import { type Score, scoreOf } from "../score.ts"
import { carryOut, type Hands, recover } from "./carry-out.ts"
import { Docket } from "./docket.ts"
import { RecentCycles } from "./recent.ts"
import { snapshotOf } from "./snapshot.ts"

export interface DecisionRunnerOptions {
  readonly plant: Pick<Plant, "deciders" | "devices" | "tags">
  readonly namespace: Namespace
  readonly cycles: Cycles
  readonly findings: Findings
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly hands: Hands
  /** Whether the tag's device takes writes; where it doesn't, proposals stay advice. */
  canWrite(target: Path): boolean
  mayApprove(role: Role, decision: Decision): boolean
}

interface Seat {
  readonly config: DeciderConfig
  readonly decider: Decider
  memory: unknown
}

type Person = { readonly person: string; readonly role: Role }

/** Deciders are asked at least so often (plant time), even if nothing new was found. */
const rhythmMs = 30_000
const expiryMs = 10_000

/** Asks the plant's deciders, and leads their decisions from the proposal to the measured effect. */
export class DecisionRunner implements Component, Decisions {
  readonly name = "decide"
  readonly #options: DecisionRunnerOptions
  readonly #log: Log
  readonly #docket: Docket
  readonly #tags: ReadonlyMap<Path, Tag>
  readonly #seats: Seat[] = []
  readonly #recent = new RecentCycles()
  readonly #dirty = new Set<Path>()
  readonly #stopping = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  #turn: Promise<unknown> = Promise.resolve()
  #asking = false
  #unlisten: () => void = () => {}
  #health: Health = { state: "stopped" }

  constructor(options: DecisionRunnerOptions) {
    this.#options = options
    this.#log = options.log.of("decide")
    this.#docket = new Docket(options.store, this.#log)
    this.#tags = new Map(options.plant.tags.map((tag) => [tag.path, tag]))
  }

  async start(signal: AbortSignal): Promise<void> {
    const { plant, findings, clock, cycles } = this.#options
    await this.#docket.load()
    for (const config of plant.deciders) await this.#recent.load(config.equipment, cycles)
    for (const config of plant.deciders) this.#seats.push(await this.#seatOf(config))
    signal.addEventListener("abort", () => this.#stopping.abort(), { once: true })
    const until = this.#stopping.signal
    for (const decision of this.#docket.list()) this.#goOn(recover(decision, this.#tools()))
    this.#unlisten = findings.onChange((finding) => this.#ask([finding.equipment]))
    const everything = plant.deciders.map((config) => config.equipment)
    const failed = (thrown: unknown) => this.#failed(thrown)
    const speed = clock.speed ?? 1
    const context = { clock, signal: until, failed }
    this.#goOn(every(Math.max(rhythmMs, 1000 * speed), () => this.#ask(everything), context))
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
    const names = this.#options.plant.deciders.map((config) => config.name)
    return names.map((name) => scoreOf(name, this.#docket.list()))
  }

  /** Takes cycles that are durable and asks their equipment's deciders soon; nothing is lost by a crash before. */
  observe(cycles: readonly Cycle[]): void {
    this.#recent.add(cycles)
    this.#ask(cycles.map((cycle) => cycle.equipment))
  }

  /** Resolves when everybody who had to be asked was asked. */
  async settled(): Promise<void> {
    while (this.#asking && !this.#stopping.signal.aborted) await this.#turn
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

  async #seatOf(config: DeciderConfig): Promise<Seat> {
    const { plant, store } = this.#options
    const kind = await deciders[config.kind]?.()
    if (!kind)
      throw new Problem(
        "config-invalid",
        `decider ${config.name}`,
        `got kind "${config.kind}", expected one of ${Object.keys(deciders).join(", ")}`,
      )
    const decider = kind.create(config.options, placeOf(plant, config.equipment))
    const kept = await store.get<{ kind: string; memory: unknown }>(
      "memory",
      `decider:${config.name}`,
    )
    const memory = kept?.kind === config.kind ? kept.memory : decider.initial
    return { config, decider, memory }
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

  /** A decider that fails stops no other one. */
  async #askDirty(): Promise<void> {
    const equipment = new Set(this.#dirty)
    this.#dirty.clear()
    let failed = false
    for (const seat of this.#seats) {
      if (!equipment.has(seat.config.equipment)) continue
      try {
        await this.#askOne(seat)
      } catch (thrown) {
        failed = true
        this.#failed(thrown)
      }
    }
    if (!failed) this.#health = { state: "running" }
  }

  async #askOne(seat: Seat): Promise<void> {
    const { namespace, canWrite, findings } = this.#options
    const { config, decider } = seat
    const decisions = this.#docket.list().filter((d) => d.decider === config.name)
    const sources = { namespace, tags: this.#tags, canWrite }
    const cycles = this.#recent.of(config.equipment)
    const own = { cycles, decisions, findings: findings.list() }
    const snapshot = snapshotOf(config.equipment, own, sources)
    const { memory, proposals } = decider.decide(snapshot, seat.memory)
    const remembers = JSON.stringify(memory) !== JSON.stringify(seat.memory)
    if (proposals.length === 0 && !remembers) return
    const document = { kind: config.kind, memory }
    const added = await this.#docket.add(
      proposals.map((draft) => this.#decisionOf(draft, config)),
      {
        causes: (decision) => recordsOf(decision, findings),
        puts: [{ collection: "memory", id: `decider:${config.name}`, document }],
      },
    )
    seat.memory = memory
    for (const decision of added) await this.#proposed(decision)
  }

  #decisionOf(draft: DecisionDraft, config: DeciderConfig): Decision {
    const { clock, ids } = this.#options
    return {
      ...draft,
      id: ids(),
      decider: config.name,
      subject: config.equipment,
      at: clock.now(),
      policy: config.policy,
      state: this.#isAdvice(draft, config) ? "advice" : "proposed",
      record: "",
    }
  }

  #isAdvice(draft: DecisionDraft, config: DeciderConfig): boolean {
    if (config.policy === "advise") return true
    return (
      "writes" in draft.body && !draft.body.writes.every((w) => this.#options.canWrite(w.target))
    )
  }

  async #proposed(decision: Decision): Promise<void> {
    if (decision.state === "advice") {
      const effect = { state: "not-measurable", because: whyNot(decision) } as const
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

function recordsOf(decision: Decision, findings: Findings): readonly LedgerId[] {
  return decision.findings.flatMap((id) => findings.get(id)?.record ?? [])
}

function whyNot(decision: Decision): Text {
  if (decision.policy === "advise")
    return {
      en: "It is advice only: Moru does not carry it out, so what follows is not its effect.",
      ko: "조언 전용입니다. Moru가 실행하지 않으므로 이후의 변화를 효과로 볼 수 없습니다.",
    }
  return {
    en: "The device takes no writes, as a recording does not: nothing can answer the set point.",
    ko: "쓰기를 받지 않는 장치(예: 기록 재생)라 설정값에 반응할 수 없습니다.",
  }
}
