import { type Random, seededRandom } from "../../../kernel/random.ts"
import type { Instant } from "../../../model/instant.ts"
import type { Value } from "../../../model/tag.ts"
import { endOfLine, type Outlet, type Part } from "../../flow.ts"
import type { FaultName } from "../../twin.ts"
import type { PlcAnswer } from "../opcua/tag-nodes.ts"
import { chanceOfBad } from "./chance.ts"
import { type Character, characterOf, sleeveOf, zoneOf } from "./die.ts"
import { type Mould, mouldOf, spread, zoneNames } from "./mould.ts"
import { porosityOf } from "./porosity.ts"
import type { Zone } from "./zone.ts"

/** One finished shot as the machine records it. */
export interface Shot {
  readonly number: number
  /** End of the cycle; fields are by their address beneath `Shots`. */
  readonly at: Instant
  readonly values: Readonly<Record<string, number | string>>
  /** What no sensor shows. */
  readonly truth: {
    readonly serial: string
    readonly chanceOfBad: number
    readonly porosity: number
    readonly zoneCel: readonly number[]
    readonly clog: number
    readonly leak: number
  }
}

/** What a machine remembers without power. */
export interface MachineMemory {
  readonly at: Instant
  readonly shots: number
  /** The shot after which the counter was last 0. */
  readonly countedFrom?: number
  readonly flowSet: number
  readonly hold: boolean
  readonly zoneCel: readonly number[]
  /** A finished part that had no place to go. */
  readonly part?: Part
}

export interface DieCastingSetup {
  readonly seed: number
  readonly mould: string
  /** Serials are it and the shot's number. */
  readonly serial?: string
  /** Plant time at which it starts with a die preheated to 110 Cel, unless it remembers more. */
  readonly at: Instant
  readonly memory?: MachineMemory
}

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
/** How much the four zones together warm the water in the usual state. */
const usualLiftCel = 9
/** Of a channel's flow, when it is clogged as far as the fault goes. */
const clogTakes = 0.64
/** How far the dosing drifts at most, and the first thermocouple. */
const biscuitDriftMm = 16
const thermocoupleDriftCel = -35
/** Shots below this are made to warm the die and are scrapped. */
const trialBelow = 0.8

/** A cold-chamber die-casting machine: heat in with each shot, heat out by cooling, spray and air. Pure and seeded. */
export class DieCasting {
  /** Finished shots, oldest first; whoever drives the machine may take them out. */
  readonly shots: Shot[] = []
  /** Where good and bad parts go; what was made before it is set has left. */
  outlet: Outlet = endOfLine
  at: Instant
  readonly #serial: string
  readonly #its: Character
  readonly #code: string
  readonly #mould: Mould
  readonly #random: Random
  readonly #sensors: Random
  readonly #pores: Random
  readonly #zones: readonly Zone[]
  readonly #sleeve: Zone
  readonly #faults = new Map<FaultName, number>()
  #count: number
  #countedFrom: number
  #flowSet = usualFlow
  #hold = false
  #flow = usualFlow
  #clog = 0
  #leakBar = 0
  #frozenCel: number | undefined
  #thermocoupleCel = 0
  #biscuitDrift = 0
  /** Finished, with no place to go. */
  #part: Part | undefined
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
    this.#serial = setup.serial ?? "part"
    this.#count = memory?.shots ?? 0
    this.#countedFrom = memory?.countedFrom ?? 0
    this.#part = memory?.part
    this.#its = characterOf(seededRandom(setup.seed).fork("character"))
    const random = seededRandom(setup.seed).fork(`from shot ${this.#count}`)
    this.#random = random.fork("process")
    this.#sensors = random.fork("sensors")
    this.#pores = random.fork("pores")
    this.#zones = zoneNames.map((name) => zoneOf(name, this.#mould, this.#its))
    this.#sleeve = sleeveOf(this.#mould)
    this.#usualTaken = this.#zones.reduce((sum, zone) => sum + zone.usualTaken, 0)
    if (memory) this.#recall(memory)
    this.#molten = 4 * this.#random.normal()
    this.#startCycle()
    if (this.#hold || this.#part) this.#running = false
  }

  /** False while it stands idle because it is held or blocked. */
  get isRunning(): boolean {
    return this.#running
  }

