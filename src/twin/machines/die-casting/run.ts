import type { Value } from "../../../model/tag.ts"
import type { Machine, MachineContext } from "../../machine.ts"
import type { DieCastingOptions } from "../../options.ts"
import type { FaultOrder } from "../../twin.ts"
import { FaultSet } from "../fault-set.ts"
import { type Flow, openFlow } from "../flow/flow.ts"
import { LineCut } from "../line-cut.ts"
import { type RingField, RingNodes } from "../opcua/ring.ts"
import { MachineServer } from "../opcua/server.ts"
import { TagNodes } from "../opcua/tag-nodes.ts"
import { keepPace, ownSeed } from "../pace.ts"
import { RingStore } from "../ring-store.ts"
import { DieCasting, type MachineMemory, type Shot } from "./die-casting.ts"
import { tagShapes } from "./tag-shapes.ts"

const number = (address: string): RingField => ({ address, kind: "number" })

/** In the order of the ring's columns. */
const fields: readonly RingField[] = [
  ...["Count", "CycleTime", "MoltenTemperature", "LowSpeed", "HighSpeed"].map(number),
  ...["CastPressure", "BiscuitThickness", "Upper1", "Upper2", "Lower1", "Lower2"].map(number),
  ...["SleeveTemperature", "ClampingForce", "CoolantTemperature", "Trial"].map(number),
  { address: "Mould", kind: "text" },
  number("Verdict"),
]

export async function startDieCasting(
  options: DieCastingOptions,
  context: MachineContext,
): Promise<Machine> {
  const running = new RunningDieCasting(options, context)
  await running.start()
  return running
}

class RunningDieCasting implements Machine {
  readonly #options: DieCastingOptions
  readonly #context: MachineContext
  readonly #store: RingStore<MachineMemory>
  readonly #faults = new FaultSet()
  readonly #stop = new AbortController()
  #model: DieCasting | undefined
  #ring: RingNodes | undefined
  #tags: TagNodes | undefined
  #server: MachineServer | undefined
  #flow: Flow | undefined
  #running: Promise<void> = Promise.resolve()
  #cut: LineCut | undefined
  #shown: string | undefined

  constructor(options: DieCastingOptions, context: MachineContext) {
    this.#options = options
    this.#context = context
    const { files, folder } = context
    this.#store = new RingStore({
      ...{ files, folder, name: "shots", capacity: options.ring },
      unnumbered: (memory) => ({ ...memory, shots: 0, countedFrom: 0 }),
    })
  }

  get endpoint(): string {
    return this.#server?.endpoint ?? ""
  }

  async start(): Promise<void> {
    const { clock, name, log } = this.#context
    const { port, users, security, ring: capacity, keep } = this.#options
    const { epoch } = await this.#store.open({ at: clock.now(), keep })
    const isFirstStart = this.#store.memory === undefined
    const model = this.#makeModel(`${name}-${epoch}`)
    this.#model = model
    this.#flow = await openFlow({ ...this.#options, "inlet-capacity": 1 }, this.#context)
    model.outlet = this.#flow.outlet
    const setup = {
      uri: "urn:moru:dcm-350",
      name,
      port,
      folder: this.#context.folder,
      security,
      users,
    }
    this.#server = await MachineServer.open(setup, (namespace) => {
      this.#ring = new RingNodes(namespace, { name: "Shots", capacity, epoch, fields })
      const written = (address: string, value: Value) => this.#written(address, value)
      this.#tags = new TagNodes(namespace, { machine: model, shapes: tagShapes, written })
    })
    this.#cut = new LineCut(this.#server, this.#context)
    for (const shot of this.#store.records) this.#ring?.add(recordOf(shot), shot.number)
    this.#ring?.announce(clock.now())
    this.#context.tell("started", { epoch, isFirstStart, mould: this.#options.mould })
    await this.#tick()
    const { signal } = this.#stop
    this.#running = keepPace(() => this.#tick(), { clock, log, signal })
  }

  async order(order: FaultOrder): Promise<void> {
    const { fault, state, severity = 1 } = order
    this.#faults.take(order)
    this.#context.tell(state === "on" ? "fault injected" : "fault cleared", { fault, severity })
    if (fault === "connection-lost") return this.#cut?.cut(state === "on" ? severity : 0)
    if (state === "on") this.#model?.inject(fault, severity)
    else this.#model?.clear(fault)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#cut?.stop()
    await this.#running
    await this.#flow?.close()
    await this.#server?.stop()
  }

  /** The first time the machine has been at work for `history-shots` before anybody looks. */
  #makeModel(serial: string): DieCasting {
    const { clock } = this.#context
    const seed = ownSeed(this.#context)
    const { mould, "history-shots": history } = this.#options
    const { memory } = this.#store
    const now = clock.now()
    if (memory) return new DieCasting({ seed, mould, serial, at: now, memory })
    const aboutMs = history * 121_000
    const model = new DieCasting({ seed, mould, serial, at: now - aboutMs })
    model.step(aboutMs)
    return model
  }

  async #tick(): Promise<void> {
    const model = this.#model
    if (!model) return
    model.step(this.#context.clock.now() - model.at)
    const shots = model.shots.splice(0)
    if (shots.length > 0) await this.#finish(shots, model)
    this.#publish(model)
    const { isRunning, isBlocked } = model
    const shows = isRunning ? "runs" : isBlocked ? "blocked" : "held"
    if (shows === this.#shown) return
    this.#shown = shows
    const says = isRunning ? "runs" : "stands idle"
    this.#context.tell(says, { held: shows === "held", blocked: isBlocked })
  }

  /** In the time of the machine's own clock. */
  #publish(model: DieCasting): void {
    this.#tags?.publish(model.at + this.#faults.clockFastMs)
  }

  /** Kept first, shown then: a number that a client has seen never comes again with another shot. */
  async #finish(shots: readonly Shot[], model: DieCasting): Promise<void> {
    const fastMs = this.#faults.clockFastMs
    const kept = shots.map(({ number, at, values }) => ({ number, at: at + fastMs, values }))
    // Parts first: a shot whose part is nowhere would be one lost; a part that comes again is known.
    await this.#flow?.settled()
    await this.#store.keep(kept, model.memory())
    for (const shot of kept) this.#ring?.add(recordOf(shot), shot.number)
    for (const shot of shots)
      this.#context.tell("shot", { number: shot.number, ...shot.truth }, shot.at)
    this.#ring?.announce(model.at + fastMs)
  }

  async #written(address: string, value: Value): Promise<void> {
    const model = this.#model
    if (!model) return
    this.#context.tell("set point written", { address, value })
    await this.#store.keep([], model.memory())
    this.#publish(model)
  }
}

function recordOf(shot: Pick<Shot, "at" | "values">) {
  return { at: shot.at, values: fields.map(({ address }) => shot.values[address] ?? null) }
}
