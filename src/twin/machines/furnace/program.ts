import type { Value } from "../../../model/tag.ts"
import type { PlcAnswer } from "../opcua/tag-nodes.ts"
import { zones } from "./chamber.ts"

export const step = {
  waiting: 0,
  loading: 1,
  heating: 2,
  soaking: 3,
  quenching: 4,
  unloading: 5,
} as const

export type Step = (typeof step)[keyof typeof step]

/** The program: solution annealing of aluminium castings with a quench in water. */
export const program = {
  name: "T4-480",
  standbyCel: 400,
  rampCelPerMin: 8,
  /** The ramp waits where the hottest zone is so far behind. */
  holdBackCel: 20,
  loadingS: 300,
  doorOpenS: 120,
  /** The soak counts once every zone is so near its set point, or so long after the ramp's end. */
  nearCel: 5,
  guaranteeS: 1800,
  quenchingS: 600,
  quenchDoorS: 60,
  unloadingS: 180,
  /** A charge that is not full starts after so long. */
  patienceS: 3600,
} as const

/** The furnace's own limits and trips. */
export const own = {
  zoneCel: [300, 540],
  soakMin: [10, 240],
  cutOutCel: 550,
  cutInCel: 535,
  deviationCel: 10,
  deviationS: 300,
} as const

/** What an operator sets. */
export interface SetPoints {
  readonly zoneCel: readonly number[]
  readonly soakMin: number
  readonly hold: boolean
}

export const usualSetPoints: SetPoints = { zoneCel: [480, 480, 480], soakMin: 60, hold: false }

/** The set points after a write, or what the furnace's own controller says against it. */
export function written(
  before: SetPoints,
  address: string,
  value: Value,
): SetPoints | Exclude<PlcAnswer, "ok"> {
  if (address === "HoldNextCharge")
    return typeof value === "boolean" ? { ...before, hold: value } : "wrong-kind"
  const zone = zones.find((z) => address === `Zone${z + 1}.Set`)
  if (zone === undefined && address !== "Soak.Set") return "read-only"
  if (typeof value !== "number") return "wrong-kind"
  const [low, high] = zone === undefined ? own.soakMin : own.zoneCel
  if (!(value >= low && value <= high)) return "out-of-range"
  if (zone === undefined) return { ...before, soakMin: value }
  return { ...before, zoneCel: before.zoneCel.with(zone, value) }
}

interface Progress {
  readonly stepS: number
  readonly soakedS: number
  readonly programCel: number
  readonly set: SetPoints
}

/** Of the step; while it heats, what the ramp would need. */
export function remainingS(at: Step, { stepS, soakedS, programCel, set }: Progress): number {
  const rampMin = (Math.max(...set.zoneCel) - programCel) / program.rampCelPerMin
  const lengths: Record<Step, number> = {
    [step.waiting]: 0,
    [step.loading]: program.loadingS - stepS,
    [step.heating]: 60 * rampMin,
    [step.soaking]: 60 * set.soakMin - soakedS,
    [step.quenching]: program.quenchingS - stepS,
    [step.unloading]: program.unloadingS - stepS,
  }
  return Math.max(0, lengths[at])
}
