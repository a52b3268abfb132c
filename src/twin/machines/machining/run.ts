import type { Instant } from "../../../model/instant.ts"
import type { Value } from "../../../model/tag.ts"
import type { Machine, MachineContext } from "../../machine.ts"
import type { MachiningOptions } from "../../machine-options.ts"
import type { FaultOrder } from "../../twin.ts"
import { FaultSet } from "../fault-set.ts"
import { type Flow, openFlow } from "../flow/flow.ts"
import type { Line } from "../line-cut.ts"
import { inletOf } from "../made-up.ts"
import { CounterMemory } from "../memory.ts"
import { Agent } from "../mtconnect/agent.ts"
import { runOnLine } from "../on-line.ts"
import { ownSeed } from "../pace.ts"
import { EdgeNode } from "../sparkplug/edge-node.ts"
import { agentDevice, saidOf, toolAssets } from "./agent-device.ts"
import { type CellMemory, MachiningCell } from "./cell.ts"
import { centreMetrics, nodeMetrics } from "./metrics.ts"

/** Parts before the machine that its counter can show. */
const mostShown = 9999

export async function startMachining(
  options: MachiningOptions,
  context: MachineContext,
): Promise<Machine> {
  const store = new CounterMemory<ControllerMemory>(context)
  const memory = (await store.read()) ?? { bdSeq: 255, cell: {} }
  const setup = { seed: ownSeed(context), at: context.clock.now(), memory: memory.cell }
  const cell = new MachiningCell(setup)
  const flow = await openFlow(options, context)
  cell.inlet = inletOf(flow, context)
  cell.outlet = flow.outlet
  const controller = new CellController(
    { cell, flow, store, bdSeq: memory.bdSeq },
    options,
    context,
  )
  await controller.open()
  return runOnLine(
    {
      endpoint: controller.endpoint,
      line: controller,
      order: (order) => controller.order(order),
      tick: () => controller.tick(),
      close: () => controller.close(),
    },
    context,
  )
}

/** What the controller remembers without power. */
interface ControllerMemory {
  readonly bdSeq: number
  readonly cell: CellMemory
}

interface Parts {
  readonly cell: MachiningCell
  readonly flow: Flow
  readonly store: CounterMemory<ControllerMemory>
  readonly bdSeq: number
}

/** An edge node at work. */
interface Sender {
  readonly edge: EdgeNode
  readonly stop: AbortController
  readonly running: Promise<void>
}

/** Shows two machining centres as a Sparkplug B edge node, and the first as an MTConnect agent. */
class CellController implements Line {
  readonly #options: MachiningOptions
  readonly #context: MachineContext
  readonly #cell: MachiningCell
  readonly #flow: Flow
  readonly #store: CounterMemory<ControllerMemory>
  readonly #faults = new FaultSet()
  #bdSeq: number
  /** The second is there while the fault `duplicate-sender` is on. */
  #senders: readonly Sender[] = []
  #agent: Agent | undefined

  constructor(
    { cell, flow, store, bdSeq }: Parts,
    options: MachiningOptions,
    context: MachineContext,
  ) {
    this.#options = options
    this.#context = context
    this.#cell = cell
    this.#flow = flow
    this.#store = store
    this.#bdSeq = bdSeq
  }

  get endpoint(): string {
    const { broker, group, node } = this.#options
    const agent = this.#agent ? ` mtconnect://127.0.0.1:${this.#agent.port}` : ""
    return `sparkplug ${broker} ${group}/${node}${agent}`
  }

