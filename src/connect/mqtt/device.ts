import { timedIds } from "../../kernel/ids.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { Value } from "../../model/tag.ts"
import { openBus } from "../bus/options.ts"
import type { BusMessage, OpenBus } from "../bus.ts"
import type { Deliver, Device, FoundPoint, Host, Point, ResumeFrom, Wanted } from "../connector.ts"
import { type LiveCount, LiveRows, liveCount } from "../live-rows.ts"
import { parseAddress } from "./address.ts"
import { browse } from "./browse.ts"
import { follow } from "./follow.ts"
import type { MqttOptions } from "./options.ts"
import { Topics } from "./topics.ts"

/** What is told over one broker. */
export class MqttDevice implements Device {
  readonly #options: MqttOptions
  readonly #host: Host
  readonly #count: LiveCount
  /** The newest message of each topic since the line stands. */
  readonly #heard = new Map<string, BusMessage>()
  #bus: OpenBus | undefined

  constructor(options: MqttOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#count = liveCount(host, timedIds(host.clock, host.random)())
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#bus = await openBus(this.#options, this.#host, { signal })
  }

  async follow(
    { points }: Wanted,
    deliver: Deliver,
    _: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const [host, count, bus] = [this.#host, this.#count, this.#connected()]
    const topics = new Topics(points, this.#options, host)
    const heard = (message: BusMessage) => {
      const { topic, payload } = message
      if (topics.has(topic))
        this.#heard.set(topic, { ...message, payload: new Uint8Array(payload) })
    }
    const keeping: Deliver = (delivery) => deliver({ ...delivery, kept: true })
    await follow({ bus, topics, host, count, deliver: keeping, heard }, signal)
  }

  /** What the machine told last; a machine that is told by others cannot be asked. */
  async read(points: readonly Point[], into: BlockWriter, _: AbortSignal): Promise<void> {
    this.#connected()
    const host = this.#host
    const topics = new Topics(points, this.#options, host)
    const unheard = new Set(points.map(({ id }) => id))
    const rows = new LiveRows(host, { ...this.#count }, async ({ block }) => {
      for (const [i, id] of block.tag.entries()) {
        unheard.delete(id)
        into.add(id, block.at[i] ?? 0, block.value[i] ?? Number.NaN, block.quality[i] ?? 0)
      }
    })
    for (const message of this.#heard.values()) topics.add(message, rows)
    await rows.deliver()
    for (const id of unheard) into.add(id, host.clock.now(), Number.NaN, quality.badNoData)
  }

  async write(point: Point, value: Value, _: AbortSignal): Promise<void> {
    const bus = this.#connected()
    const address = parseAddress(point.address)
    const where = `${this.#host.name} ${point.tag.path}`
    if (typeof address === "string" || !address.set) {
      const what = `got address ${point.address}, expected one with " > " and the topic that sets it`
      throw new Problem("write-unsupported", where, what)
    }
    const { topic, path } = address.set
    const document = path?.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
    const payload = Buffer.from(path ? JSON.stringify(document) : String(value))
    await bus.publish({ topic, payload, qos: 1, retain: false })
  }

  browse(signal: AbortSignal): AsyncIterable<FoundPoint> {
    const [bus, host] = [this.#connected(), this.#host]
    const { "browse-for": length } = this.#options
    const topics = new Topics([], this.#options, host)
    const filters = topics.filters.length > 0 ? topics.filters : ["#"]
    return browse({ bus, host, filters, forMs: parseDuration(length), topics }, signal)
  }

  async close(): Promise<void> {
    const bus = this.#bus
    this.#bus = undefined
    this.#heard.clear()
    await bus?.close()
  }

  #connected(): OpenBus {
    if (this.#bus) return this.#bus
    throw new Problem("connection-lost", this.#host.name, "the broker is not connected")
  }
}
