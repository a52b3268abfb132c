import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { Decision } from "../../decide/decide.ts"
import type { Author, Command, Write } from "../../model/command.ts"
import type { Path } from "../../model/path.ts"
import { quality } from "../../model/quality.ts"
import type { Sample, Tag, Value, Writable } from "../../model/tag.ts"
import type { Picture } from "../act.ts"
import { guards } from "../registry.ts"

const flow = "s/dc-1/cooling-flow-set" as Path
const hold = "s/dc-1/hold-next-cycle" as Path
const recipe = "s/dc-1/recipe" as Path
const running = "s/dc-1/state" as Path
const measured = "s/dc-1/cooling-flow" as Path
const now = 1_000_000

const writable: Writable = {
  min: 20,
  max: 80,
  maxStep: 15,
  minIntervalMs: 60_000,
  interlocks: [{ tag: running, is: "=", value: 1, withinMs: 10_000 }],
}

const tags: readonly Tag[] = [
  tagOf(flow, "number", { ...writable }),
  tagOf(hold, "boolean", { ...writable, min: 0, max: 1, maxStep: 1, interlocks: [] }),
  tagOf(recipe, "text", { ...writable, interlocks: [] }),
  tagOf(running, "number"),
  tagOf(measured, "number"),
]

function tagOf(path: Path, kind: Tag["kind"], may?: Writable): Tag {
  return {
    path,
    equipment: "s/dc-1" as Path,
    kind,
    unit: path === flow || path === measured ? "L/min" : "1",
    name: { en: path },
    decimals: 1,
    staleAfterMs: 3_600_000,
    limits: [],
    ...(may ? { writable: may } : {}),
  }
}

const operator: Author = { person: "p-1", role: "operator" }
const decider: Author = { decider: "dc-1-cooling" }
const writes: readonly Write[] = [{ target: flow, value: 50, expect: 40 }]

function command(change: Partial<Command> = {}): Command {
  return { id: "c-1", by: operator, expiresAt: now + 60_000, body: { writes }, ...change }
}

function write(target: Path, value: Value, expect?: Value): Command {
  return command({
    body: { writes: [{ target, value, ...(expect === undefined ? {} : { expect }) }] },
  })
}

interface World {
  readonly present?: Readonly<Record<string, Value>>
  readonly state?: Partial<Sample> | null
  readonly picture?: Partial<Picture>
}

function picture({ present = {}, state = {}, picture: change = {} }: World = {}): Picture {
  const held: Record<string, Value> = { [flow]: 40, [hold]: false, [recipe]: "A", ...present }
  const samples = new Map<Path, Sample>()
  if (state)
    samples.set(running, { tag: 4, at: now - 1000, value: 1, quality: quality.good, ...state })
  return {
    at: now,
    values: {
      at: now,
      get: (path) => samples.get(path),
      ageMs: (path) => {
        const sample = samples.get(path)
        return sample && now - sample.at
      },
    },
    tag: (path) => tags.find((tag) => tag.path === path),
    present: (path) => held[path],
    done: 0,
    canWrite: () => true,
    lastWriteAt: () => undefined,
    decision: undefined,
    carriedOutBy: undefined,
    automaticStopped: false,
    readOnly: false,
    ...change,
  }
}

function refusal(asked: Command, seen: Picture) {
  for (const guard of guards) {
    const found = guard.check(asked, seen)
    if (found) return found
  }
  return undefined
}

const decision = {
  id: "d-1",
  decider: "dc-1-cooling",
  body: { writes },
  policy: "approve",
  state: "acting",
  decidedBy: "p-1",
} as unknown as Decision

const decided = command({ by: decider, decision: "d-1" })

