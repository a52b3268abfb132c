import type { Random } from "../../../kernel/random.ts"
import type { Instant } from "../../../model/instant.ts"
import type { Part } from "../../flow.ts"
import type { KeptRecord } from "../ring-store.ts"
import { zones } from "./chamber.ts"
import { blistered, dissolve, type HeatTreatment, hardnessOf } from "./hardness.ts"
import { own, program, type SetPoints } from "./program.ts"

/** A charge as the furnace goes through its program with it; JSON, for the furnace's memory. */
export interface Charge {
  readonly number: number
  readonly batch: string
  readonly startedAt: Instant
  readonly startedKwh: number
  /** In the chamber by position: part i lies in zone i % 3. */
  readonly parts: readonly Part[]
  heatingS: number
  soakedS: number
  /** What the furnace saw in the soak, by zone. */
  readonly min: number[]
  readonly max: number[]
  quenchDelayS: number
  /** By zone, and by no sensor. */
  readonly dissolved: number[]
  readonly peakCel: number[]
  readonly quenchedCel: number[]
}

export function newCharge(
  given: Pick<Charge, "number" | "batch" | "startedAt" | "startedKwh" | "parts">,
): Charge {
  return {
    ...given,
    ...{ heatingS: 0, soakedS: 0, quenchDelayS: 0 },
    min: zones.map(() => 1e4),
    max: zones.map(() => 0),
    dissolved: zones.map(() => 0),
    peakCel: zones.map(() => 0),
    quenchedCel: zones.map(() => 0),
  }
}

/** One second in the chamber. */
export function treat(charge: Charge, loadCel: readonly number[]): void {
  for (const zone of zones) {
    const cel = loadCel[zone] ?? 0
    charge.dissolved[zone] = dissolve(charge.dissolved[zone] ?? 0, cel, 1)
    charge.peakCel[zone] = Math.max(charge.peakCel[zone] ?? 0, cel)
  }
}

/** The parts as they come out of the water. */
export function treated(charge: Charge, random: Random): Part[] {
  return charge.parts.map((part, i) => {
    const its = treatmentOf(charge, i % 3)
    return {
      ...part,
      hardness: hardnessOf(its) + 1.2 * random.normal(),
      porosity: blistered(part.porosity, its.peakCel),
    }
  })
}

function treatmentOf(charge: Charge, zone: number): HeatTreatment {
  return {
    dissolved: charge.dissolved[zone] ?? 0,
    quenchedCel: charge.quenchedCel[zone] ?? 0,
    peakCel: charge.peakCel[zone] ?? 0,
  }
}

/** One finished charge as the furnace records it, with what no sensor shows. */
export interface FinishedCharge extends KeptRecord {
  readonly truth: {
    readonly batch: string
    readonly loadPeakCel: readonly number[]
    readonly dissolved: readonly number[]
    /** Vickers, by serial. */
    readonly hardness: Readonly<Record<string, number>>
  }
}

interface Now {
  readonly at: Instant
  readonly kwh: number
  readonly countedFrom: number
  readonly set: SetPoints
}

export function finishedCharge(charge: Charge, parts: readonly Part[], now: Now): FinishedCharge {
  const { batch, dissolved, peakCel, min, max } = charge
  const isWithin = zones.every((zone) => {
    const set = now.set.zoneCel[zone] ?? 0
    return (min[zone] ?? 0) >= set - own.deviationCel && (max[zone] ?? 0) <= set + own.deviationCel
  })
  const values: Record<string, number | string> = {
    ...{ Charge: charge.number - now.countedFrom, Batch: batch, Program: program.name },
    Parts: parts.length,
    CycleTime: (now.at - charge.startedAt) / 1000,
    HeatingTime: charge.heatingS / 60,
    SoakTime: charge.soakedS / 60,
    QuenchDelay: charge.quenchDelayS,
    Energy: Math.max(0, now.kwh - charge.startedKwh),
    Verdict: isWithin ? 0 : 1,
  }
  for (const zone of zones) {
    values[`Zone${zone + 1}Min`] = min[zone] ?? 0
    values[`Zone${zone + 1}Max`] = max[zone] ?? 0
  }
  const hardness = Object.fromEntries(parts.map((part) => [part.serial, part.hardness ?? 0]))
  const truth = { batch, loadPeakCel: peakCel, dissolved, hardness }
  return { number: charge.number, at: now.at, values, truth }
}
