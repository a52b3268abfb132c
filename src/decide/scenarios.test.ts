// Plays every `scenarios/*.txt`: lines `time path value -> decision`. A path beneath `shot` completes a cycle, `drift`
// opens a finding with that deviation of the measure (`over` closes it), `decision` answers the last proposal.
import assert from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { test } from "node:test"
import type { Finding } from "../analyse/finding.ts"
import type { Place } from "../analyse/place.ts"
import { sourceId } from "../model/block.ts"
import type { Cycle, Verdict } from "../model/cycle.ts"
import { joinPath, nameOf, type Path, parsePath } from "../model/path.ts"
import { quality } from "../model/quality.ts"
import type { Sample, Tag, Value } from "../model/tag.ts"
import type { Decider, Decision, DecisionDraft, MeasuredEffect, Snapshot } from "./decide.ts"
import { deciders } from "./registry.ts"
import { isOpen } from "./runner/life.ts"

const equipment = parsePath("demo/dc-1")
const cycleMs = 120_000

const tag = (name: string, more: Partial<Tag> = {}): Tag => ({
  path: joinPath(equipment, ...name.split("/")),
  equipment,
  kind: "number",
  unit: "Cel",
  name: { en: name },
  decimals: 1,
  staleAfterMs: 60_000,
  limits: [],
  ...more,
})

const limit = { priority: 2, onDelayMs: 0, offDelayMs: 0, deadband: 0, suppressedIn: [] } as const
const writable = { min: 20, max: 80, maxStep: 15, minIntervalMs: 0, interlocks: [] }
const tags = new Map(
  [
    tag("cooling-flow-set", { unit: "L/min", writable }),
    tag("hold-next-cycle", {
      kind: "boolean",
      unit: "1",
      writable: { ...writable, min: 0, max: 1 },
    }),
    tag("temperature", {
      limits: [
        { ...limit, side: "high", at: 235 },
        { ...limit, side: "low", at: 160 },
      ],
    }),
    tag("shot/temperature"),
    tag("shot/verdict", { unit: "1" }),
  ].map((t) => [t.path, t]),
)
const place: Place = {
  equipment,
  tagOfField: (field) => joinPath(equipment, "shot", field),
  tag: (path) => tags.get(path),
}

class Scene {
  readonly #decider: Decider
  #memory: unknown
  #at = 0
  readonly #values = new Map<Path, Sample>()
  readonly #cycles: Cycle[] = []
  #findings: Finding[] = []
  #decisions: Decision[] = []

  constructor(decider: Decider) {
    this.#decider = decider
    this.#memory = decider.initial
  }

  play(input: string): readonly string[] {
    const [time = "", path = "", text = ""] = input.trim().split(/\s+/)
    this.#at = Number.parseFloat(time) * 60_000
    this.#happen(parsePath(path), text)
    const { memory, proposals } = this.#decider.decide(this.#snapshot(), this.#memory)
    this.#memory = JSON.parse(JSON.stringify(memory))
    for (const draft of proposals) this.#decisions.push(this.#decisionOf(draft))
    return proposals.map(said)
  }