const passes: readonly [string, Command, World?][] = [
  ["an operator writes within range, step and rate", command()],
  ["a decider's approved decision is carried out", decided, { picture: { decision } }],
  [
    "a decider with policy automatic needs no person",
    decided,
    { picture: { decision: { ...decision, policy: "automatic", state: "proposed" } } },
  ],
  [
    "a person writes by hand while automatic action is stopped",
    command(),
    { picture: { automaticStopped: true } },
  ],
  ["a switch is set", write(hold, true)],
  ["the interval has passed", command(), { picture: { lastWriteAt: () => now - 60_000 } }],
  [
    "a clock that was set back locks nothing",
    command(),
    { picture: { lastWriteAt: () => now + 3_600_000 } },
  ],
  [
    "the machine keeps the expected value as a 32-bit float",
    write(flow, 50, 42.1),
    { present: { [flow]: Math.fround(42.1) } },
  ],
  [
    "a request is confirmed by its person",
    command({ body: { request: "Clean the die", to: "operator", confirmedBy: "p-1" } }),
  ],
]

for (const [name, asked, world] of passes)
  test(`Nothing stands in the way: ${name}`, () => {
    assert.equal(refusal(asked, picture(world)), undefined)
  })

const refusals: readonly [string, string, RegExp, Command, World?][] = [
  ["it expired", "expiry", /expired 5 s ago/, command({ expiresAt: now - 5000 })],
  [
    "everything is read-only after a restore",
    "read-only",
    /after a restore/,
    command(),
    { picture: { readOnly: true } },
  ],
  [
    "automatic action is stopped and a decider asks",
    "automatic",
    /stopped/,
    decided,
    { picture: { decision, automaticStopped: true } },
  ],
  [
    "automatic action is stopped and a person approved a decision",
    "automatic",
    /stopped/,
    command({ decision: "d-1" }),
    { picture: { decision, automaticStopped: true } },
  ],
  [
    "a viewer writes",
    "right",
    /needs the role operator, the person holds viewer/,
    command({ by: { person: "p", role: "viewer" } }),
  ],
  ["a decider has no decision", "approval", /needs a decision/, command({ by: decider })],
  ["the decision is not known", "approval", /d-1 is not known/, decided],
  [
    "nobody approved",
    "approval",
    /proposed under policy approve/,
    decided,
    { picture: { decision: { ...decision, state: "proposed" } } },
  ],
  [
    "the decision was rejected",
    "approval",
    /rejected/,
    decided,
    { picture: { decision: { ...decision, state: "rejected" } } },
  ],
  [
    "it is only advice",
    "approval",
    /policy advise/,
    decided,
    { picture: { decision: { ...decision, policy: "advise" } } },
  ],
  [
    "it is another value than was approved",
    "approval",
    /not what the decision proposed/,
    { ...decided, body: { writes: [{ target: flow, value: 51, expect: 40 }] } },
    { picture: { decision } },
  ],
  [
    "it drops the check that was approved with it",
    "approval",
    /not what the decision proposed/,
    { ...decided, body: { writes: [{ target: flow, value: 50 }] } },
    { picture: { decision } },
  ],
  [
    "the decision is carried out already",
    "approval",
    /already carried out by command c-0/,
    decided,
    { picture: { decision, carriedOutBy: "c-0" } },
  ],
  [
    "it is another decider's decision",
    "approval",
    /dc-1-cooling's, not dc-1-hold's/,
    { ...decided, by: { decider: "dc-1-hold" } },
    { picture: { decision } },
  ],
  [
    "nobody confirmed the request",
    "request",
    /has to confirm/,
    command({ body: { request: "Clean the die", to: "operator" } }),
  ],
  ["the tag is not known", "target", /no tag has this path/, write("s/dc-1/nothing" as Path, 1)],
  ["the tag is no set point", "target", /not a set point/, write(measured, 50)],
  [
    "the device takes no writes",
    "target",
    /takes no writes/,
    command(),
    { picture: { canWrite: () => false } },
  ],
  ["it writes nothing", "target", /writes nothing/, command({ body: { writes: [] } })],
  [
    "it writes a target twice",
    "target",
    /twice/,
    command({ body: { writes: [...writes, ...writes] } }),
  ],
  [
    "a truth value is written to a number",
    "kind",
    /got true \(boolean\), expected a number/,
    write(flow, true),
  ],
  ["a number is written to a switch", "kind", /expected a boolean/, write(hold, 1)],
  ["NaN is written", "kind", /finite/, write(flow, Number.NaN)],
  ["infinity is written", "kind", /finite/, write(flow, Number.POSITIVE_INFINITY)],
  ["a text is written", "kind", /text set points/, write(recipe, "B")],
  [
    "it is above the range",
    "range",
    /80.1 L\/min is outside the permitted range 20 to 80 L\/min/,
    write(flow, 80.1),
  ],
  ["it is below the range", "range", /19 L\/min is outside/, write(flow, 19)],
  [
    "it comes too soon after the last",
    "interval",
    /written 30 s ago, at most one command in 60 s/,
    command(),
    { picture: { lastWriteAt: () => now - 30_000 } },
  ],
  [
    "the interlock does not hold",
    "interlock",
    /wants s\/dc-1\/state = 1, it is 4/,
    command(),
    { state: { value: 4 } },
  ],
  ["the interlock has no value", "interlock", /has no value/, command(), { state: null }],
  [
    "the interlock is old",
    "interlock",
    /15 s old, permitted is 10 s/,
    command(),
    { state: { at: now - 15_000 } },
  ],
  [
    "the interlock comes from the future",
    "interlock",
    /ahead/,
    command(),
    { state: { at: now + 15_000 } },
  ],
  [
    "the interlock is only uncertain",
    "interlock",
    /quality uncertainLastUsable/,
    command(),
    { state: { quality: quality.uncertainLastUsable } },
  ],
  [
    "somebody else changed it",
    "expect",
    /holds 45 L\/min, the command expected 40 L\/min/,
    command(),
    { present: { [flow]: 45 } },
  ],
  [
    "the machine could not be read",
    "expect",
    /could not be read/,
    command(),
    { picture: { present: () => undefined } },
  ],
  [
    "the step is too large",
    "step",
    /from 40 L\/min to 55.5 L\/min is a step of 15.5, the largest permitted is 15 L\/min/,
    write(flow, 55.5),
  ],
]

