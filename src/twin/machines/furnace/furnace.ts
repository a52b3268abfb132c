import { type Random, seededRandom } from "../../../kernel/random.ts"
import type { Instant } from "../../../model/instant.ts"
import type { Value } from "../../../model/tag.ts"
import { endOfLine, type Inlet, noParts, type Outlet, type Part } from "../../flow.ts"
import type { FaultOrder } from "../../twin.ts"
import { FaultSet } from "../fault-set.ts"
import type { PlcAnswer } from "../opcua/tag-nodes.ts"
import { ambientCel, Chamber, zoneShapes, zones } from "./chamber.ts"
import {
  type Charge,
  type FinishedCharge,
  finishedCharge,
  newCharge,
  treat,
  treated,
} from "./charge.ts"
import { ZoneControl } from "./control.ts"
import {
  own,
  program,
  remainingS,
  type SetPoints,
  type Step,
  step,
  usualSetPoints,
  written,
} from "./program.ts"

/** What a furnace remembers without power. */
export interface FurnaceMemory {
  readonly at: Instant
  readonly charges: number
  /** The charge after which the counter was last 0. */
  readonly countedFrom: number
  readonly kwh: number
  readonly set: SetPoints
  readonly zoneCel: readonly number[]
  readonly loadCel: readonly number[]
  readonly step: Step
  readonly stepS: number
  readonly charge?: Charge
  /** Finished parts that wait to go on. */
  readonly table: readonly Part[]
}

export interface FurnaceSetup {
  readonly seed: number
  /** Batches are it and the charge's number. */
  readonly name: string
  /** Parts of a full charge. */
  readonly charge: number
  /** Plant time at which it starts at its standby temperature, unless it remembers more. */
  readonly at: Instant
  readonly memory?: FurnaceMemory
}

const state = { running: 1, idle: 2 } as const
const alarm = { none: 0, deviation: 1, overTemperature: 2 } as const
const fanKw = 5.5
const fanPerMin = 1450
const sensorCel = 0.5
/** How far a thermocouple drifts at most, and how long it takes to. */
const driftCel = -35
const driftS = 2400
/** A part loses so much on its way to the water. */
const celPerSecondInAir = 1.5

/** A batch furnace with three zones that solution-anneals and quenches castings. Pure and seeded. */
export class Furnace {
  /** Finished charges, oldest first; whoever drives the furnace may take them out. */
  readonly finished: FinishedCharge[] = []
  inlet: Inlet = noParts
  outlet: Outlet = endOfLine
  at: Instant
  readonly chamber: Chamber
  readonly #setup: FurnaceSetup
  readonly #random: Random
  readonly #sensors: Random
  readonly #noise: number
  /** Which zone fails, and whose thermocouple drifts. */
  readonly #weakZone: number
  readonly #faults = new FaultSet()
  readonly #control = zones.map(() => new ZoneControl())
  #set: SetPoints
  #charges: number
  #countedFrom: number
  #kwh: number
  #step: Step
  #stepS: number
  #waitedS = 0
  #programCel: number = program.standbyCel
  #guaranteeS = 0
  #deviationS = 0
  #isCutOut = false
  #driftCel = 0
  #shownCel: number[]
  #kw: number[] = zones.map(() => 0)
  #charge: Charge | undefined
  #table: Part[]
  /** Parts that the inlet gives once more after a power cut. */
  #known: Set<string>

