/** Of the element's power: for each Cel, for each Cel and second, and what holding a temperature needs at most. */
const gain = 0.06
const perSecond = 5e-5
const mostIntegral = 0.25

/** A zone's controller: proportional and integral, from 0 to 1 of the element's power. */
export class ZoneControl {
  /** What it asks of the element. */
  output = 0
  #integral = 0

  /** One second; while `isOff` it asks for nothing and forgets. */
  step(missingCel: number, isOff: boolean): void {
    if (isOff) {
      this.output = 0
      this.#integral = 0
      return
    }
    const wanted = gain * missingCel + this.#integral
    this.output = Math.min(1, Math.max(0, wanted))
    const integral = this.#integral + perSecond * missingCel
    this.#integral = Math.min(mostIntegral, Math.max(0, integral))
  }
}
