import type { Value } from "../../../model/tag.ts"
import type { Machine, MachineContext } from "../../machine.ts"
import type { FurnaceOptions } from "../../options.ts"
import type { FaultOrder } from "../../twin.ts"
import { FaultSet } from "../fault-set.ts"
import { type Flow, openFlow } from "../flow/flow.ts"
import { LineCut } from "../line-cut.ts"
import { madeUpParts } from "../made-up.ts"
import { type RingField, RingNodes } from "../opcua/ring.ts"
import { MachineServer } from "../opcua/server.ts"
import { TagNodes } from "../opcua/tag-nodes.ts"
import { keepPace, ownSeed } from "../pace.ts"
import { type KeptRecord, RingStore } from "../ring-store.ts"
import { Furnace, type FurnaceMemory } from "./furnace.ts"
import { step } from "./program.ts"
import { tagShapes } from "./tag-shapes.ts"

const number = (address: string): RingField => ({ address, kind: "number" })
const text = (address: string): RingField => ({ address, kind: "text" })

/** In the order of the ring's columns. */
const fields: readonly RingField[] = [
  ...[number("Charge"), text("Batch"), text("Program")],
  ...["Parts", "CycleTime", "HeatingTime", "SoakTime", "QuenchDelay"].map(number),
  ...["Zone1Min", "Zone1Max", "Zone2Min", "Zone2Max", "Zone3Min", "Zone3Max"].map(number),
  ...["Energy", "Verdict"].map(number),
]

/** What a power cut may cost of a charge's memory. */
const keepEveryMs = 300_000
/** A charge with its waiting takes about so long. */
const chargeMs = 2.5 * 3_600_000

export async function startFurnace(
  options: FurnaceOptions,
  context: MachineContext,
): Promise<Machine> {
  const running = new RunningFurnace(options, context)
  await running.start()
  return running
}

class RunningFurnace implements Machine {
  readonly #options: FurnaceOptions
  readonly #context: MachineContext
  readonly #store: RingStore<FurnaceMemory>
  readonly #faults = new FaultSet()
  readonly #stop = new AbortController()
  #model: Furnace | undefined
  #ring: RingNodes | undefined
  #tags: TagNodes | undefined
  #server: MachineServer | undefined
  #flow: Flow | undefined
  #cut: LineCut | undefined
  #running: Promise<void> = Promise.resolve()
  #shown: string | undefined
  #keptAt = 0

  constructor(options: FurnaceOptions, context: MachineContext) {
    const { files, folder } = context
    this.#options = options
    this.#context = context
    this.#store = new RingStore({
      ...{ files, folder, name: "charges", capacity: options.ring },
      unnumbered: (memory) => ({ ...memory, charges: 0, countedFrom: 0, kwh: 0 }),
    })
  }

  get endpoint(): string {
    return this.#server?.endpoint ?? ""
  }

  async start(): Promise<void> {
    const { clock, name, log, folder } = this.#context
    const { port, users, security, ring: capacity, keep } = this.#options
    const { epoch } = await this.#store.open({ at: clock.now(), keep })
    const isFirstStart = this.#store.memory === undefined
    const model = this.#makeModel(`${name}-${epoch}`)
    this.#model = model
    this.#flow = await openFlow(this.#options, this.#context)
    model.inlet = this.#flow.inlet
    model.outlet = this.#flow.outlet
    const setup = { uri: "urn:moru:htf-300", name, port, folder, security, users }
    this.#server = await MachineServer.open(setup, (namespace) => {
      this.#ring = new RingNodes(namespace, { name: "Charges", capacity, epoch, fields })
      const written = (address: string, value: Value) => this.#written(address, value)
      this.#tags = new TagNodes(namespace, { machine: model, shapes: tagShapes, written })
    })
    this.#cut = new LineCut(this.#server, this.#context)
    for (const charge of this.#store.records) this.#ring?.add(recordOf(charge), charge.number)
    this.#ring?.announce(clock.now())
    this.#context.tell("started", { epoch, isFirstStart })
    await this.#tick()
    const { signal } = this.#stop
    this.#running = keepPace(() => this.#tick(), { clock, log, signal })
  }

  async order(order: FaultOrder): Promise<void> {
    const { fault, state, severity = 1 } = order
    this.#faults.take(order)
    this.#context.tell(state === "on" ? "fault injected" : "fault cleared", { fault, severity })
    if (fault === "connection-lost") return this.#cut?.cut(state === "on" ? severity : 0)
    this.#model?.order(order)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#cut?.stop()
    await this.#running
    await this.#flow?.close()
    await this.#server?.stop()
  }

  /** The first time the furnace has had `history-charges` before anybody looks, and has one inside. */
  #makeModel(name: string): Furnace {
    const { clock } = this.#context
    const seed = ownSeed(this.#context)
    const { charge, "history-charges": history } = this.#options
    const { memory } = this.#store
    const now = clock.now()
    if (memory) return new Furnace({ seed, name, charge, at: now, memory })
    const model = new Furnace({ seed, name, charge, at: now - history * chargeMs })
    if (history === 0) return model
    model.inlet = madeUpParts({ name, seed, castAt: model.at })
    model.advance(now)
    return model
  }

  async #tick(): Promise<void> {
    const model = this.#model
    if (!model) return
    model.advance(this.#context.clock.now())
    const shows = model.isBlocked ? "blocked" : stepNames[model.step]
    const hasMoved = shows !== this.#shown
    const isDue = model.finished.length > 0 || model.at - this.#keptAt >= keepEveryMs
    if (hasMoved || isDue) await this.#keep(model)
    this.#publish(model)
    if (!hasMoved) return
    this.#shown = shows
    this.#context.tell("step", { step: shows, batch: model.tags().Batch })
  }

  /** Kept first, shown then: a number that a client has seen never comes again with another charge. */
  async #keep(model: Furnace): Promise<void> {
    this.#keptAt = model.at
    const finished = model.finished.splice(0)
    const fastMs = this.#faults.clockFastMs
    const kept = finished.map(({ number, at, values }) => ({ number, at: at + fastMs, values }))
    // Parts first: what is remembered as gone on must be on its way.
    await this.#flow?.settled()
    await this.#store.keep(kept, model.memory())
    for (const charge of kept) this.#ring?.add(recordOf(charge), charge.number)
    if (kept.length > 0) this.#ring?.announce(model.at + fastMs)
    for (const { number, truth, at } of finished)
      this.#context.tell("charge", { number, ...truth }, at)
  }

  /** In the time of the furnace's own clock. */
  #publish(model: Furnace): void {
    this.#tags?.publish(model.at + this.#faults.clockFastMs)
  }

  async #written(address: string, value: Value): Promise<void> {
    const model = this.#model
    if (!model) return
    this.#context.tell("set point written", { address, value })
    await this.#keep(model)
    this.#publish(model)
  }
}

const stepNames = Object.fromEntries(
  Object.entries(step).map(([name, value]) => [value, name]),
) as Readonly<Record<number, string>>

function recordOf({ at, values }: KeptRecord) {
  return { at, values: fields.map(({ address }) => values[address] ?? null) }
}
