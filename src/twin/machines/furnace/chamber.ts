import type { Random } from "../../../kernel/random.ts"

export const zones = [0, 1, 2] as const
export const ambientCel = 25

/** Of one zone; heat in kJ, temperatures in Cel, conductances in kW/K. */
export interface ZoneShape {
  readonly elementKw: number
  /** Walls, elements and air. */
  readonly capacity: number
  readonly losses: number
  /** To a part within it, with the fan on. */
  readonly toPart: number
  /** To the zone beside it, with the fan on. */
  readonly coupling: number
}

/** An aluminium casting of 3.5 kg. */
const partCapacity = 3.4
/** Of what passes with the fan on, and of the losses with the door closed. */
const withoutFan = 0.2
const openDoor = 12

/** Each furnace is built a little otherwise, and its end zones lose more than the middle. */
export function zoneShapes(random: Random): ZoneShape[] {
  const around = (usual: number) => usual * (1 + 0.1 * (2 * random.next() - 1))
  const [toPart, coupling] = [around(0.015), around(0.06)]
  return zones.map((zone) => ({
    elementKw: around(40),
    capacity: around(150),
    losses: around(zone === 1 ? 0.006 : 0.0075),
    toPart,
    coupling,
  }))
}

export interface ChamberState {
  readonly zoneCel: readonly number[]
  readonly loadCel: readonly number[]
}

/** What works on the chamber in a second. */
export interface Conditions {
  readonly kw: readonly number[]
  readonly isDoorOpen: boolean
  readonly isFanOn: boolean
  /** In the chamber, spread evenly over the zones. */
  readonly parts: number
}

/**
 * Three zones in a row, each one heat capacity that its element heats, that loses heat through the walls, and that
 * passes heat to its part of the charge and to the zones beside it: first-order balances, a second at a time.
 */
export class Chamber {
  readonly zoneCel: number[]
  readonly loadCel: number[]
  readonly shapes: readonly ZoneShape[]
  /** Heat that has gone to the surroundings, kJ. */
  lost = 0

  constructor(shapes: readonly ZoneShape[], state: ChamberState) {
    this.shapes = shapes
    this.zoneCel = [...state.zoneCel]
    this.loadCel = [...state.loadCel]
  }

  step({ kw, isDoorOpen, isFanOn, parts }: Conditions): void {
    const moving = isFanOn ? 1 : withoutFan
    const before = [...this.zoneCel]
    for (const [i, shape] of this.shapes.entries()) {
      const cel = before[i] ?? 0
      const load = this.loadCel[i] ?? 0
      const loss = shape.losses * (isDoorOpen ? openDoor : 1) * (cel - ambientCel)
      const toLoad = ((shape.toPart * parts) / 3) * moving * (cel - load)
      const beside = [before[i - 1], before[i + 1]].filter((other) => other !== undefined)
      const passed = beside.reduce((sum, other) => sum + shape.coupling * moving * (cel - other), 0)
      this.lost += loss
      this.zoneCel[i] = cel + ((kw[i] ?? 0) - loss - toLoad - passed) / shape.capacity
      if (parts > 0) this.loadCel[i] = load + toLoad / ((partCapacity * parts) / 3)
    }
  }

  /** Heat above the surroundings in zones and charge, kJ. */
  heat(parts: number): number {
    return this.shapes.reduce((sum, { capacity }, i) => {
      const zone = capacity * ((this.zoneCel[i] ?? 0) - ambientCel)
      return sum + zone + ((partCapacity * parts) / 3) * ((this.loadCel[i] ?? 0) - ambientCel)
    }, 0)
  }
}
