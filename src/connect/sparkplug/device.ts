import { timedIds } from "../../kernel/ids.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import { openBus } from "../bus/options.ts"
import type { BusMessage, OpenBus } from "../bus.ts"
import type { Deliver, Device, FoundPoint, Host, Point, ResumeFrom, Wanted } from "../connector.ts"
import { aborted, orAbort, within } from "../waiting.ts"
import { foundPoints } from "./browse.ts"
import { EdgeNode } from "./edge-node.ts"
import { HostState } from "./host-state.ts"
import type { SparkplugOptions } from "./options.ts"
import { readPoints } from "./read.ts"
import { type Counts, countsOf, Rows } from "./rows.ts"
import { Suspicion } from "./suspicion.ts"
import { stubborn, Taking } from "./taking.ts"
import { writePoint } from "./write.ts"

/** The line to one edge node. */
interface Line {
  readonly bus: OpenBus
  readonly node: EdgeNode
  readonly state: HostState
  /** Ends what is followed on the bus. */
  readonly stop: AbortController
  /** Whoever turns what it tells into rows, once somebody does. */
  readonly rows: PromiseWithResolvers<Rows>
}

/** One edge node, with its devices, as their host application. */
export class SparkplugDevice implements Device {
  readonly #options: SparkplugOptions
  readonly #host: Host
  readonly #counts: Counts
  readonly #suspicion: Suspicion
  #line: Line | undefined

  constructor(options: SparkplugOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#counts = countsOf(host, timedIds(host.clock, host.random)())
    this.#suspicion = new Suspicion(`${host.name} (${options.group}/${options.node})`)
  }

  /** Connected is an edge node that was born: the broker alone tells nothing. */
  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    const state = new HostState(this.#options, this.#host)
    const bus = await openBus(this.#options, this.#host, { signal, will: state.will })
    const parts = { options: this.#options, host: this.#host, suspicion: this.#suspicion }
    const node = new EdgeNode({ bus, ...parts })
    const line: Line = {
      ...{ bus, node, state, stop: new AbortController(), rows: Promise.withResolvers() },
    }
    this.#line = line
    bus.lost.then((because) => node.end(this.#lost(because)))
    try {
      await this.#begin(line, signal)
    } catch (thrown) {
      await this.close()
      throw thrown
    }
  }

  async read(points: readonly Point[], into: BlockWriter, signal: AbortSignal): Promise<void> {
    const { node } = this.#connected()
    await readPoints({ node, options: this.#options, host: this.#host, points, into }, signal)
  }

  async follow(
    { points, records }: Wanted,
    deliver: Deliver,
    _resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const line = this.#connected()
    const { node } = line
    const keeping = stubborn(deliver, { host: this.#host, signal })
    const rows = new Rows({ host: this.#host, points, counts: this.#counts, deliver: keeping })
    rows.refuseUnreadable(records)
    node.listen(rows)
    line.rows.resolve(rows)
    await Promise.race([aborted(AbortSignal.any([signal, node.over])), rows.failed])
    if (signal.aborted) return
    // What came before the end is delivered still.
    await rows.durable()
    throw node.over.reason
  }

  async write(point: Point, value: Value, signal: AbortSignal): Promise<void> {
    const { bus, node } = this.#connected()
    const job = { bus, node, options: this.#options, host: this.#host, point, value }
    await orAbort(writePoint(job), AbortSignal.any([signal, node.over]))
  }

  /** The births of the devices follow that of their node; they are given the time of the reorder window. */
  async *browse(signal: AbortSignal): AsyncIterable<FoundPoint> {
    const { node } = this.#connected()
    const either = AbortSignal.any([signal, node.over])
    await orAbort(node.settled, either)
    yield* foundPoints(node)
  }

  async close(): Promise<void> {
    const line = this.#line
    this.#line = undefined
    if (!line) return
    line.node.end(this.#lost(new Error("it was closed")))
    line.stop.abort()
    await line.state.end(line.bus)
    await line.bus.close()
  }

  /** In the order of the standard: subscribe, say that the host is there, then ask for a birth (tck-id-message-flow-phid-sparkplug-subscription). */
  async #begin(line: Line, signal: AbortSignal): Promise<void> {
    const { bus, node, state, stop } = line
    const { group, node: name } = this.#options
    const either = AbortSignal.any([signal, node.over])
    const taking = new Taking(node, line.rows.promise)
    const take = (message: BusMessage) => taking.take(message)
    await orAbort(bus.follow(`spBv1.0/${group}/+/${name}/#`, take, stop.signal), either)
    await orAbort(state.begin(bus, stop.signal), either)
    node.rebirths.ask()
    await this.#birth(node, either)
  }

  async #birth(node: EdgeNode, signal: AbortSignal): Promise<void> {
    const { clock, name } = this.#host
    const { group, node: edgeNode } = this.#options
    const late = () => {
      const what = `got no birth of ${group}/${edgeNode}, which was asked for it`
      return new Problem("connection-timeout", name, what)
    }
    const ms = parseDuration(this.#options["birth-timeout"])
    await within(ms, () => node.born, { clock, signal, late })
    if (this.#suspicion.isFounded) await this.#onlyOne(node, signal)
  }

  /** Two were found before: one request must have one answer. */
  async #onlyOne(node: EdgeNode, signal: AbortSignal): Promise<void> {
    await orAbort(node.settled, signal)
    if (node.birthCount > 1)
      throw this.#suspicion.found(`got ${node.birthCount} births after one request`)
    this.#suspicion.isFounded = false
  }

  #lost(because: Error): Problem {
    if (because instanceof Problem) return because
    return new Problem("connection-lost", this.#host.name, because.message)
  }

  #connected(): Line {
    if (this.#line && !this.#line.node.over.aborted) return this.#line
    throw new Problem("connection-lost", this.#host.name, "the edge node is not connected")
  }
}
