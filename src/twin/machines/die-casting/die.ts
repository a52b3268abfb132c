import type { Random } from "../../../kernel/random.ts"
import type { Mould, ZoneName } from "./mould.ts"
import { Zone, type ZoneShape } from "./zone.ts"

/** How one machine differs from another of its kind, relative to the usual. */
export interface Character {
  readonly timeConstant: number
  /** Of the losses, how much goes through the cooling circuit. */
  readonly cooling: number
  readonly sensorNoise: number
  /** Of the valve in the cooling circuit. */
  readonly valveDelay: number
  /** Which way its dosing drifts when it drifts. */
  readonly drifts: 1 | -1
}

export function characterOf(random: Random): Character {
  const around = (share: number) => 1 + share * (2 * random.next() - 1)
  return {
    timeConstant: around(0.08),
    cooling: around(0.05),
    sensorNoise: around(0.2),
    valveDelay: around(0.3),
    drifts: random.next() < 0.5 ? -1 : 1,
  }
}

const preheatedCel = 110
const sprayShare = 0.05

const shapes: Readonly<Record<ZoneName, Omit<ZoneShape, "levelCel">>> = {
  Upper1: { ownHeat: 0.3, timeConstantS: 210, coolingShare: 0.6, sprayShare, exposure: 1 },
  Upper2: { ownHeat: 1.5, timeConstantS: 240, coolingShare: 0.75, sprayShare, exposure: 0.6 },
  Lower1: { ownHeat: 1, timeConstantS: 230, coolingShare: 0.6, sprayShare, exposure: 0.05 },
  Lower2: { ownHeat: 0.8, timeConstantS: 220, coolingShare: 0.65, sprayShare, exposure: 0.05 },
}

export function zoneOf(name: ZoneName, mould: Mould, its: Character): Zone {
  const shape = shapes[name]
  const timeConstantS = shape.timeConstantS * its.timeConstant
  const coolingShare = shape.coolingShare * its.cooling
  const levelCel = mould.zoneCel[name]
  return new Zone(
    { ...shape, timeConstantS, coolingShare, levelCel },
    { ...mould, startCel: preheatedCel },
  )
}

export function sleeveOf(mould: Mould): Zone {
  const shape = { timeConstantS: 1100, coolingShare: 0, sprayShare: 0, exposure: 0, ownHeat: 1 }
  return new Zone({ ...shape, levelCel: mould.sleeveCel }, { ...mould, startCel: 300 })
}
