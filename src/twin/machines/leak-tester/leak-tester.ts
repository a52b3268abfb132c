import { type Random, seededRandom } from "../../../kernel/random.ts"
import type { Instant } from "../../../model/instant.ts"
import { endOfLine, type Inlet, noParts, type Outlet, type Part } from "../../flow.ts"
import type { FaultOrder } from "../../twin.ts"
import { FaultSet } from "../fault-set.ts"

/** What a leak tester remembers without power. */
export interface LeakTesterMemory {
  readonly good: number
  readonly bad: number
}

/** One finished test. */
export interface LeakTest {
  readonly at: Instant
  readonly serial: string
  /** As the tester shows it, mL/min. */
  readonly leakRate: number
  readonly isGood: boolean
  /** What no sensor shows: the part's real leak in mL/min. */
  readonly truth: { readonly leakRate: number; readonly porosity: number }
}

export interface LeakTesterSetup {
  readonly seed: number
  /** Stands in the part where it is rejected. */
  readonly name: string
  readonly at: Instant
  readonly memory?: LeakTesterMemory
}

export const testerState = { running: 1, idle: 2 } as const

/** Seconds from the start of a test to the end of each phase. */
const phases = [
  { name: "loading", endS: 3 },
  { name: "filling", endS: 9 },
  { name: "stabilising", endS: 17 },
  { name: "measuring", endS: 23 },
  { name: "unloading", endS: 25 },
] as const

/** Limit of a good part, mL/min of air at the test pressure. */
export const leakLimit = 6
const usualTestBar = 2
/** Leak of a sound casting with its usual 0.5 % of pores. */
const soundLeak = 0.6
const soundPorosity = 0.005
/** How far the sensor drifts at most, and how long it takes to, at full severity. */
const driftMost = 5
const driftS = 7200

/**
 * What leaks through a part, mL/min. Pores must join to leak, so it grows with the square of their share; a seal lets
 * past a bore what goes with the square of the gap (deviation over 0.02 mm).
 */
export function leakOf({ porosity, boreDeviation = 0 }: Part): number {
  return soundLeak * (porosity / soundPorosity) ** 2 + 0.4 * (boreDeviation / 0.02) ** 2
}

/** A leak tester by pressure decay: fills a part with air and measures what is lost. Pure and seeded. */
export class LeakTester {
  /** Finished tests, oldest first; whoever drives the tester may take them out. */
  readonly finished: LeakTest[] = []
  inlet: Inlet = noParts
  outlet: Outlet = endOfLine
  at: Instant
  readonly #name: string
  readonly #random: Random
  readonly #faults = new FaultSet()
  /** Of this tester: its gain, its noise and how its regulator stands. */
  readonly #gain: number
  readonly #noise: number
  readonly #supplyBar: number
  #part: Part | undefined
  #isTested = false
  #second = 0
  #good: number
  #bad: number
  #restMs = 0
  #bar = 0
  #drift = 0
  #last = { serial: "", leakRate: 0, isGood: false }

  constructor({ seed, name, at, memory }: LeakTesterSetup) {
    const character = seededRandom(seed).fork("character")
    this.#name = name
    this.at = at
    this.#good = memory?.good ?? 0
    this.#bad = memory?.bad ?? 0
    this.#random = seededRandom(seed).fork(`from test ${this.#good + this.#bad}`)
    this.#gain = 0.95 + 0.1 * character.next()
    this.#noise = 0.06 + 0.06 * character.next()
    this.#supplyBar = usualTestBar + 0.02 * character.normal()
  }

  /** A tested part has no place to go. */
  get isBlocked(): boolean {
    return this.#isTested
  }

  /** Runs so much plant time, second by second; what is left of a second waits for the next call. */
  step(ms: number): void {
    this.#restMs += ms
    while (this.#restMs >= 1000) {
      this.#restMs -= 1000
      this.at += 1000
      this.#step()
    }
  }

  order(order: FaultOrder): void {
    this.#faults.take(order)
    if (order.fault !== "counter-reset" || order.state !== "on") return
    this.#good = 0
    this.#bad = 0
  }

  /** What its registers show. */
  values() {
    const { serial, leakRate, isGood } = this.#last
    const isRunning = this.#part !== undefined && !this.#isTested
    const phase = isRunning ? 1 + phases.findIndex(({ endS }) => this.#second < endS) : 0
    const [pass, fail] = [serial !== "" && isGood, serial !== "" && !isGood]
    return {
      state: isRunning ? testerState.running : testerState.idle,
      phase,
      result: (pass ? 1 : 0) + (fail ? 2 : 0),
      good: this.#good,
      bad: this.#bad,
      tests: (this.#good + this.#bad) % 2 ** 32,
      leakRate,
      testPressure: this.#bar,
      limit: leakLimit,
      serial: serial.slice(0, 32),
      ready: !isRunning,
      pass,
      fail,
    }
  }

  memory(): LeakTesterMemory {
    return { good: this.#good, bad: this.#bad }
  }

  #step(): void {
    const most = driftMost * this.#faults.severity("sensor-drift")
    this.#drift = most === 0 ? 0 : Math.min(most, this.#drift + most / driftS)
    if (this.#isTested) this.#handOn()
    if (!this.#part) this.#begin()
    if (!this.#part || this.#isTested) {
      this.#bar = 0
      return
    }
    this.#second++
    this.#bar = this.#pressure()
    if (this.#second === phases[3].endS) this.#judge(this.#part)
    if (this.#second >= phases[4].endS) {
      this.#isTested = true
      this.#handOn()
    }
  }

  #begin(): void {
    this.#part = this.inlet.take()
    this.#second = 0
  }

  #pressure(): number {
    const [loading, filling, , measuring] = phases
    if (this.#second <= loading.endS || this.#second > measuring.endS) return 0
    const filled = 1 - Math.exp(-(this.#second - loading.endS) / 1.2)
    return (
      this.#supplyBar * (this.#second <= filling.endS ? filled : 1) + 0.003 * this.#random.normal()
    )
  }

  #judge(part: Part): void {
    const real = leakOf(part)
    const noise = (this.#noise + 0.03 * real) * this.#random.normal()
    const measured = Math.max(0, this.#gain * real + noise) + this.#drift
    const isFrozen = this.#faults.severity("frozen-sensor") > 0
    const leakRate = isFrozen ? this.#last.leakRate : measured
    const isGood = leakRate <= leakLimit
    this.#last = { serial: part.serial, leakRate, isGood }
    if (isGood) this.#good++
    else this.#bad++
    const truth = { leakRate: real, porosity: part.porosity }
    this.finished.push({ at: this.at, serial: part.serial, leakRate, isGood, truth })
  }

  #handOn(): void {
    const part = this.#part
    if (!part) return
    const rejected = { at: this.#name, because: "leak" }
    if (!this.outlet.offer(this.#last.isGood ? part : { ...part, rejected })) return
    this.#part = undefined
    this.#isTested = false
  }
}
