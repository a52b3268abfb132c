const kelvin = 273.15
/** Activation energy of the diffusion of magnesium and silicon in aluminium over the gas constant, K. */
const activationK = 130_000 / 8.314
const usualCel = 480
/** At the usual temperature the undissolved share falls to 1/e in so long. */
const usualS = 900
const undissolvedHv = 62
const dissolvedHv = 48
/** Where the metal begins to melt between its grains, and gas blows pores up. */
export const blisterCel = 505

/** How much of what hardens is dissolved after another `seconds` at `cel`, from 0 to 1 (Arrhenius). */
export function dissolve(dissolved: number, cel: number, seconds: number): number {
  const faster = Math.exp(activationK * (1 / (usualCel + kelvin) - 1 / (cel + kelvin)))
  return 1 - (1 - dissolved) * Math.exp((-faster * seconds) / usualS)
}

/** What happened to a part of the charge. */
export interface HeatTreatment {
  readonly dissolved: number
  /** As it came into the water. */
  readonly quenchedCel: number
  readonly peakCel: number
}

/**
 * Vickers hardness after quenching and ageing at room temperature: what was dissolved and did not fall out before the
 * quench (below about 430 Cel) hardens; what was too hot is softened by 0.5 HV a Cel.
 */
export function hardnessOf({ dissolved, quenchedCel, peakCel }: HeatTreatment): number {
  const kept = 1 / (1 + Math.exp(-(quenchedCel - 430) / 8))
  return undissolvedHv + dissolvedHv * dissolved * kept - 0.5 * Math.max(0, peakCel - blisterCel)
}

/** Gas in a part that was too hot blows its pores up: by 2 % a Cel. */
export function blistered(porosity: number, peakCel: number): number {
  return porosity * (1 + 0.02 * Math.max(0, peakCel - blisterCel))
}