  /** A finished part has no place to go. */
  get isBlocked(): boolean {
    return this.#part !== undefined
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

  /** `connection-lost` and `clock-wrong` are the server's affair; here they change nothing. */
  inject(fault: FaultName, severity = 1): void {
    this.#faults.set(fault, severity)
    if (fault === "counter-reset") this.#countedFrom = this.#count
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
    const noise = (sd: number) => this.#its.sensorNoise * sd * this.#sensors.normal()
    const sensed = (zone: number) => this.#zone(zone).cel + noise(spread.sensorCel)
    return {
      State: this.#running ? state.running : state.idle,
      ShotCounter: this.#count - this.#countedFrom,
      "Molten.Temperature": this.#mould.moltenCel + this.#molten + noise(0.5),
      "Die.Upper1": this.#frozenCel ?? sensed(0) + this.#thermocoupleCel,
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
      countedFrom: this.#countedFrom,
      flowSet: this.#flowSet,
      hold: this.#hold,
      zoneCel: [...this.#zones, this.#sleeve].map((zone) => zone.cel),
      ...(this.#part && { part: this.#part }),
    }
  }

  #step(): void {
    this.#settle()
    if (!this.#running) {
      for (const zone of this.#zones) zone.rest(1)
      this.#sleeve.rest(1)
      this.#pickUp -= this.#pickUp / 400
      if (this.#isPartAway() && !this.#hold) this.#startCycle()
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
    const clog = (this.#severity("cooling-clog") - this.#clog) / 7
    const flow = (this.#flowSet - this.#flow) / (4 * this.#its.valveDelay)
    this.#clog += clog
    this.#flow += flow
    this.#leakBar += (45 * this.#severity("hydraulic-leak") - this.#leakBar) / 30
    const drift = thermocoupleDriftCel * this.#severity("thermocouple-drift")
    this.#thermocoupleCel = drift === 0 ? 0 : lag(this.#thermocoupleCel, drift, 2400)
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
    const drift = this.#its.drifts * biscuitDriftMm * this.#severity("biscuit-drift")
    this.#biscuitDrift = drift === 0 ? 0 : lag(this.#biscuitDrift, drift, 40)
    this.#heat = keep(this.#heat, spread.heatKeeps, spread.heat * normal())
    for (const zone of [...this.#zones, this.#sleeve])
      zone.own = keep(zone.own, spread.heatKeeps, spread.ownHeat * zone.ownShare * normal())
    this.#coolantSupply = keep(
      this.#coolantSupply,
      spread.coolantKeeps,
      spread.coolantCel * normal(),
    )
    // Metal brings latent heat and what it cools by: per Cel 1.08 of about 790 kJ/kg (aluminium, solid at 350 Cel).
    this.#now.heat = 1 + this.#heat + this.#molten * (1.08 / 790) + this.#biscuitOff * 0.0005
    this.#now.spray = 1 + spread.spray * normal()
  }

  #endCycle(): void {
    this.#count++
    const shot = this.#record()
    this.shots.push(shot)
    if (shot.values.Trial === 0) this.#part = this.#partOf(shot)
    if (this.#isPartAway() && !this.#hold) this.#startCycle()
    else this.#running = false
  }

  #isPartAway(): boolean {
    if (this.#part && this.outlet.offer(this.#part)) this.#part = undefined
    return this.#part === undefined
  }

  #partOf({ at, truth, values }: Shot): Part {
    const { serial, porosity } = truth
    const rejected = { at: this.#serial, because: "seen at the machine" }
    const part = { serial, castAt: at, mould: this.#code, porosity }
    return values.Verdict === 1 ? { ...part, rejected } : part
  }

  get #biscuitOff(): number {
    return this.#biscuit + this.#biscuitDrift
  }

  #severity(fault: FaultName): number {
    return this.#faults.get(fault) ?? 0
  }

  #record(): Shot {
    const usual = this.#mould
    const { normal, next } = this.#random
    const hydraulic = 1 - this.#leakBar / usualHydraulicBar
    const castPressureBar = usual.castPressureBar * hydraulic + spread.castPressureBar * normal()
    const biscuitMm =
      usual.biscuitMm +
      this.#biscuitOff +
      0.12 * this.#molten +
      0.04 * (usual.castPressureBar - castPressureBar)
    const zoneCel = this.#zones.map((zone) => zone.cel)
    const sensorCel = this.#its.sensorNoise * spread.sensorCel
    const [upper1, upper2, lower1, lower2] = zoneCel.map((c) => c + sensorCel * normal())
    const moltenCel = usual.moltenCel + this.#molten
    const conditions = {
      ...{ upper1Cel: this.#zone(0).cel, lower1Cel: this.#zone(2).cel },
      ...{ castPressureBar, biscuitMm, moltenCel },
    }
    const chance = chanceOfBad(conditions, usual)
    const values = {
      Count: this.#count - this.#countedFrom,
      CycleTime: this.#cycleS,
      MoltenTemperature: moltenCel,
      LowSpeed: usual.lowSpeed * hydraulic ** 0.25 + spread.lowSpeed * normal(),
      HighSpeed: usual.highSpeed * Math.sqrt(hydraulic) + spread.highSpeed * normal(),
      CastPressure: castPressureBar,
      BiscuitThickness: biscuitMm,
      Upper1: this.#frozenCel ?? (upper1 ?? 0) + this.#thermocoupleCel,
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
    const truth = {
      ...{ serial: `${this.#serial}-${this.#count}`, chanceOfBad: chance, zoneCel },
      ...{ clog: this.#clog, leak: this.#leakBar },
      porosity:
        porosityOf({ ...conditions, highSpeed: values.HighSpeed }, usual) *
        Math.exp(0.25 * this.#pores.normal()),
    }
    return { number: this.#count, at: this.at, values, truth }
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

/** One step towards `target` of a lag with so many steps as its time constant. */
function lag(now: number, target: number, steps: number): number {
  return now + (target - now) / steps
}
