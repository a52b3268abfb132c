import { connect, type IClientOptions, type MqttClient } from "mqtt"
import { decodePayload, encodePayload, valueAs } from "../../../codec/sparkplug.ts"
import type { Metric } from "../../../codec/sparkplug-payload.ts"
import {
  decodeState,
  formatTopic,
  type MessageType,
  parseTopic,
  stateTopic,
} from "../../../codec/sparkplug-topic.ts"
import type { Clock } from "../../../kernel/clock.ts"
import type { Log } from "../../../kernel/log.ts"
import type { Instant } from "../../../model/instant.ts"
import type { Value } from "../../../model/tag.ts"
import type { Line } from "../line-cut.ts"
import { type Changes, type MetricShape, MetricTable, type Values } from "./metric-table.ts"

export interface EdgeNodeSetup {
  /** `mqtt://127.0.0.1:1883`. */
  readonly broker: string
  readonly user?: string
  readonly password?: string
  readonly group: string
  readonly node: string
  readonly clientId: string
  /** Host whose STATE must be online before anything is published. */
  readonly primaryHost?: string
  /** Changes that are kept while no host hears; the oldest go first. */
  readonly buffer: number
  /** Metrics by device; the node's own stand under the empty name. */
  readonly metrics: Readonly<Record<string, readonly MetricShape[]>>
  readonly clock: Clock
  readonly log: Log
  /** Time of the edge node's own clock. */
  now(): Instant
  /** Number of the next birth and its death, 0 to 255, remembered over restarts. */
  nextBdSeq(): Promise<number>
  /** A command for a device. What came of it shows in its values. */
  write(device: string, metric: string, value: Value): Promise<void>
}

const rebirth: MetricShape = { name: "Node Control/Rebirth", type: "Boolean" }
const againMs = 1000
const connectMs = 5000

/**
 * An edge node of Sparkplug 3.0.0 on MQTT 3.1.1: births and deaths with bdSeq, seq, aliases, changes only, commands;
 * what changes while it is cut off is sent afterwards as historical.
 */
export class EdgeNode implements Line {
  readonly #setup: EdgeNodeSetup
  readonly #tables: ReadonlyMap<string, MetricTable>
  readonly #kept: { readonly device: string; readonly changes: Changes }[] = []
  /** While a host hears. */
  #client: MqttClient | undefined
  /** While there is a connection. */
  #open: MqttClient | undefined
  #bdSeq = 0
  #seq = 0
  #isCut = false

  constructor(setup: EdgeNodeSetup) {
    this.#setup = setup
    const own = { ...setup.metrics, "": [rebirth, ...(setup.metrics[""] ?? [])] }
    let alias = 1
    const tables = Object.entries(own).map(([device, shapes]) => {
      const table = new MetricTable(shapes, alias)
      alias += shapes.length
      return [device, table] as const
    })
    this.#tables = new Map(tables)
    this.#tables.get("")?.take({ [rebirth.name]: false }, setup.now())
  }

