import type { ShotConditions } from "./chance.ts"
import type { Mould } from "./mould.ts"

const gasShare = 0.003
const shrinkageShare = 0.002
const mostPores = 0.15

/**
 * Share of a casting's volume that is pores, without its chance. Gas that was let in takes a volume that goes with one
 * over the pressure (ideal gas), and there is more of it the further the plunger's speed is from the usual. Shrinkage
 * of about 4 % is fed through the biscuit while it is liquid and under pressure: what is missing there grows by e for
 * every 33 bar too little, 30 Cel of die or 40 Cel of metal too much, and 4 mm of biscuit beyond the usual 6 mm.
 */
export function porosityOf(shot: ShotConditions & { highSpeed: number }, usual: Mould): number {
  const gas =
    gasShare *
    (usual.castPressureBar / Math.max(1, shot.castPressureBar)) *
    (1 + ((shot.highSpeed - usual.highSpeed) / 20) ** 2)
  const missing =
    Math.max(0, usual.castPressureBar - shot.castPressureBar) / 33 +
    Math.abs(shot.upper1Cel - usual.zoneCel.Upper1) / 30 +
    Math.max(0, shot.moltenCel - usual.moltenCel) / 40 +
    Math.max(0, Math.abs(shot.biscuitMm - usual.biscuitMm) - 6) / 4
  return Math.min(mostPores, gas + shrinkageShare * Math.exp(missing))
}
