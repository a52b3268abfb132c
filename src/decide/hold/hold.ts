import { type Static, Type } from "typebox"
import { Value } from "typebox/value"
import type { Place } from "../../analyse/place.ts"
import { durationText, parseDuration } from "../../kernel/tag-file.ts"
import type { Cycle } from "../../model/cycle.ts"
import { joinPath } from "../../model/path.ts"
import type { Decider, DeciderKind, DecisionDraft, Snapshot } from "../decide.ts"

const options = Type.Object(
  {
    "set-point": Type.String({
      refers: "set-point",
      description: "Boolean tag of the equipment that holds its next cycle.",
    }),
    run: Type.Optional(
      Type.Integer({
        default: 3,
        minimum: 1,
        maximum: 100,
        description: "Consecutive bad cycles after which a hold is proposed.",
      }),
    ),
    "warm-up": Type.Optional(
      Type.Integer({
        default: 10,
        minimum: 0,
        maximum: 190,
        description:
          "Cycles after a start or a pause whose bad parts are expected: holding would only cool the machine again.",
      }),
    ),
    expires: Type.Optional(
      durationText({
        default: "10min",
        description: "Time after which an unanswered proposal expires.",
      }),
    ),
  },
  { additionalProperties: false },
)

type Options = Required<Static<typeof options>>

/** `answered` is the first cycle of the run that was answered already: one proposal for one run. */
interface Memory {
  readonly answered: string
}

/** Proposes to hold the next cycle after consecutive bad ones, so that no more bad parts are made unseen. */
export const hold: DeciderKind = {
  kind: "hold",
  summary: "Holds the next cycle after consecutive bad cycles.",
  options,
  create: (given, place) =>
    decider(Value.Default(options, Value.Clone(given)) as Options, place) as Decider,
}

function decider(wanted: Options, place: Place): Decider<Memory> {
  const quiet = (memory: Memory) => ({ memory, proposals: [], questions: [] })
  return {
    initial: { answered: "" },
    decide(now, memory) {
      const run = badRunOf(warmCycles(now.cycles, wanted["warm-up"]))
      const first = run[0]
      if (!first || run.length < wanted.run || now.open.length > 0) return quiet(memory)
      // A run longer than the snapshot loses its first cycle from sight, yet stays the same run.
      if (run.some((cycle) => cycle.id === memory.answered)) return quiet(memory)
      const last = run.at(-1) ?? first
      return {
        memory: { answered: last.id },
        proposals: held(now, wanted, place) ? [] : [draft({ now, run, wanted, place })],
        questions: [],
      }
    },
  }
}

function held(now: Snapshot, wanted: Options, place: Place): boolean {
  return now.values.get(joinPath(place.equipment, wanted["set-point"]))?.value === true
}

/** A gap of more than so many cycle lengths is a pause. */
const pauseCycles = 3
/** A snapshot with fewer cycles shows the first one that the machine ever made. */
const mostInSight = 200

/** Trial cycles and cycles without a verdict count neither as good nor as bad. */
function isJudged({ verdict }: Cycle): boolean {
  return verdict !== undefined && verdict !== "trial"
}

/** The judged cycles since the machine is warm. */
function warmCycles(cycles: readonly Cycle[], warmUp: number): readonly Cycle[] {
  const start = cycles.findLastIndex((cycle, i) => {
    const before = cycles[i - 1]
    if (!before) return cycles.length < mostInSight
    const length = cycle.end - cycle.start
    // Cycles without a length tell of no pause.
    return length > 0 && cycle.start - before.end > pauseCycles * length
  })
  const judged = cycles.slice(Math.max(0, start)).filter(isJudged)
  return start < 0 ? judged : judged.slice(warmUp)
}

/** The bad cycles at the end, oldest first. */
function badRunOf(judged: readonly Cycle[]): readonly Cycle[] {
  const lastGood = judged.findLastIndex((c) => c.verdict !== "bad")
  return judged.slice(lastGood + 1)
}

function draft(from: {
  now: Snapshot
  run: readonly Cycle[]
  wanted: Options
  place: Place
}): DecisionDraft {
  const { now, run, wanted, place } = from
  const target = joinPath(place.equipment, wanted["set-point"])
  const present = now.values.get(target)?.value
  const findings = now.findings.filter((f) => f.kind === "bad-run")
  const n = run.length
  const { after, again } = repeats(now.cycles)
  return {
    kind: "hold",
    title: { en: "Hold the next cycle", ko: "다음 사이클 보류" },
    why: {
      en: `The last ${n} cycles were bad.`,
      ko: `최근 ${n}회 연속 불량입니다.`,
    },
    because:
      findings.length > 0
        ? findings.flatMap((f) => f.because)
        : [
            {
              tag: place.tagOfField("verdict"),
              from: run[0]?.start ?? now.at,
              to: run.at(-1)?.end ?? now.at,
              share: 1,
              says: { en: `${n} cycles in a row were judged bad`, ko: `${n}회 연속 불량 판정` },
            },
          ],
    findings: findings.map((f) => f.id),
    body: {
      writes: [
        { target, value: true, ...(typeof present === "boolean" ? { expect: present } : {}) },
      ],
    },
    ifIgnored: {
      en: `Of the last ${after} cycles that followed a bad one, ${again} were bad too; the next part is likely to be lost.`,
      ko: `불량 다음의 최근 ${after}회 중 ${again}회가 다시 불량이었습니다. 다음 제품도 불량일 가능성이 큽니다.`,
    },
    alternatives: [
      {
        en: "Let it run and inspect each part by hand.",
        ko: "계속 가동하고 제품을 하나씩 검사합니다.",
      },
    ],
    expiresAt: now.at + parseDuration(wanted.expires),
  }
}

/** How often a bad cycle was followed by another one, among the cycles in sight. */
function repeats(cycles: readonly Cycle[]): { after: number; again: number } {
  const judged = cycles.filter(isJudged)
  let after = 0
  let again = 0
  for (const [i, cycle] of judged.entries()) {
    if (judged[i - 1]?.verdict !== "bad") continue
    after++
    if (cycle.verdict === "bad") again++
  }
  return { after, again }
}