  async open(): Promise<void> {
    const { clock, name } = this.#context
    const port = this.#options["mtconnect-port"]
    const [first] = this.#cell.centres
    if (port !== undefined && first) {
      const device = agentDevice(first.name, name)
      this.#agent = await Agent.open({
        ...{ port, where: `machine ${name}`, device, clock },
        bufferSize: this.#options["mtconnect-buffer"],
        now: () => this.#now(),
        assets: () => toolAssets(first, device.uuid, this.#now()),
      })
    }
    this.#senders = [this.#send(name, () => this.#nextBdSeq())]
    this.#show()
  }

  async tick(): Promise<void> {
    const { clock, tell } = this.#context
    this.#cell.step(clock.now() - this.#cell.at)
    let isNew = false
    for (const { name, finished } of this.#cell.centres)
      for (const { at, ...part } of finished.splice(0)) {
        tell("part", { machine: name, ...part }, at)
        isNew = true
      }
    if (isNew) {
      await this.#flow.settled()
      await this.#keep()
    }
    this.#show()
  }

  order(order: FaultOrder): void {
    this.#faults.take(order)
    this.#cell.order(order)
    if (order.fault !== "duplicate-sender") return
    const [own, second] = this.#senders
    if (order.state === "off") second?.stop.abort()
    if (!own) return
    // It begins with a number of its own, as a copy of the controller's disk would.
    let bdSeq = this.#bdSeq
    const next = async () => {
      bdSeq = (bdSeq + 1) % 256
      return bdSeq
    }
    const isOn = order.state === "on"
    this.#senders = isOn ? [own, second ?? this.#send(`${this.#context.name}-copy`, next)] : [own]
  }

  async suspend(): Promise<void> {
    for (const { edge } of this.#senders) await edge.suspend()
    await this.#agent?.suspend()
  }

  async restore(): Promise<void> {
    for (const { edge } of this.#senders) await edge.restore()
    await this.#agent?.restore()
  }

  async close(): Promise<void> {
    for (const { stop } of this.#senders) stop.abort()
    await Promise.all(this.#senders.map(({ running }) => running))
    this.#agent?.close()
    await this.#keep().catch(() => {})
    await this.#flow.close()
  }

  #send(clientId: string, nextBdSeq: () => Promise<number>): Sender {
    const { clock, log } = this.#context
    const { broker, user, password, group, node, buffer } = this.#options
    const primaryHost = this.#options["primary-host"]
    const devices = this.#cell.centres.map(({ name }) => [name, centreMetrics] as const)
    const edge = new EdgeNode({
      ...{ broker, group, node, clientId, buffer, clock, log, nextBdSeq },
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      ...(primaryHost !== undefined && { primaryHost }),
      metrics: { "": nodeMetrics, ...Object.fromEntries(devices) },
      now: () => this.#now(),
      write: (device, metric, value) => this.#write(device, metric, value),
    })
    this.#showOn(edge, this.#now())
    const stop = new AbortController()
    return { edge, stop, running: edge.run(stop.signal) }
  }

  async #write(device: string, metric: string, value: Value): Promise<void> {
    const centre = this.#cell.centres.find(({ name }) => name === device)
    const answer = centre?.set(metric, value) ?? "read-only"
    this.#context.tell("command", { machine: device, metric, value, answer })
    if (answer === "ok") await this.#keep()
    this.#show()
  }

  #show(): void {
    const at = this.#now()
    for (const { edge } of this.#senders) this.#showOn(edge, at)
    const [first] = this.#cell.centres
    if (first) this.#agent?.take(saidOf(first))
  }

  #showOn(edge: EdgeNode, at: Instant): void {
    edge.update("", { "Parts/Waiting": Math.min(this.#cell.inlet.waiting, mostShown) }, at)
    for (const centre of this.#cell.centres) edge.update(centre.name, centre.values(), at)
  }

  async #nextBdSeq(): Promise<number> {
    this.#bdSeq = (this.#bdSeq + 1) % 256
    await this.#keep()
    return this.#bdSeq
  }

  async #keep(): Promise<void> {
    await this.#store.keep({ bdSeq: this.#bdSeq, cell: this.#cell.memory() })
  }

  /** Of the controller's own clock. */
  #now(): Instant {
    return this.#context.clock.now() + this.#faults.clockFastMs
  }
}
