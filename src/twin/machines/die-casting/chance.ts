import type { Mould } from "./mould.ts"

/** What of a shot bears on its quality. */
export interface ShotConditions {
  readonly upper1Cel: number
  readonly lower1Cel: number
  readonly castPressureBar: number
  readonly biscuitMm: number
  readonly moltenCel: number
}

/**
 * The chance of a bad part: a logistic function of how far the process stands from the mould's usual values. Its base
 * (0.7 %) and its slopes follow the recording: 98 % bad below 300 bar, about 80, 50, 20 and 5 % for the first,
 * second, sixth and ninth shot of a cold die, 9 % and more for a biscuit 10 mm off.
 */
export function chanceOfBad(shot: ShotConditions, usual: Mould): number {
  const die = Math.max(
    dieTerm(shot.upper1Cel - usual.zoneCel.Upper1),
    dieTerm(shot.lower1Cel - usual.zoneCel.Lower1),
  )
  const pressure = Math.max(0, usual.castPressureBar - 5 - shot.castPressureBar)
  const biscuit = Math.max(0, Math.abs(shot.biscuitMm - usual.biscuitMm) - 6)
  const molten = (shot.moltenCel - usual.moltenCel) / 25
  const logit = -4.95 + 6.2 * die + 0.3 * pressure + 0.45 * biscuit + molten * molten
  return 1 / (1 + Math.exp(-logit))
}

/** 0 at the usual level, towards 1 far from it; a cold die spoils sooner (misrun) than a hot one (soldering, pores). */
function dieTerm(deviationCel: number): number {
  const half = deviationCel < 0 ? 15 : 40
  const square = deviationCel * deviationCel
  return square / (square + half * half)
}
