import { type Random, seededRandom } from "../../../kernel/random.ts"
import type { Instant } from "../../../model/instant.ts"
import type { Value } from "../../../model/tag.ts"
import type { FaultName } from "../../twin.ts"
import { chanceOfBad } from "./chance.ts"
import { type Mould, mouldOf, spread, type ZoneName, zoneNames } from "./mould.ts"
import { Zone, type ZoneShape } from "./zone.ts"

/** One finished shot as the machine records it. */
export interface Shot {
  readonly number: number
  /** End of the cycle; fields are by their address beneath `Shots`. */
  readonly at: Instant
  readonly values: Readonly<Record<string, number | string>>
  /** What no sensor shows. */
  readonly truth: {
    readonly chanceOfBad: number
    readonly zoneCel: readonly number[]
    readonly clog: number
    readonly leak: number
  }
}

/** What a machine remembers without power. */
export interface MachineMemory {
  readonly at: Instant
  readonly shots: number
  readonly flowSet: number
  readonly hold: boolean
  readonly zoneCel: readonly number[]
}

export interface DieCastingSetup {
  readonly seed: number
  readonly mould: string
  /** Plant time at which it starts with a die preheated to 110 Cel, unless it remembers more. */
  readonly at: Instant
  readonly memory?: MachineMemory
}

export type PlcAnswer = "ok" | "out-of-range" | "wrong-kind" | "read-only"

/** What the machine's own PLC says to a write: its limits stand, whatever else guards them. */
export function judge(address: string, value: Value): PlcAnswer {
  if (address === "HoldNextCycle") return typeof value === "boolean" ? "ok" : "wrong-kind"
  if (address !== "Coolant.FlowSet") return "read-only"
  if (typeof value !== "number") return "wrong-kind"
  return value >= 15 && value <= 90 ? "ok" : "out-of-range"
}

const state = { running: 1, idle: 2 } as const
const usualFlow = 40
const usualHydraulicBar = 160
const preheatedCel = 110
/** How much the four zones together warm the water in the usual state. */
const usualLiftCel = 9
/** Of a channel's flow, when it is clogged as far as the fault goes. */
const clogTakes = 0.64
/** Shots below this are made to warm the die and are scrapped. */
const trialBelow = 0.8

/** A cold-chamber die-casting machine: heat in with each shot, heat out by cooling, spray and air. Pure and seeded. */
export class DieCasting {
  /** Finished shots, oldest first; whoever drives the machine may take them out. */
  readonly shots: Shot[] = []
  at: Instant
  readonly #code: string
  readonly #mould: Mould
  readonly #random: Random
  readonly #sensors: Random
  readonly #zones: readonly Zone[]
  readonly #sleeve: Zone
  readonly #faults = new Map<FaultName, number>()
  #count: number
  #flowSet = usualFlow
  #hold = false
  #flow = usualFlow
  #clog = 0
  #leakBar = 0
  #frozenCel: number | undefined
  #running = true
  #restMs = 0
  #second = 0
  #startedCel = 0
  #coolantSupply = 0
  /** By how much the die warms the water now, Cel. */
  #pickUp = usualLiftCel
  readonly #usualTaken: number
  readonly #now = { heat: 1, spray: 1 }
  /** Deviations of this shot from the usual. */
  #cycleS = 0
  #molten = 0
  #moltenTrend = 0
  #biscuit = 0
  #heat = 0

