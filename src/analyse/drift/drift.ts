import type { Cycle } from "../../model/cycle.ts"
import { joinPath } from "../../model/path.ts"
import type { Analyser, AnalyserKind, Change, FindingDraft } from "../finding.ts"
import type { Place } from "../place.ts"
import {
  emptyField,
  type Field,
  judgeField,
  renewField,
  type Standing,
  settleField,
  takeAway,
} from "./field.ts"
import { driftFinding, frozenFinding } from "./findings.ts"
import { type DriftOptions, driftOptions, driftOptionsOf } from "./options.ts"
import { firstPace, isSettled, type Pace, paceOf, settleOne } from "./pace.ts"

/** Watches several fields of cycles together and states when the process leaves its own normal, and which values say so. */
export const drift: AnalyserKind = {
  kind: "drift",
  summary: "Fields of cycles that leave their learnt normal.",
  options: driftOptions,
  create: (options, place) => analyser(driftOptionsOf(options), place) as Analyser,
}

interface Memory {
  readonly pace: Pace
  readonly fields: Readonly<Record<string, Field>>
  /** Wanted changes that no cycle has been seen after yet. */
  readonly changes: readonly Change[]
  /** Open findings, and how many judged cycles ago the last one was raised. */
  readonly open: readonly string[]
  readonly sinceRaise: number
}

interface Step {
  readonly memory: Memory
  readonly raise: readonly FindingDraft[]
  readonly close: readonly string[]
}

/** What leaves its normal within so many cycles after a finding is taken as its consequence. */
const consequenceCycles = 10
/** From this deviation on a field is named in the finding of another. */
const involvedSigma = 3

function analyser(options: DriftOptions, place: Place): Analyser<Memory> {
  const setPoints = new Set(options["set-points"].map((name) => joinPath(place.equipment, name)))
  const initial: Memory = {
    pace: firstPace(options.settle),
    fields: {},
    changes: [],
    open: [],
    sinceRaise: 0,
  }
  return {
    initial,
    observe(now, memory) {
      const wanted = now.changes.filter((change) => setPoints.has(change.tag))
      let step: Step = {
        memory: { ...memory, changes: [...memory.changes, ...wanted] },
        raise: [],
        close: [],
      }
      for (const cycle of now.cycles)
        step = after(step, observeCycle(step.memory, cycle, { options, place }))
      return step
    },
  }
}

function after(before: Step, now: Step): Step {
  return {
    memory: now.memory,
    raise: [...before.raise, ...now.raise],
    close: [...before.close, ...now.close],
  }
}

interface Context {
  readonly options: DriftOptions
  readonly place: Place
}

function observeCycle(before: Memory, cycle: Cycle, context: Context): Step {
  const { options } = context
  const changed = before.changes.some((change) => change.at <= cycle.end)
  const pace = paceOf(before.pace, cycle, { changed, settle: options.settle })
  const memory: Memory = {
    ...before,
    pace,
    changes: before.changes.filter((change) => change.at > cycle.end),
  }
  if (before.pace.lastEnd > 0 && pace.tool !== before.pace.tool)
    return {
      memory: { ...memory, fields: {}, open: [] },
      raise: [],
      close: [...memory.open, ...frozenKeys(memory.fields)],
    }
  if (cycle.verdict === "trial") return { memory, raise: [], close: [] }
  if (isSettled(pace)) return judge(memory, cycle, context)
  return { memory: settleAll(memory, cycle, options), raise: [], close: [] }
}

function settleAll(memory: Memory, cycle: Cycle, options: DriftOptions): Memory {
  const fields: Record<string, Field> = { ...memory.fields }
  let calm = true
  for (const [name, value] of numbersOf(cycle, options)) {
    const settled = settleField(fields[name] ?? emptyField, value)
    fields[name] = settled.field
    calm &&= settled.calm
  }
  const pace = settleOne(memory.pace, calm)
  if (!isSettled(pace) || !pace.renew) return { ...memory, pace, fields }
  for (const [name, field] of Object.entries(fields)) fields[name] = renewField(field)
  return { ...memory, pace: { ...pace, renew: false }, fields }
}

