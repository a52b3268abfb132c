import { type Random, seededRandom } from "../../../kernel/random.ts"
import type { Instant } from "../../../model/instant.ts"
import type { Value } from "../../../model/tag.ts"
import type { Part } from "../../flow.ts"
import type { FaultOrder } from "../../twin.ts"
import { FaultSet } from "../fault-set.ts"
import { boringTool, type Phase, ProgramRun } from "./program.ts"
import { BoringBar, brokenMm, type ToolMemory } from "./tool.ts"

/** What a machining centre remembers without power. */
export interface CentreMemory {
  readonly parts: number
  readonly feedOverride: number
  readonly hold: boolean
  readonly tool: ToolMemory
}

/** One part that left the spindle, with what no sensor shows. */
export interface FinishedPart {
  readonly at: Instant
  readonly serial: string
  readonly cycleS: number
  readonly truth: {
    readonly boreDeviation: number
    readonly wear: number
    readonly isBroken: boolean
  }
}

export const centreState = { running: 1, idle: 2, setup: 3 } as const

export type Answer = "ok" | "out-of-range" | "wrong-kind" | "read-only"

/** What the controller says to a write: its limits stand, whatever else guards them. */
export function judge(name: string, value: Value): Answer {
  if (name === "Control/HoldNextCycle") return typeof value === "boolean" ? "ok" : "wrong-kind"
  if (name !== "Feed/Override") return "read-only"
  if (typeof value !== "number") return "wrong-kind"
  return value >= 20 && value <= 150 ? "ok" : "out-of-range"
}

/** A fitter takes so long for a new boring bar, and looks after a machine that is held for so long. */
const setupS = 150
const looksAfterS = 120
/** What a bar's life costs with each part, if nothing is unusual, and how much more with the fault. */
const wearOfPart = 1 / 260
const wearFault = 12
const supplyCel = 22

/** A machining centre with its boring bar. Pure and seeded; one second a step. */
export class MachiningCentre {
  readonly name: string
  readonly finished: FinishedPart[] = []
  readonly #random: Random
  readonly #sensors: Random
  readonly #faults = new FaultSet()
  /** Of this machine: how it loads, shakes and wears. */
  readonly #loadGain: number
  readonly #vibrationGain: number
  readonly #wearGain: number
  readonly #zero: readonly [x: number, y: number]
  #bar: BoringBar
  #run: ProgramRun | undefined
  #part: Part | undefined
  #isDone = false
  #serial = ""
  #mould = ""
  #parts: number
  #feed: number
  #hold: boolean
  #cycleS = 0
  #lastCycleS = 0
  #setupS = 0
  #heldS = 0
  #phase: Phase = { kind: "finished" }
  #toolNumber = 0
  #coolantCel = supplyCel
  #load = 0
  #frozenLoad: number | undefined

  constructor(of: {
    readonly name: string
    readonly seed: number
    readonly memory?: CentreMemory
  }) {
    const { name, seed, memory } = of
    const random = seededRandom(seed).fork(name)
    const character = random.fork("character")
    this.name = name
    this.#loadGain = 0.93 + 0.14 * character.next()
    this.#vibrationGain = 0.85 + 0.3 * character.next()
    this.#wearGain = 0.85 + 0.3 * character.next()
    this.#zero = [20 * character.normal(), 15 * character.normal()]
    this.#random = random.fork(`from part ${memory?.parts ?? 0}`)
    this.#sensors = random.fork("sensors")
    this.#parts = memory?.parts ?? 0
    this.#feed = memory?.feedOverride ?? 100
    this.#hold = memory?.hold ?? false
    // A plant that is looked at has run before: the bar is somewhere in its life.
    const usedParts = Math.floor(120 * character.next())
    this.#bar = memory
      ? new BoringBar(memory.tool)
      : new BoringBar({ wear: usedParts * wearOfPart, parts: usedParts, number: 1, seatMm: 0 })
  }

  get tool(): BoringBar {
    return this.#bar
  }