  constructor(setup: FurnaceSetup) {
    const { memory } = setup
    this.#setup = setup
    this.at = setup.at
    const character = seededRandom(setup.seed).fork("character")
    const shapes = zoneShapes(character)
    this.#noise = sensorCel * (0.8 + 0.4 * character.next())
    this.#weakZone = Math.floor(3 * character.next())
    const random = seededRandom(setup.seed).fork(`from charge ${memory?.charges ?? 0}`)
    this.#random = random.fork("process")
    this.#sensors = random.fork("sensors")
    const usual = zones.map(() => program.standbyCel)
    const loadCel = zones.map(() => ambientCel)
    this.chamber = new Chamber(shapes, memory ?? { zoneCel: usual, loadCel })
    this.#set = memory?.set ?? usualSetPoints
    this.#charges = memory?.charges ?? 0
    this.#countedFrom = memory?.countedFrom ?? 0
    this.#kwh = memory?.kwh ?? 0
    this.#step = memory?.step ?? step.waiting
    this.#stepS = memory?.stepS ?? 0
    this.#charge = memory?.charge
    this.#table = [...(memory?.table ?? [])]
    const inside = [...this.#table, ...(this.#charge?.parts ?? [])]
    this.#known = new Set(inside.map(({ serial }) => serial))
    if (memory) this.#cool(Math.max(0, setup.at - memory.at) / 1000)
    this.#shownCel = [...this.chamber.zoneCel]
  }

  get step(): Step {
    return this.#step
  }

  /** A finished charge stands before parts that have no place to go. */
  get isBlocked(): boolean {
    return (
      this.#step === step.unloading && this.#stepS >= program.unloadingS && this.#table.length > 0
    )
  }

  /** Brings the furnace to that time, second by second. */
  advance(to: Instant): void {
    while (this.at + 1000 <= to) {
      this.at += 1000
      this.#second()
    }
  }

  order(order: FaultOrder): void {
    this.#faults.take(order)
    if (order.fault !== "counter-reset" || order.state !== "on") return
    this.#countedFrom = this.#charges
    this.#kwh = 0
  }

  /** Writes a set point as a client would; the furnace's own controller says no to what it cannot have. */
  set(address: string, value: Value): PlcAnswer {
    const set = written(this.#set, address, value)
    if (typeof set === "string") return set
    this.#set = set
    return "ok"
  }

  /** What the sensors show now, by address. */
  tags(): Record<string, number | boolean | string> {
    const values: Record<string, number | boolean | string> = {
      State: this.#step === step.waiting || this.isBlocked ? state.idle : state.running,
      Step: this.#step,
      StepRemaining: remainingS(this.#step, {
        ...{ stepS: this.#stepS, soakedS: this.#charge?.soakedS ?? 0 },
        ...{ programCel: this.#programCel, set: this.#set },
      }),
      Program: program.name,
      "Program.SetPoint": this.#programCel,
      Batch: this.#charge?.batch ?? "",
      ChargeCount: this.#charges - this.#countedFrom,
      Parts: this.#charge?.parts.length ?? 0,
      Waiting: this.inlet.waiting,
      "Load.Temperature": (this.chamber.loadCel[1] ?? 0) + this.#noise * this.#sensors.normal(),
      Spread: Math.max(...this.#shownCel) - Math.min(...this.#shownCel),
      "Door.Open": this.#isDoorOpen(),
      "Fan.Speed": this.#isFanOn() ? fanPerMin + 4 * this.#sensors.normal() : 0,
      Energy: this.#kwh,
      Alarm: this.#alarm(),
      "Soak.Set": this.#set.soakMin,
      HoldNextCharge: this.#set.hold,
    }
    for (const zone of zones) {
      const name = `Zone${zone + 1}`
      values[`${name}.Temperature`] = this.#shownCel[zone] ?? 0
      values[`${name}.Set`] = this.#set.zoneCel[zone] ?? 0
      values[`${name}.Output`] = 100 * (this.#control[zone]?.output ?? 0)
      values[`${name}.Power`] = this.#kw[zone] ?? 0
    }
    return values
  }

  memory(): FurnaceMemory {
    return {
      ...{ at: this.at, charges: this.#charges, countedFrom: this.#countedFrom, kwh: this.#kwh },
      ...{ set: this.#set, step: this.#step, stepS: this.#stepS },
      zoneCel: [...this.chamber.zoneCel],
      loadCel: [...this.chamber.loadCel],
      table: [...this.#table],
      ...(this.#charge && { charge: structuredClone(this.#charge) }),
    }
  }

  #second(): void {
    while (this.#table[0] && this.outlet.offer(this.#table[0])) this.#table.shift()
    this.#sense()
    this.#heat()
    this.#stepS++
    if (this.#step === step.waiting) this.#wait()
    else if (this.#step === step.loading) this.#load()
    else if (this.#step === step.heating) this.#heatUp()
    else if (this.#step === step.soaking) this.#soak()
    else if (this.#step === step.quenching) this.#quench()
    else if (this.#stepS >= program.unloadingS && this.#table.length === 0) this.#finish()
  }

  #sense(): void {
    const severity = this.#faults.severity("thermocouple-drift")
    this.#driftCel =
      severity === 0 ? 0 : this.#driftCel + (driftCel * severity - this.#driftCel) / driftS
    this.#shownCel = this.chamber.zoneCel.map(
      (cel, zone) =>
        cel + this.#noise * this.#random.normal() + (zone === this.#weakZone ? this.#driftCel : 0),
    )
  }

  /** The controllers act on what the thermocouples show; what is in the chamber takes the heat. */
  #heat(): void {
    const hottest = Math.max(...this.#shownCel)
    this.#isCutOut = hottest > (this.#isCutOut ? own.cutInCel : own.cutOutCel)
    const isOff = this.#isCutOut || this.#isDoorOpen()
    const dead = this.#faults.severity("furnace-zone-failure")
    this.#kw = zones.map((zone) => {
      const control = this.#control[zone]
      const element = this.chamber.shapes[zone]?.elementKw ?? 0
      control?.step(this.#wantedCel(zone) - (this.#shownCel[zone] ?? 0), isOff)
      return element * (control?.output ?? 0) * (zone === this.#weakZone ? 1 - dead : 1)
    })
    const isFanOn = this.#isFanOn()
    const parts = this.#partsInside()
    this.chamber.step({ kw: this.#kw, isDoorOpen: this.#isDoorOpen(), isFanOn, parts })
    const kw = this.#kw.reduce((sum, each) => sum + each, isFanOn ? fanKw : 0)
    this.#kwh += kw / 3600
    if (this.#charge && parts > 0) treat(this.#charge, this.chamber.loadCel)
  }

  #wantedCel(zone: number): number {
    const set = this.#set.zoneCel[zone] ?? 0
    return this.#isAtWork() ? Math.min(set, this.#programCel) : Math.min(set, program.standbyCel)
  }

  #wait(): void {
    this.#programCel = program.standbyCel
    if (this.inlet.waiting === 0 || this.#set.hold) this.#waitedS = 0
    else this.#waitedS++
    const isFull = this.inlet.waiting >= this.#setup.charge
    if (this.#set.hold || !(isFull || this.#waitedS >= program.patienceS)) return
    const parts = this.#takeParts()
    if (parts.length === 0) return
    const number = this.#charges + 1
    const batch = `${this.#setup.name}-${number}`
    this.#charge = newCharge({ number, batch, startedAt: this.at, startedKwh: this.#kwh, parts })
    this.chamber.loadCel.fill(ambientCel)
    this.#go(step.loading)
  }

  #takeParts(): Part[] {
    const parts: Part[] = []
    while (parts.length < this.#setup.charge) {
      const part = this.inlet.take()
      if (!part) break
      if (!this.#known.delete(part.serial)) parts.push(part)
    }
    return parts
  }

  #load(): void {
    if (this.#stepS < program.loadingS) return
    this.#programCel = Math.min(...this.#shownCel)
    this.#guaranteeS = 0
    this.#go(step.heating)
  }

  #heatUp(): void {
    const { rampCelPerMin, holdBackCel, nearCel, guaranteeS } = program
    if (this.#charge) this.#charge.heatingS++
    const end = Math.max(...this.#set.zoneCel)
    if (this.#programCel - Math.max(...this.#shownCel) < holdBackCel)
      this.#programCel = Math.min(end, this.#programCel + rampCelPerMin / 60)
    if (this.#programCel < end) return
    this.#guaranteeS++
    if (this.#deviation() <= nearCel || this.#guaranteeS >= guaranteeS) this.#go(step.soaking)
  }

  #soak(): void {
    const charge = this.#charge
    if (!charge) return
    charge.soakedS++
    this.#programCel = Math.max(...this.#set.zoneCel)
    for (const zone of zones) {
      const cel = this.#shownCel[zone] ?? 0
      charge.min[zone] = Math.min(charge.min[zone] ?? cel, cel)
      charge.max[zone] = Math.max(charge.max[zone] ?? cel, cel)
    }
    this.#deviationS = this.#deviation() > own.deviationCel ? this.#deviationS + 1 : 0
    if (charge.soakedS < 60 * this.#set.soakMin) return
    charge.quenchDelayS = 6 + 4 * this.#random.next()
    for (const zone of zones)
      charge.quenchedCel[zone] =
        (this.chamber.loadCel[zone] ?? 0) - celPerSecondInAir * charge.quenchDelayS
    this.#go(step.quenching)
  }

  #quench(): void {
    for (const zone of zones) {
      const cel = this.chamber.loadCel[zone] ?? 0
      this.chamber.loadCel[zone] = cel + (60 - cel) / 20
    }
    if (this.#stepS < program.quenchingS) return
    this.#go(step.unloading)
  }

  /** Once the table is empty the next charge may begin. */
  #finish(): void {
    const charge = this.#charge
    if (!charge) return
    this.#charges++
    const parts = treated(charge, this.#random)
    const now = { at: this.at, kwh: this.#kwh, countedFrom: this.#countedFrom, set: this.#set }
    this.finished.push(finishedCharge(charge, parts, now))
    this.#table.push(...parts)
    this.#charge = undefined
    this.#waitedS = 0
    this.#deviationS = 0
    this.#go(step.waiting)
  }

  #go(to: Step): void {
    this.#step = to
    this.#stepS = 0
  }

  #isAtWork(): boolean {
    return this.#step === step.heating || this.#step === step.soaking
  }

  #partsInside(): number {
    const isInside = this.#step === step.loading || this.#isAtWork()
    return isInside ? (this.#charge?.parts.length ?? 0) : 0
  }

  #isDoorOpen(): boolean {
    if (this.#step === step.loading) return this.#stepS < program.doorOpenS
    return this.#step === step.quenching && this.#stepS < program.quenchDoorS
  }

  #isFanOn(): boolean {
    return this.#step !== step.waiting && !this.#isDoorOpen()
  }

  #deviation(): number {
    return Math.max(
      ...zones.map((z) => Math.abs((this.#shownCel[z] ?? 0) - (this.#set.zoneCel[z] ?? 0))),
    )
  }

  #alarm(): number {
    if (this.#isCutOut) return alarm.overTemperature
    return this.#deviationS >= own.deviationS ? alarm.deviation : alarm.none
  }

  /** Without power the door is closed and the fan stands. */
  #cool(seconds: number): void {
    const kw = zones.map(() => 0)
    const parts = this.#partsInside()
    for (let s = 0; s < Math.min(seconds, 86_400); s++)
      this.chamber.step({ kw, isDoorOpen: false, isFanOn: false, parts })
  }
}