  /** Publishes what has changed, or keeps it while nobody hears. */
  update(device: string, values: Values, at: Instant): void {
    const changes = this.#tables.get(device)?.take(values, at)
    if (!changes || changes.metrics.length === 0) return
    if (this.#client) {
      this.#publishData(device, changes, { isHistorical: false })
      return
    }
    this.#kept.push({ device, changes })
    if (this.#kept.length > this.#setup.buffer) this.#kept.shift()
  }

  /** Connects, again and again, until the signal aborts; then it takes its leave. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#setup
    while (!signal.aborted) {
      if (!this.#isCut)
        await this.#session(signal).catch((thrown) =>
          log.info("no connection to the broker", { thrown: String(thrown) }),
        )
      await clock.sleep(againMs * (clock.speed ?? 1), signal).catch(() => {})
    }
  }

  /** As when the cable is cut: the broker publishes the death. */
  async suspend(): Promise<void> {
    this.#isCut = true
    this.#client = undefined
    this.#open?.end(true)
  }

  async restore(): Promise<void> {
    this.#isCut = false
  }

  async #session(signal: AbortSignal): Promise<void> {
    this.#bdSeq = await this.#setup.nextBdSeq()
    const client = connect(this.#setup.broker, this.#options())
    this.#open = client
    const closed = closedOf(client)
    const leave = () => this.#leave(client)
    signal.addEventListener("abort", leave, { once: true })
    try {
      await Promise.race([connected(client), closed])
      if (signal.aborted || !client.connected) return
      client.on("message", (topic, payload) => this.#take(client, topic, payload))
      await client.subscribeAsync(this.#filters(), { qos: 1 })
      if (this.#setup.primaryHost === undefined) this.#begin(client)
      await closed
    } finally {
      signal.removeEventListener("abort", leave)
      this.#client = undefined
      this.#open = undefined
      client.end(true)
    }
  }

  #options(): IClientOptions {
    const { user, password, clientId } = this.#setup
    return {
      ...{ clientId, clean: true, protocolVersion: 4, keepalive: 30 },
      ...{ reconnectPeriod: 0, connectTimeout: connectMs, queueQoSZero: false },
      ...(user !== undefined && { username: user }),
      ...(password !== undefined && { password }),
      will: { topic: this.#topic("NDEATH"), payload: this.#death(), qos: 1, retain: false },
    }
  }

  #filters(): string[] {
    const { primaryHost } = this.#setup
    const state = primaryHost === undefined ? [] : [stateTopic(primaryHost)]
    return [this.#topic("NCMD"), this.#topic("DCMD", "#"), ...state]
  }

  /** A host hears from now on. */
  #begin(client: MqttClient): void {
    this.#client = client
    this.#bear()
    for (const { device, changes } of this.#kept.splice(0))
      this.#publishData(device, changes, { isHistorical: true })
  }

  #bear(): void {
    this.#seq = 0
    const bdSeq = this.#bdSeqMetric()
    for (const [device, table] of [...this.#tables].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const metrics = device === "" ? [bdSeq, ...table.birth()] : table.birth()
      this.#publish(device === "" ? "NBIRTH" : "DBIRTH", device, metrics)
    }
  }

  /** In order: devices and node say that they go, so that no will is needed. */
  #leave(client: MqttClient): void {
    if (this.#client) {
      for (const device of this.#tables.keys())
        if (device !== "") this.#publish("DDEATH", device, [])
      client.publish(this.#topic("NDEATH"), this.#death(), { qos: 1 })
      this.#client = undefined
    }
    client.end()
  }

  #take(client: MqttClient, topic: string, bytes: Uint8Array): void {
    const { primaryHost, log } = this.#setup
    if (primaryHost !== undefined && topic === stateTopic(primaryHost)) {
      const isOnline = decodeState(bytes)?.online === true
      if (isOnline && !this.#client) this.#begin(client)
      if (!isOnline && this.#client) this.#leave(client)
      return
    }
    const device = parseTopic(topic)?.device ?? ""
    this.#command(device, bytes).catch((thrown) =>
      log.warn("a command was not understood", { topic, thrown: String(thrown) }),
    )
  }

  async #command(device: string, bytes: Uint8Array): Promise<void> {
    const table = this.#tables.get(device)
    for (const metric of decodePayload(bytes, `command for ${device || "the node"}`).metrics) {
      const shape = table?.shapeOf(metric)
      if (!table || !shape || metric.value === undefined || metric.value === null) continue
      const value = valueAs(metric.value, shape.type)
      if (device === "" && shape.name === rebirth.name) {
        if (value === true && this.#client) this.#bear()
        continue
      }
      if (!isValue(value)) continue
      // Told again even where it stays as it was: whoever commanded looks for it.
      table.forget(shape.name)
      await this.#setup.write(device, shape.name, value)
    }
  }

  #publishData(device: string, changes: Changes, how: { isHistorical: boolean }): void {
    const metrics = changes.metrics.map((metric) => ({
      ...metric,
      timestamp: changes.at,
      ...(how.isHistorical && { isHistorical: true }),
    }))
    this.#publish(device === "" ? "NDATA" : "DDATA", device, metrics)
  }

  #publish(type: MessageType, device: string, metrics: readonly Metric[]): void {
    const types = type.endsWith("BIRTH") ? "with-types" : "without-types"
    const payload = { timestamp: this.#now(), metrics, seq: this.#seq }
    this.#seq = (this.#seq + 1) % 256
    const bytes = Buffer.from(encodePayload(payload, types))
    this.#client?.publish(this.#topic(type, device), bytes, { qos: 0, retain: false })
  }

  /** Without seq (tck-id-payloads-ndeath-seq). */
  #death(): Buffer {
    const metrics = [this.#bdSeqMetric()]
    return Buffer.from(encodePayload({ timestamp: this.#now(), metrics }, "with-types"))
  }

  #bdSeqMetric(): Metric {
    return { name: "bdSeq", type: "Int64", value: this.#bdSeq, timestamp: this.#now() }
  }

  #topic(type: MessageType, device = ""): string {
    const { group, node } = this.#setup
    return formatTopic({ group, type, node, ...(device !== "" && { device }) })
  }

  #now(): Instant {
    return Math.floor(this.#setup.now())
  }
}

function isValue(value: unknown): value is Value {
  return ["number", "boolean", "string"].includes(typeof value)
}

function connected(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once("connect", () => resolve())
    client.once("error", reject)
  })
}

function closedOf(client: MqttClient): Promise<void> {
  client.on("error", () => {})
  return new Promise((resolve) => {
    client.once("close", () => resolve()).once("end", () => resolve())
  })
}
