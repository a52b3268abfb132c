import assert from "node:assert/strict"
import { afterEach, beforeEach, suite, test } from "node:test"
import { House } from "../../../test/support/house.ts"
import type { Finding, Findings } from "../../analyse/finding.ts"
import { silentLog } from "../../kernel/log.ts"
import { sourceId } from "../../model/block.ts"
import { type Cycle, cycleId } from "../../model/cycle.ts"
import { joinPath, parsePath } from "../../model/path.ts"
import type { DeciderConfig } from "../../model/plant.ts"
import { Problem } from "../../model/problem.ts"
import type { Tag } from "../../model/tag.ts"
import type { Decision, MeasuredEffect } from "../decide.ts"
import type { ActResult, Hands } from "./carry-out.ts"
import { DecisionRunner } from "./runner.ts"

const equipment = parsePath("demo/dc-1")
const heat = joinPath(equipment, "heat")
const flow = joinPath(equipment, "flow-set")
const source = sourceId({ name: "shots", epoch: "1" })
const operator = { person: "p1", role: "operator" } as const

const tag: Tag = {
  path: heat,
  equipment,
  kind: "number",
  unit: "Cel",
  name: { en: "Die temperature", ko: "금형 온도" },
  decimals: 1,
  staleAfterMs: 3_600_000,
  limits: [],
}
const writable = { min: 20, max: 80, maxStep: 15, minIntervalMs: 0, interlocks: [] }
const tags = [tag, { ...tag, path: flow, unit: "L/min", name: { en: "Cooling" }, writable }]
const config: DeciderConfig = {
  name: "cooling",
  kind: "cooling",
  equipment,
  policy: "approve",
  options: { "set-point": "flow-set", measure: "heat", step: 10 },
}

/** Findings as a test states them. */
class Stated implements Findings {
  readonly #all = new Map<string, Finding>()
  readonly #listeners = new Set<(finding: Finding) => void>()
  readonly #house: House

  constructor(house: House) {
    this.#house = house
  }

  list(): readonly Finding[] {
    return [...this.#all.values()]
  }

  get(id: string): Finding | undefined {
    return this.#all.get(id)
  }

  onChange(listener: (finding: Finding) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async hot(): Promise<void> {
    const at = this.#house.clock.now()
    const [record] = await this.#house.store.commit({
      records: [
        { kind: "finding.raised", subject: equipment, by: "analyse:drift", causes: [], body: {} },
      ],
    })
    const because = [{ tag: heat, from: at - 1, to: at, share: 1 }]
    const measures = { deviation: 20, "deviation:heat": 20, direction: 1 }
    const words = {
      id: "f1",
      kind: "drift",
      analyser: "drift",
      title: { en: "hot" },
      confidence: 0.9,
    }
    const finding = {
      ...words,
      equipment,
      at,
      because,
      measures,
      open: true,
      record: record?.id ?? "",
    }
    this.#tell(finding)
  }

  over(): void {
    const finding = this.#all.get("f1")
    assert.ok(finding)
    this.#tell({ ...finding, open: false })
  }

  #tell(finding: Finding): void {
    this.#all.set(finding.id, finding)
    for (const listener of this.#listeners) listener(finding)
  }
}

/** Stands where the gate and the effect meter stand: does what the test wants and counts what reached it. */
class TestHands implements Hands {
  readonly acted: Decision[] = []
  readonly results = new Map<string, ActResult>()
  outcome: ActResult["state"] | "crash" = "done"
  effect: MeasuredEffect | "later" = "later"
  readonly #house: House

  constructor(house: House) {
    this.#house = house
  }

  async act(decision: Decision, causes: readonly string[]): Promise<ActResult> {
    this.acted.push(decision)
    if (this.outcome === "crash") return new Promise(() => {})
    const state = this.outcome
    const command = decision.command ?? ""
    const kind = state === "done" ? "command.done" : "command.refused"
    const [record] = await this.#house.store.commit({
      records: [{ kind, subject: flow, by: "act:gate", causes, body: { command } }],
    })
    const at = this.#house.clock.now()
    const because = state === "done" ? {} : { because: { en: "cooling-flow-set is out of range" } }
    const result = { command, state, at, record: record?.id ?? "", ...because }
    this.results.set(command, result)
    return result
  }

  measure(_decision: Decision, _result: ActResult, signal: AbortSignal): Promise<MeasuredEffect> {
    if (this.effect !== "later") return Promise.resolve(this.effect)
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
  }

  resultOf(command: string): ActResult | undefined {
    return this.results.get(command)
  }
}