function judge(memory: Memory, cycle: Cycle, context: Context): Step {
  const { options, place } = context
  const standings = new Map<string, Standing>()
  for (const [name, value] of numbersOf(cycle, options)) {
    const how = { ...options, ...natureOf(name, memory.pace, place) }
    const field = memory.fields[name] ?? emptyField
    standings.set(name, judgeField(field, { value, start: cycle.start }, how))
  }
  const fields: Record<string, Field> = { ...memory.fields }
  for (const [name, { field }] of standings) fields[name] = field
  const frozen = frozenStep(memory.fields, standings, { cycle, place })
  const raised = driftStep(memory, standings, { cycle, place })
  for (const [name, field] of raised.away) fields[name] = field
  const closed = memory.open.filter(
    (key) => !Object.values(fields).some((field) => field.away?.key === key),
  )
  const open = memory.open.filter((key) => !closed.includes(key))
  return {
    memory: {
      ...memory,
      fields,
      open: raised.draft ? [...open, raised.draft.key ?? "drift"] : open,
      sinceRaise: raised.draft ? 0 : memory.sinceRaise + 1,
    },
    raise: [...frozen.raise, ...(raised.draft ? [raised.draft] : [])],
    close: [...frozen.close, ...closed],
  }
}

type Seen = { readonly cycle: Cycle; readonly place: Place }

function driftStep(
  memory: Memory,
  standings: ReadonlyMap<string, Standing>,
  seen: Seen,
): { draft?: FindingDraft; away: ReadonlyMap<string, Field> } {
  const over = [...standings]
    .filter(([, s]) => s.score >= 1)
    .sort(([, a], [, b]) => b.score - a.score)
  const lead = over[0]
  if (!lead) return { away: new Map() }
  const own = `drift:${lead[0]}`
  const isConsequence = memory.sinceRaise < consequenceCycles
  // A finding that is open for what it brought along takes its own field in again.
  const covering = memory.open.includes(own) ? own : isConsequence ? memory.open.at(-1) : undefined
  const key = covering ?? own
  const involved = [...standings].filter(
    ([, s]) => s.score >= 1 || (!s.field.away && Math.abs(s.sigma) >= involvedSigma),
  )
  const taken = covering ? over : involved
  const away = new Map(
    taken.map(([name, s]) => [name, takeAway(memory.fields[name] ?? emptyField, s, key)]),
  )
  if (covering) return { away }
  const levels = involved.map(([name, s]) => ({
    name,
    standing: s,
    baseline: (memory.fields[name] ?? emptyField).baseline,
  }))
  return { draft: driftFinding(key, levels, seen), away }
}

function frozenStep(
  before: Readonly<Record<string, Field>>,
  standings: ReadonlyMap<string, Standing>,
  seen: Seen,
): { raise: readonly FindingDraft[]; close: readonly string[] } {
  const raise: FindingDraft[] = []
  const close: string[] = []
  for (const [name, { field }] of standings) {
    const was = before[name]?.frozen === true
    if (field.frozen && !was) raise.push(frozenFinding(name, field.baseline, seen))
    if (!field.frozen && was) close.push(`frozen-sensor:${name}`)
  }
  return { raise, close }
}

function frozenKeys(fields: Readonly<Record<string, Field>>): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    field.frozen ? [`frozen-sensor:${name}`] : [],
  )
}

function numbersOf(cycle: Cycle, options: DriftOptions): [string, number][] {
  return options.fields.flatMap((name): [string, number][] => {
    const value = cycle.values[name]
    return typeof value === "number" && Number.isFinite(value) ? [[name, value]] : []
  })
}

/** What the field's unit says: a held-up cycle cools the machine, and explains its own length. */
function natureOf(field: string, pace: Pace, place: Place) {
  const tag = place.tag(place.tagOfField(field))
  const unit = tag?.unit ?? "1"
  const isHeat = unit === "Cel" || unit === "K"
  const isTime = unit === "s" || unit === "ms" || unit === "min"
  return {
    resolution: tag ? 10 ** -tag.decimals : 0,
    explained: isHeat && pace.heldUp > 0 ? -1 : 0,
    atOnce: !isTime,
  }
}
