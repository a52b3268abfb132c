export const zoneNames = ["Upper1", "Upper2", "Lower1", "Lower2"] as const

export type ZoneName = (typeof zoneNames)[number]

/** Where a mould runs when it is warm: typical values of a shot. */
export interface Mould {
  readonly cycleS: number
  readonly moltenCel: number
  readonly lowSpeed: number
  readonly highSpeed: number
  readonly castPressureBar: number
  readonly biscuitMm: number
  readonly clampingForce: number
  readonly coolantCel: number
  readonly sleeveCel: number
  readonly zoneCel: Readonly<Record<ZoneName, number>>
}

const usual: Mould = {
  cycleS: 121,
  moltenCel: 724,
  lowSpeed: 110,
  highSpeed: 112,
  castPressureBar: 330,
  biscuitMm: 47,
  clampingForce: 702,
  coolantCel: 33,
  sleeveCel: 480,
  zoneCel: { Upper1: 195, Upper2: 150, Lower1: 221, Lower2: 205 },
}

/**
 * Levels of three moulds of a Korean die-casting plant (KAMP data set, early 2019): medians of the good shots of warm
 * dies, where 8722's upper zone 1 and lower zone 2 stand between the recording's two regimes.
 */
const moulds: Readonly<Record<string, Mould>> = {
  "8722": usual,
  "8573": {
    ...usual,
    cycleS: 122,
    moltenCel: 728,
    biscuitMm: 53,
    clampingForce: 708,
    coolantCel: 31,
    sleeveCel: 479,
    zoneCel: { Upper1: 232, Upper2: 195, Lower1: 203, Lower2: 209 },
  },
  "8412": {
    ...usual,
    moltenCel: 730,
    biscuitMm: 51,
    clampingForce: 710,
    sleeveCel: 401,
    zoneCel: { Upper1: 211, Upper2: 154, Lower1: 133, Lower2: 203 },
  },
}

/** A mould that is not in the table runs like 8722. */
export function mouldOf(code: string): Mould {
  return moulds[code] ?? usual
}

/**
 * Shot-to-shot behaviour within runs of 50 undisturbed shots of mould 8722: standard deviations and, where it
 * matters, how much of a shot's deviation the next one keeps.
 */
export const spread = {
  cycleS: 1.6,
  /** Share of shots that somebody or something holds up, and by how long on average. */
  delayed: 0.12,
  delayS: 7,
  moltenKeeps: 0.94,
  moltenTrendCel: 0.7,
  moltenTrendKeeps: 0.9,
  lowSpeed: 0.14,
  highSpeed: 0.44,
  castPressureBar: 0.39,
  biscuitMm: 2.1,
  biscuitKeeps: 0.31,
  clampingForce: 2.8,
  coolantCel: 0.45,
  coolantKeeps: 0.85,
  /** Relative, of the heat that a shot leaves in the die. */
  heat: 0.011,
  heatKeeps: 0.75,
  ownHeat: 0.008,
  /** Relative, of the heat that the spray takes from a zone. */
  spray: 0.1,
  sensorCel: 0.45,
  sleeveSensorCel: 1.4,
} as const