  constructor(setup: DieCastingSetup) {
    const { memory } = setup
    this.at = setup.at
    this.#code = setup.mould
    this.#mould = mouldOf(setup.mould)
    this.#count = memory?.shots ?? 0
    const random = seededRandom(setup.seed).fork(`from shot ${this.#count}`)
    this.#random = random.fork("process")
    this.#sensors = random.fork("sensors")
    this.#zones = zoneNames.map((name) => zoneOf(name, this.#mould))
    this.#sleeve = sleeveOf(this.#mould)
    this.#usualTaken = this.#zones.reduce((sum, zone) => sum + zone.usualTaken, 0)
    if (memory) this.#recall(memory)
    this.#molten = 4 * this.#random.normal()
    this.#startCycle()
    if (this.#hold) this.#running = false
  }

  /** False while it stands idle because it is held. */
  get isRunning(): boolean {
    return this.#running
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

  /** `connection-lost` is the server's affair; here it changes nothing. */
  inject(fault: FaultName, severity = 1): void {
    this.#faults.set(fault, severity)
    if (fault === "frozen-sensor") this.#frozenCel ??= this.#zone(0).cel
  }

  clear(fault: FaultName): void {
    this.#faults.delete(fault)
    if (fault === "frozen-sensor") this.#frozenCel = undefined
  }

  /** Writes a set point as a client would; the PLC says no to what it cannot have. */
  set(address: string, value: Value): PlcAnswer {
    const answer = judge(address, value)
    if (answer !== "ok") return answer
    if (typeof value === "boolean") this.#hold = value
    else this.#flowSet = Number(value)
    return answer
  }

  /** What the sensors show now, by address. */
  tags(): Record<string, number | boolean> {
    const noise = (sd: number) => sd * this.#sensors.normal()
    const sensed = (zone: number) => this.#zone(zone).cel + noise(spread.sensorCel)
    return {
      State: this.#running ? state.running : state.idle,
      ShotCounter: this.#count,
      "Molten.Temperature": this.#mould.moltenCel + this.#molten + noise(0.5),
      "Die.Upper1": this.#frozenCel ?? sensed(0),
      "Die.Upper2": sensed(1),
      "Die.Lower1": sensed(2),
      "Die.Lower2": sensed(3),
      "Sleeve.Temperature": this.#sleeve.cel + noise(spread.sleeveSensorCel),
      "Coolant.Temperature": this.#coolantReturn() + noise(0.1),
      "Coolant.Flow": this.#flow * (1 - 0.05 * this.#clog) + noise(0.2),
      "Hydraulic.Pressure": usualHydraulicBar - this.#leakBar + noise(0.4),
      "Coolant.FlowSet": this.#flowSet,
      HoldNextCycle: this.#hold,
    }
  }

  memory(): MachineMemory {
    return {
      at: this.at,
      shots: this.#count,
      flowSet: this.#flowSet,
      hold: this.#hold,
      zoneCel: [...this.#zones, this.#sleeve].map((zone) => zone.cel),
    }
  }

  #step(): void {
    this.#settle()
    if (!this.#running) {
      for (const zone of this.#zones) zone.rest(1)
      this.#sleeve.rest(1)
      this.#pickUp -= this.#pickUp / 400
      if (!this.#hold) this.#startCycle()
      return
    }
    let taken = 0
    for (const zone of this.#zones) {
      zone.step(this.#second, this.#now)
      taken += zone.taken
    }
    this.#sleeve.step(this.#second, this.#now)
    const lift = (usualLiftCel * (taken / this.#usualTaken) * usualFlow) / this.#flow
    this.#pickUp += (lift - this.#pickUp) / 400
    if (++this.#second >= this.#cycleS) this.#endCycle()
  }

  /** What follows its cause with a lag: flow, clogging, leaking. */
  #settle(): void {
    const clog = ((this.#faults.get("cooling-clog") ?? 0) - this.#clog) / 7
    const flow = (this.#flowSet - this.#flow) / 4
    this.#clog += clog
    this.#flow += flow
    this.#leakBar += (45 * (this.#faults.get("hydraulic-leak") ?? 0) - this.#leakBar) / 30
    if (Math.abs(clog) < 1e-6 && Math.abs(flow) < 1e-4) return
    // Heat transfer of turbulent flow in a pipe goes with its 0.8th power (Dittus-Boelter).
    for (const zone of this.#zones)
      zone.transfer =
        ((this.#flow / usualFlow) * (1 - clogTakes * this.#clog * zone.exposure)) ** 0.8
  }

  #startCycle(): void {
    const { normal, next } = this.#random
    this.#running = true
    this.#second = 0
    this.#startedCel = this.#zone(0).cel
    const delay = next() < spread.delayed ? -spread.delayS * Math.log(1 - next()) : 0
    const leakS = this.#leakBar / 15
    const usual = this.#mould
    this.#cycleS = Math.round(usual.cycleS - 1 + spread.cycleS * normal() + delay + leakS)
    this.#moltenTrend = keep(
      this.#moltenTrend,
      spread.moltenTrendKeeps,
      spread.moltenTrendCel * normal(),
    )
    this.#molten = spread.moltenKeeps * this.#molten + this.#moltenTrend
    this.#biscuit = keep(this.#biscuit, spread.biscuitKeeps, spread.biscuitMm * normal())
    this.#heat = keep(this.#heat, spread.heatKeeps, spread.heat * normal())
    for (const zone of [...this.#zones, this.#sleeve])
      zone.own = keep(zone.own, spread.heatKeeps, spread.ownHeat * zone.ownShare * normal())
    this.#coolantSupply = keep(
      this.#coolantSupply,
      spread.coolantKeeps,
      spread.coolantCel * normal(),
    )
    // Metal brings latent heat and what it cools by: per Cel 1.08 of about 790 kJ/kg (aluminium, solid at 350 Cel).
    this.#now.heat = 1 + this.#heat + this.#molten * (1.08 / 790) + this.#biscuit * 0.0005
    this.#now.spray = 1 + spread.spray * normal()
  }

  #endCycle(): void {
    this.#count++
    this.shots.push(this.#record())
    if (this.#hold) this.#running = false
    else this.#startCycle()
  }

  #record(): Shot {
    const usual = this.#mould
    const { normal, next } = this.#random
    const hydraulic = 1 - this.#leakBar / usualHydraulicBar
    const castPressureBar = usual.castPressureBar * hydraulic + spread.castPressureBar * normal()
    const biscuitMm =
      usual.biscuitMm +
      this.#biscuit +
      0.12 * this.#molten +
      0.04 * (usual.castPressureBar - castPressureBar)
    const zoneCel = this.#zones.map((zone) => zone.cel)
    const [upper1, upper2, lower1, lower2] = zoneCel.map((c) => c + spread.sensorCel * normal())
    const moltenCel = usual.moltenCel + this.#molten
    const chance = chanceOfBad(
      {
        upper1Cel: this.#zone(0).cel,
        lower1Cel: this.#zone(2).cel,
        castPressureBar,
        biscuitMm,
        moltenCel,
      },
      usual,
    )
    const values = {
      Count: this.#count,
      CycleTime: this.#cycleS,
      MoltenTemperature: moltenCel,
      LowSpeed: usual.lowSpeed * hydraulic ** 0.25 + spread.lowSpeed * normal(),
      HighSpeed: usual.highSpeed * Math.sqrt(hydraulic) + spread.highSpeed * normal(),
      CastPressure: castPressureBar,
      BiscuitThickness: biscuitMm,
      Upper1: this.#frozenCel ?? upper1 ?? 0,
      Upper2: upper2 ?? 0,
      Lower1: lower1 ?? 0,
      Lower2: lower2 ?? 0,
      SleeveTemperature: this.#sleeve.cel + spread.sleeveSensorCel * normal(),
      ClampingForce: usual.clampingForce + spread.clampingForce * normal(),
      CoolantTemperature: this.#coolantReturn(),
      Trial: this.#startedCel < trialBelow * usual.zoneCel.Upper1 ? 1 : 0,
      Mould: this.#code,
      Verdict: next() < chance ? 1 : 0,
    }
    return {
      number: this.#count,
      at: this.at,
      values,
      truth: { chanceOfBad: chance, zoneCel, clog: this.#clog, leak: this.#leakBar },
    }
  }

  #coolantReturn(): number {
    return this.#mould.coolantCel - usualLiftCel + this.#coolantSupply + this.#pickUp
  }

  #recall(memory: MachineMemory): void {
    this.#flowSet = memory.flowSet
    this.#flow = memory.flowSet
    this.#hold = memory.hold
    const zones = [...this.#zones, this.#sleeve]
    for (const [i, zone] of zones.entries()) {
      zone.cel = memory.zoneCel[i] ?? zone.cel
      zone.rest(Math.max(0, this.at - memory.at) / 1000)
    }
  }

  #zone(index: number): Zone {
    const zone = this.#zones[index]
    if (!zone) throw new Error(`no zone ${index}`)
    return zone
  }
}

function keep(deviation: number, share: number, shock: number): number {
  return share * deviation + Math.sqrt(1 - share * share) * shock
}

const shapes: Readonly<Record<ZoneName, Omit<ZoneShape, "levelCel">>> = {
  Upper1: { ownHeat: 0.3, timeConstantS: 210, coolingShare: 0.6, sprayShare: 0.05, exposure: 1 },
  Upper2: { ownHeat: 1.5, timeConstantS: 240, coolingShare: 0.75, sprayShare: 0.05, exposure: 0.6 },
  Lower1: { ownHeat: 1, timeConstantS: 230, coolingShare: 0.6, sprayShare: 0.05, exposure: 0.05 },
  Lower2: {
    ownHeat: 0.8,
    timeConstantS: 220,
    coolingShare: 0.65,
    sprayShare: 0.05,
    exposure: 0.05,
  },
}

function zoneOf(name: ZoneName, mould: Mould): Zone {
  const shape = { ...shapes[name], levelCel: mould.zoneCel[name] }
  return new Zone(shape, { ...mould, startCel: preheatedCel })
}

function sleeveOf(mould: Mould): Zone {
  const shape = { timeConstantS: 1100, coolingShare: 0, sprayShare: 0, exposure: 0, ownHeat: 1 }
  return new Zone({ ...shape, levelCel: mould.sleeveCel }, { ...mould, startCel: 300 })
}