function cyclesUpTo(now: number): readonly Cycle[] {
  return [3, 2, 1, 0].map((ago, i) => {
    const end = now - ago * 120_000
    const values = { heat: ago === 0 ? 220 : 200 }
    const sequence = i + 1
    const id = cycleId(source, sequence)
    return { id, equipment, source, sequence, start: end - 120_000, end, values, verdict: "good" }
  })
}

suite("decisions", () => {
  let house: House
  let findings: Stated
  let hands: TestHands
  let runner: DecisionRunner

  async function start(given: Partial<DeciderConfig> & { canWrite?: boolean } = {}): Promise<void> {
    const { canWrite = true, ...policy } = given
    const { namespace, store, clock, ids, history } = house
    runner = new DecisionRunner({
      plant: { deciders: [{ ...config, ...policy }], devices: [], tags },
      namespace,
      cycles: history.cycles,
      findings,
      store,
      clock,
      ids,
      log: silentLog,
      hands,
      canWrite: () => canWrite,
      mayApprove: (role) => role !== "viewer",
    })
    await runner.start(new AbortController().signal)
  }
  /** Lets all settle that follows in this instant. */
  const settle = async () => {
    await runner.settled()
    await house.clock.advance(0)
    await house.clock.advance(0)
  }
  async function hot(): Promise<Decision> {
    await house.sample(flow, 40)
    const cycles = cyclesUpTo(house.clock.now())
    await house.deliver("shots", [], cycles)
    runner.observe(cycles)
    await runner.settled()
    await findings.hot()
    await settle()
    const [decision] = runner.list()
    assert.ok(decision)
    return decision
  }
  const chain = async () =>
    (await house.store.ledger.list({ limit: 100 }))
      .toReversed()
      .map((r) => `${r.number} ${r.kind} by ${r.by} because of ${r.causes.join()}`)
  const problem = (code: string) => (thrown: unknown) =>
    thrown instanceof Problem && thrown.code === code
  const state = () => runner.list()[0]?.state

  beforeEach(async () => {
    house = await House.open(tags)
    findings = new Stated(house)
    hands = new TestHands(house)
  })
  afterEach(async () => {
    await runner.stop()
    await house.close()
  })

  test("a drift becomes a proposal, a person approves it, it is done and its effect is measured, each with its cause", async () => {
    const span = { from: 0, to: 1, cycles: 15, mean: 200 }
    hands.effect = {
      state: "measured",
      measure: heat,
      unit: "Cel",
      change: -9,
      low: -11,
      high: -7,
      before: span,
      after: span,
      proven: true,
      method: "test",
    }
    await start()
    const proposed = await hot()
    assert.equal(proposed.state, "proposed")
    assert.equal(proposed.record, "plant:2")
    assert.deepEqual(proposed.body, { writes: [{ target: flow, value: 50, expect: 40 }] })
    const approved = await runner.approve(proposed.id, operator)
    assert.equal(approved.state, "approved")
    assert.equal(approved.decidedBy, "p1")
    await settle()
    assert.equal(state(), "measured")
    assert.deepEqual(await chain(), [
      "1 finding.raised by analyse:drift because of ",
      "2 decision.proposed by decide:cooling because of plant:1",
      "3 decision.approved by p1 because of plant:2",
      "4 command.done by act:gate because of plant:3",
      "5 decision.done by decide:cooling because of plant:4",
      "6 effect.measured by decide:cooling because of plant:5",
    ])
    const [score] = runner.score()
    assert.deepEqual(
      [score?.proposed, score?.approved, score?.measured, score?.proven],
      [1, 1, 1, 1],
    )
    assert.ok(Math.abs((score?.meanError ?? 0) - (-9 + 8) / -8) < 1e-9)
  })

  test("nothing reaches the machine before a person approves, and nobody may without the right", async () => {
    await start()
    const { id } = await hot()
    await house.clock.advance(60_000)
    assert.equal(hands.acted.length, 0)
    const viewer = { person: "p9", role: "viewer" } as const
    await assert.rejects(runner.approve(id, viewer), problem("right-missing"))
    await assert.rejects(runner.approve("nothing", operator), problem("not-found"))
    const rejected = await runner.reject(id, operator, "the channel is being cleaned")
    assert.equal(rejected.state, "rejected")
    await assert.rejects(runner.approve(id, operator), problem("decision-closed"))
    assert.equal(hands.acted.length, 0)
  })

  test("two who approve at once act once", async () => {
    await start()
    const { id } = await hot()
    const both = await Promise.allSettled([
      runner.approve(id, operator),
      runner.approve(id, { ...operator, person: "p2" }),
    ])
    await settle()
    assert.deepEqual(
      both.map((one) => one.status),
      ["fulfilled", "rejected"],
    )
    assert.equal(hands.acted.length, 1)
  })

  test("a proposal that nobody answers expires, also for who comes too late", async () => {
    await start()
    const { id, expiresAt } = await hot()
    await house.clock.advance(expiresAt - house.clock.now() + 10_000)
    assert.equal(state(), "expired")
    await assert.rejects(runner.approve(id, operator), problem("decision-closed"))
  })

  test("a proposal whose drift is over expires by itself", async () => {
    await start()
    await hot()
    findings.over()
    await house.clock.advance(10_000)
    assert.equal(state(), "expired")
    assert.equal(runner.list()[0]?.reason, "what it answers is over")
  })

  test("what the gate refuses has failed, with the gate's own words", async () => {
    hands.outcome = "refused"
    await start()
    const { id } = await hot()
    await runner.approve(id, operator)
    await settle()
    assert.equal(state(), "failed")
    assert.equal(runner.list()[0]?.failure?.en, "cooling-flow-set is out of range")
  })

  test("where the policy is automatic it acts by itself", async () => {
    await start({ policy: "automatic" })
    await hot()
    await settle()
    assert.equal(state(), "done")
    assert.equal(hands.acted.length, 1)
  })

  test("a device that takes no writes gets advice, whose effect cannot be measured and says why", async () => {
    await start({ canWrite: false })
    const { id } = await hot()
    await settle()
    const [decision] = runner.list()
    assert.equal(decision?.state, "advice")
    assert.equal(decision?.effect?.state, "not-measurable")
    await assert.rejects(runner.approve(id, operator), problem("decision-closed"))
    assert.ok(
      (await chain()).includes("3 effect.not-measurable by decide:cooling because of plant:2"),
    )
  })

  test("after a restart in the middle of a write nothing is sent again", async () => {
    hands.outcome = "crash"
    await start()
    const { id } = await hot()
    await runner.approve(id, operator)
    await settle()
    assert.equal(state(), "acting")
    const command = runner.get(id)?.command ?? ""
    const known = runner
    house = await house.reopen(tags)
    // The gate of the earlier run knows how it ended.
    const [record] = await house.store.commit({
      records: [{ kind: "command.unknown", subject: flow, by: "act:gate", causes: [], body: {} }],
    })
    const because = { en: "the machine did not answer in time" }
    const at = house.clock.now()
    hands.results.set(command, { command, state: "unknown", at, record: record?.id ?? "", because })
    await start()
    await settle()
    assert.equal(state(), "failed")
    assert.deepEqual(runner.get(id)?.failure, because)
    assert.equal(hands.acted.length, 1)
    assert.notEqual(known, runner)
  })

  test("a decision that was approved but never sent before the restart is not sent after it", async () => {
    await start()
    const { id } = await hot()
    await runner.stop()
    house = await house.reopen(tags)
    const kept = await house.store.get<{ decision: Decision }>("decision", id)
    const document = { ...kept, decision: { ...kept?.decision, state: "approved" } }
    await house.store.commit({ puts: [{ collection: "decision", id, document }] })
    await start()
    await settle()
    assert.equal(state(), "failed")
    assert.equal(hands.acted.length, 0)
  })

  test("an effect that was being measured is measured on after a restart", async () => {
    await start()
    const { id } = await hot()
    await runner.approve(id, operator)
    await settle()
    assert.equal(state(), "done")
    await runner.stop()
    assert.equal(state(), "done")
    house = await house.reopen(tags)
    const because = { en: "too few cycles", ko: "사이클 부족" }
    hands.effect = { state: "not-measurable", because }
    await start()
    await settle()
    assert.equal(runner.get(id)?.effect?.state, "not-measurable")
    assert.equal(hands.acted.length, 1)
  })

  test("a decision that is rolled back says so and is measured no more", async () => {
    await start()
    const { id } = await hot()
    await runner.approve(id, operator)
    await settle()
    const back = await runner.rolledBack(id, "p1", "plant:4")
    assert.equal(back.state, "rolled-back")
    await assert.rejects(runner.approve(id, operator), problem("decision-closed"))
  })
})
