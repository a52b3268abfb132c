/** Seconds of a cycle, from the start of injection. */
export const phase = { casting: 4, opened: 90, spray: 96, sprayed: 104 } as const

/** How a zone of the die loses its heat when it runs at its usual level. */
export interface ZoneShape {
  /** Temperature at the end of a cycle with the usual heat and flow, Cel. */
  readonly levelCel: number
  /** How fast it comes back to it (one over all losses). */
  readonly timeConstantS: number
  /** Of the losses, through the cooling circuit and by spraying; the rest goes to the surroundings. */
  readonly coolingShare: number
  readonly sprayShare: number
  /** 0 to 1: how far a clogged cooling channel concerns the zone. */
  readonly exposure: number
  /** Relative: how much of the heat of its shots comes and goes in this zone alone. */
  readonly ownHeat: number
}

export const ambientCel = 25

/**
 * One zone of the die as one heat capacity. Heat comes from the metal between injection and opening; the cooling
 * circuit takes heat in the same time (timed cooling; afterwards the flow takes the bypass), the spray after it, the
 * surroundings always. Temperatures in Cel, rates in 1/s.
 */
export class Zone {
  cel: number
  /** Heat taken by the circuit in the last second, in Cel of the zone. */
  taken = 0
  /** Heat transfer of the circuit, relative to the usual. */
  transfer = 1
  /** The same in the usual state, averaged over a cycle. */
  readonly usualTaken: number
  readonly exposure: number
  readonly ownShare: number
  /** This shot's heat here, beyond what all zones have in common. */
  own = 0
  readonly #coolantCel: number
  readonly #heat: number
  readonly #cooling: number
  readonly #spray: number
  readonly #ambient: number

  constructor(shape: ZoneShape, usual: { cycleS: number; coolantCel: number; startCel: number }) {
    const { levelCel, timeConstantS, coolingShare, sprayShare } = shape
    const { casting, opened, spray, sprayed } = phase
    const rate = (share: number, seconds: number) =>
      ((share / timeConstantS) * usual.cycleS) / seconds
    this.exposure = shape.exposure
    this.ownShare = shape.ownHeat
    this.#coolantCel = usual.coolantCel
    this.#cooling = rate(coolingShare, opened - casting)
    this.#spray = rate(sprayShare, sprayed - spray)
    this.#ambient = rate(1 - coolingShare - sprayShare, usual.cycleS)
    // A cycle turns start s and heat h into A s + B + C h, so the heat that holds the level follows from three cycles.
    const cycle = (start: number, heat: number) => {
      this.cel = start
      for (let s = 0; s < usual.cycleS; s++) this.step(s, { heat, spray: 1 })
      return this.cel
    }
    this.#heat = 1
    this.cel = 0
    const base = cycle(0, 0)
    const keeps = cycle(1, 0) - base
    const gain = cycle(0, 1) - base
    this.#heat = (levelCel * (1 - keeps) - base) / gain
    this.usualTaken = (coolingShare / timeConstantS) * (levelCel - usual.coolantCel)
    this.cel = usual.startCel
  }

  /** One second of the cycle; `heat` and `spray` are relative to the usual. */
  step(second: number, now: { readonly heat: number; readonly spray: number }): void {
    let change = this.#ambient * (ambientCel - this.cel)
    this.taken = 0
    if (second >= phase.casting && second < phase.opened) {
      this.taken = this.#cooling * this.transfer * (this.cel - this.#coolantCel)
      change += this.#heat * (now.heat + this.own) - this.taken
    } else if (second >= phase.spray && second < phase.sprayed)
      change -= this.#spray * now.spray * (this.cel - this.#coolantCel)
    this.cel += change
  }

  /** Cools to the surroundings while the machine stands. */
  rest(seconds: number): void {
    this.taken = 0
    this.cel = ambientCel + (this.cel - ambientCel) * Math.exp(-this.#ambient * seconds)
  }
}