  #happen(path: Path, text: string): void {
    const name = nameOf(path)
    if (path === joinPath(equipment, "shot", name)) this.#cycle(name, text)
    else if (name === "drift") this.#drift(text)
    else if (name === "decision") this.#answer(text)
    else this.#values.set(path, { tag: 0, at: this.#at, ...sampleOf(text) })
  }

  #cycle(field: string, text: string): void {
    const before = this.#cycles.at(-1)
    const verdict: Verdict = field === "verdict" ? (text as Verdict) : "good"
    const values = field === "verdict" ? {} : { [field]: Number(text) }
    this.#cycles.push({
      id: `shots#${this.#cycles.length + 1}`,
      equipment,
      source: sourceId({ name: "shots", epoch: "1" }),
      sequence: (before?.sequence ?? 0) + 1,
      start: this.#at - cycleMs,
      end: this.#at,
      values,
      verdict,
    })
  }

  #drift(text: string): void {
    this.#findings = []
    if (text === "over") return
    const deviation = Number(text)
    this.#findings.push({
      id: `f${this.#at}`,
      kind: "drift",
      analyser: "dc-1-drift",
      equipment,
      at: this.#at,
      title: { en: "drift" },
      because: [{ tag: place.tagOfField("temperature"), from: 0, to: this.#at, share: 1 }],
      confidence: 0.9,
      measures: { deviation, "deviation:temperature": deviation, direction: Math.sign(deviation) },
      open: true,
    })
  }

  #answer(text: string): void {
    const [state = "", change = ""] = text.split(":")
    const last = this.#decisions.at(-1)
    assert.ok(last)
    const effect = state === "measured" ? { effect: effectOf(last, Number(change)) } : {}
    const next = { ...last, ...effect, state: state as Decision["state"], decidedAt: this.#at }
    this.#decisions = [...this.#decisions.slice(0, -1), next]
  }

  #decisionOf(draft: DecisionDraft): Decision {
    return {
      ...draft,
      id: `d${this.#decisions.length}`,
      decider: "decider",
      subject: equipment,
      at: this.#at,
      policy: "approve",
      state: "proposed",
      record: "plant:1",
    }
  }

  #snapshot(): Snapshot {
    const now = {
      at: this.#at,
      isFindingOpen: (id: string) => this.#findings.some((f) => f.id === id),
    }
    const values = new Map(this.#values)
    return {
      at: this.#at,
      values: { at: this.#at, get: (path) => values.get(path), ageMs: () => 0 },
      findings: this.#findings,
      cycles: this.#cycles.slice(-200),
      open: this.#decisions.filter((d) => isOpen(d, now)),
      closed: this.#decisions.filter((d) => !isOpen(d, now)),
      writable: true,
      tag: (path) => tags.get(path),
    }
  }
}

function sampleOf(text: string): { value: Value | null; quality: number } {
  if (text === "none") return { value: null, quality: quality.badNotConnected }
  const value = text === "true" || text === "false" ? text === "true" : Number(text)
  return { value, quality: quality.good }
}

function effectOf({ expected }: Decision, change: number): MeasuredEffect {
  assert.ok(expected)
  const span = { from: 0, to: 0, cycles: 15, mean: 0 }
  const { measure, unit } = expected
  const interval = { change, low: change - 1, high: change + 1 }
  return {
    state: "measured",
    measure,
    unit,
    ...interval,
    before: span,
    after: span,
    proven: true,
    method: "",
  }
}

function said({ body, expected }: DecisionDraft): string {
  const writes = "writes" in body ? body.writes : []
  const set = writes.map(
    (w) => `${nameOf(w.target)} = ${w.value}${w.expect === undefined ? "" : ` if ${w.expect}`}`,
  )
  if (!expected) return `-> ${set.join(", ")}`
  const [change, low, high] = [expected.change, expected.low, expected.high].map((n) =>
    n.toFixed(1),
  )
  return `-> ${set.join(", ")} for ${change} (${low} to ${high})`
}

for (const file of globSync(`${import.meta.dirname}/scenarios/*.txt`).sort())
  test(`scenario ${basename(file, ".txt")}`, async () => {
    const text = readFileSync(file, "utf8")
    const [head = "", ...lines] = text.split("\n").filter((l) => l.trim() && !l.startsWith("#"))
    const [kind = "", ...options] = head.split(/\s+/)
    const load = deciders[kind]
    assert.ok(load, `${file}: no decider "${kind}"`)
    const given = options
      .map((option) => option.split("="))
      .map(([k = "", v = ""]) => [k, numberOr(v)])
    const scene = new Scene((await load()).create(Object.fromEntries(given), place))
    const played = lines.map((line) => {
      const [input = ""] = line.split("->")
      return [input.trimEnd(), ...scene.play(input)].join("  ")
    })
    assert.deepEqual(
      played,
      lines.map((line) => line.replace(/\s*->/, "  ->").trimEnd()),
    )
  })

function numberOr(text: string): number | string {
  return Number.isNaN(Number(text)) ? text : Number(text)
}