  get state(): number {
    if (this.#setupS > 0) return centreState.setup
    return this.#part && !this.#isDone ? centreState.running : centreState.idle
  }

  /** One second. `at` is its end. */
  step(at: Instant, from: { take(): Part | undefined; offer(part: Part): boolean }): void {
    this.#coolantCel += ((this.#phase.kind === "cutting" ? 31 : supplyCel) - this.#coolantCel) / 900
    if (this.#setupS > 0) {
      if (--this.#setupS === 0) this.#changeTool()
      return
    }
    if (this.#isDone && this.#part && from.offer(this.#part)) {
      this.#part = undefined
      this.#isDone = false
    }
    if (!this.#part) this.#begin(from)
    if (this.#run && !this.#isDone) this.#machine(this.#run, at)
  }

  order(order: FaultOrder): void {
    this.#faults.take(order)
    const { fault, state, severity = 1 } = order
    const isOn = state === "on"
    if (fault === "frozen-sensor") this.#frozenLoad = isOn ? this.#load : undefined
    if (fault === "counter-reset" && isOn) this.#parts = 0
    if (fault !== "tool-breakage") return
    if (isOn) this.#bar.brokenMm = brokenMm * severity
    else if (this.#bar.brokenMm !== undefined) this.#changeTool()
  }

  /** Writes a set point as a client would. */
  set(name: string, value: Value): Answer {
    const answer = judge(name, value)
    if (answer !== "ok") return answer
    if (typeof value === "boolean") this.#hold = value
    else this.#feed = Number(value)
    return answer
  }

  memory(): CentreMemory {
    const tool = this.#bar.memory()
    return { parts: this.#parts, feedOverride: this.#feed, hold: this.#hold, tool }
  }

  /** What its sensors and its controller show, by the name of the metric. */
  values() {
    const phase = this.#phase
    const isCutting = phase.kind === "cutting"
    const noise = (sd: number) => sd * this.#sensors.normal()
    const { perMin = 0 } = isCutting ? phase.operation : {}
    const [x, y, z] = this.#position()
    return {
      State: this.state,
      "Program/Name": this.#mould === "" ? "" : `O${this.#mould}`,
      "Spindle/Load": this.#frozenLoad ?? Math.max(0, this.#load + noise(0.15)),
      "Spindle/Speed": isCutting ? Math.max(0, perMin + noise(4)) : 0,
      "Feed/Override": this.#feed,
      "Control/HoldNextCycle": this.#hold,
      "Vibration/RMS": Math.max(0, this.#shakes(phase) + noise(0.05)),
      "Coolant/On": isCutting,
      "Coolant/Temperature": this.#coolantCel + noise(0.1),
      "Axis/X": x,
      "Axis/Y": y,
      "Axis/Z": z,
      "Part/Counter": this.#parts,
      "Part/Serial": this.#serial,
      "Cycle/Time": this.#lastCycleS,
      "Tool/Number": this.#toolNumber,
      "Tool/Life": this.#bar.partsLeft,
    }
  }

  #begin(from: { take(): Part | undefined }): void {
    this.#load = 0
    this.#phase = { kind: "finished" }
    const needsTool = this.#bar.partsLeft === 0
    if (this.#hold) {
      this.#heldS++
      const isBad = this.#bar.brokenMm !== undefined || this.#bar.wear > 0.8
      if (isBad && this.#heldS >= looksAfterS) this.#setupS = setupS
      return
    }
    this.#heldS = 0
    if (needsTool) {
      this.#setupS = setupS
      return
    }
    this.#part = from.take()
    if (!this.#part) return
    this.#run = new ProgramRun()
    this.#cycleS = 0
    this.#serial = this.#part.serial
    this.#mould = this.#part.mould
  }

  #machine(run: ProgramRun, at: Instant): void {
    this.#cycleS++
    this.#phase = run.step(this.#feed / 100)
    if (this.#phase.kind === "cutting") this.#toolNumber = this.#phase.operation.tool
    this.#load = this.#loads(this.#phase)
    if (run.isFinished) this.#finish(at)
  }

  #loads(phase: Phase): number {
    if (phase.kind !== "cutting") return phase.kind === "tool-change" ? 2 : 0
    const { tool, load } = phase.operation
    // Harder castings and more feed cut harder; the exponents are usual ones of the cutting force.
    const hardness = (this.#part?.hardness ?? 100) / 100
    const cut = load * this.#loadGain * hardness ** 0.4 * (this.#feed / 100) ** 0.75
    const worn = tool === boringTool ? this.#bar.loadGain : 1 + 0.1 * this.#bar.wear
    return Math.max(0, cut * worn * (1 + 0.04 * this.#random.normal()))
  }

  #shakes(phase: Phase): number {
    if (phase.kind !== "cutting") return 0.15
    const { tool, vibration } = phase.operation
    const worn = tool === boringTool ? this.#bar.vibrationGain : 1
    return vibration * this.#vibrationGain * worn
  }

  #position(): readonly [number, number, number] {
    const phase = this.#phase
    if (phase.kind !== "cutting") return [0, 250, 180]
    const { operation, done } = phase
    const [x, y] = this.#zero
    const turns = 2 * Math.PI * 3 * done
    const wide = 2 * operation.tool
    const coarse = (mm: number) => Math.round(10 * mm) / 10
    return [
      coarse(x + wide * Math.cos(turns)),
      coarse(y + wide * Math.sin(turns)),
      coarse(5 + (operation.depthMm - 5) * Math.sin(Math.PI * done)),
    ]
  }

  #finish(at: Instant): void {
    const part = this.#part
    if (!part) return
    const fault = 1 + wearFault * this.#faults.severity("tool-wear")
    const wear = wearOfPart * this.#wearGain * fault * (this.#feed / 100) ** 1.6
    const boreDeviation = this.#bar.bore(wear, this.#random)
    this.#part = { ...part, boreDeviation }
    this.#isDone = true
    this.#run = undefined
    this.#parts++
    this.#lastCycleS = this.#cycleS
    this.#phase = { kind: "finished" }
    this.#load = 0
    const isBroken = this.#bar.brokenMm !== undefined
    const truth = { boreDeviation, wear: this.#bar.wear, isBroken }
    this.finished.push({ at, serial: part.serial, cycleS: this.#cycleS, truth })
  }

  #changeTool(): void {
    this.#heldS = 0
    this.#bar = BoringBar.fresh(this.#bar.number + 1, this.#random)
  }
}