for (const [name, guard, words, asked, world] of refusals)
  test(`Refused in words: ${name}`, () => {
    const found = refusal(asked, picture(world))
    assert.equal(found?.guard, guard)
    assert.match(found?.because.en ?? "", words)
    assert.match(found?.because.ko ?? "", /[가-힣]/)
  })

test("No command outside its permitted range, step or rate ever passes", () => {
  const values = fc.oneof(
    fc.double(),
    fc.double({ min: 0, max: 100 }),
    fc.constantFrom(20, 80, 35, 65),
  )
  const cases = fc.record({
    value: values,
    present: values,
    last: fc.integer({ min: now - 200_000, max: now }),
    state: fc.integer({ min: 0, max: 2 }),
  })
  let passed = 0
  fc.assert(
    fc.property(cases, ({ value, present, last, state }) => {
      const world = { present: { [flow]: present }, state: { value: state } }
      const seen = picture({ ...world, picture: { lastWriteAt: () => last } })
      if (refusal(write(flow, value), seen)) return
      passed++
      assert.ok(value >= 20 && value <= 80, `range: ${value}`)
      assert.ok(Math.abs(value - present) <= 15 * (1 + 1e-9), `step: ${present} to ${value}`)
      assert.ok(now - last >= 60_000, `rate: ${now - last}`)
      assert.equal(state, 1)
    }),
    { numRuns: 20_000, seed: 7 },
  )
  assert.ok(passed > 100, `only ${passed} cases passed the guards, the property says nothing`)
})

test("Leaving a guard out never lets a write to something that is no set point through", () => {
  const asked = write(measured, 50)
  const perWrite = ["kind", "range", "interval", "interlock", "expect", "step"]
  for (const guard of guards.filter(({ name }) => perWrite.includes(name)))
    assert.match(
      guard.check(asked, picture())?.because.en ?? "",
      /not a set point|could not be read/,
    )
})
