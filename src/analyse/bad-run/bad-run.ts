import { type Static, Type } from "typebox"
import { Value } from "typebox/value"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import { type Analyser, type AnalyserKind, type FindingDraft, outAfter } from "../finding.ts"
import type { Place } from "../place.ts"

const options = Type.Object(
  {
    run: Type.Optional(
      Type.Integer({
        default: 3,
        minimum: 1,
        maximum: 1000,
        description: "Consecutive bad cycles that are a finding.",
      }),
    ),
    field: Type.Optional(
      Type.String({
        default: "verdict",
        description: "Cycle field that the verdict is read from.",
      }),
    ),
  },
  { additionalProperties: false },
)

type Options = Required<Static<typeof options>>

interface Memory {
  readonly bad: number
  readonly from: number
  readonly open: boolean
}

/** States that `run` cycles in a row were bad; trial cycles and cycles without a verdict don't count either way. */
export const badRun: AnalyserKind = {
  kind: "bad-run",
  summary: "Consecutive bad cycles.",
  options,
  create: (given, place) =>
    analyser(Value.Default(options, Value.Clone(given)) as Options, place) as Analyser,
}

function analyser({ run, field }: Options, place: Place): Analyser<Memory> {
  return {
    initial: { bad: 0, from: 0, open: false },
    observe(now, memory) {
      const raise: FindingDraft[] = []
      const close: string[] = []
      let at = memory
      for (const cycle of now.cycles) {
        const next = count(at, cycle, run)
        if (at.open && !next.open) close.push("bad-run")
        if (!at.open && next.open) {
          const span = { bad: next.bad, from: next.from, to: cycle.end }
          raise.push(finding(span, place.tagOfField(field), place))
        }
        at = next
      }
      return { memory: at, raise, close }
    },
  }
}

function count(memory: Memory, cycle: Cycle, run: number): Memory {
  if (cycle.verdict === "good") return { bad: 0, from: 0, open: false }
  if (cycle.verdict !== "bad") return memory
  const bad = memory.bad + 1
  return { bad, from: memory.bad === 0 ? cycle.start : memory.from, open: bad >= run }
}

function finding(
  run: { bad: number; from: Instant; to: Instant },
  tag: Path,
  place: Place,
): FindingDraft {
  const { bad, from, to } = run
  return {
    kind: "bad-run",
    equipment: place.equipment,
    at: to,
    title: { en: `${bad} bad cycles in a row`, ko: `연속 불량 ${bad}회` },
    because: [
      {
        tag,
        from,
        to: outAfter(to),
        share: 1,
        says: { en: `${bad} cycles in a row were judged bad`, ko: `${bad}회 연속 불량 판정` },
      },
    ],
    confidence: 1,
    measures: { run: bad },
  }
}
