import { connectAsync, type MqttClient } from "mqtt"
import { decodePayload, encodePayload } from "../../../codec/sparkplug.ts"
import type {
  DataType,
  Metric,
  MetricValue,
  Payload,
  PropertySet,
} from "../../../codec/sparkplug-payload.ts"
import { formatTopic, type MessageType } from "../../../codec/sparkplug-topic.ts"

export interface EdgeMetric {
  readonly name: string
  readonly type: DataType
  value: MetricValue | null
  readonly alias?: number
  readonly properties?: PropertySet
}

export interface EdgeOptions {
  readonly port: number
  readonly clientId?: string
  readonly bdSeq?: number
  readonly user?: { readonly username: string; readonly password: string }
  /** Metrics of the devices. */
  readonly devices: Readonly<Record<string, readonly EdgeMetric[]>>
}

export const group = "plant"
export const node = "edge-1"

/** An edge node over TCP, written against the standard for tests; each message can also be sent wrong. */
export class Edge implements AsyncDisposable {
  readonly devices: EdgeOptions["devices"]
  readonly commands: { readonly topic: string; readonly metric: Metric }[] = []
  /** Births that it was asked for. */
  asked = 0
  answersRebirths = true
  /** Tells the value that a command has set, as an edge node does. */
  obeys = true
  seq = 0
  readonly #options: EdgeOptions
  #client: MqttClient | undefined

  constructor(options: EdgeOptions) {
    this.#options = options
    this.devices = options.devices
  }

  get bdSeq(): number {
    return this.#options.bdSeq ?? 0
  }

  async start(): Promise<void> {
    const will = {
      topic: formatTopic({ group, node, type: "NDEATH" }),
      payload: Buffer.from(encodePayload(this.#bdSeqOnly())),
      qos: 1 as const,
      retain: false,
    }
    const client = await connectAsync({
      host: "127.0.0.1",
      port: this.#options.port,
      clientId: this.#options.clientId ?? "edge-1",
      ...this.#options.user,
      reconnectPeriod: 0,
      will,
    })
    client.on("error", () => {})
    client.on("message", (topic, payload) => this.#obey(topic, payload))
    this.#client = client
    for (const type of ["NCMD", "DCMD"] as const) {
      const topic = formatTopic({ group, node, type })
      await client.subscribeAsync(type === "NCMD" ? topic : `${topic}/#`, { qos: 1 })
    }
    await this.birth()
    await this.flush()
  }

  /** Resolves once the broker has taken everything so far. */
  async flush(): Promise<void> {
    await this.#client?.publishAsync("test/flush", "", { qos: 1 })
  }

  /** NBIRTH and all DBIRTHs. */
  async birth(): Promise<void> {
    this.seq = 0
    const rebirth = { name: "Node Control/Rebirth", type: "Boolean", value: false } as const
    const { metrics } = this.#bdSeqOnly()
    await this.send("NBIRTH", undefined, { metrics: [...metrics, rebirth] })
    for (const device of Object.keys(this.devices)) await this.birthOf(device)
  }

  async birthOf(device: string): Promise<void> {
    const metrics = (this.devices[device] ?? []).map((metric) => ({ ...metric, timestamp: now() }))
    await this.send("DBIRTH", device, { metrics })
  }

  /** Changes metrics of a device and tells them by alias where there is one, without types. */
  async tell(
    device: string,
    values: Readonly<Record<string, MetricValue | null>>,
    more: Partial<Metric> = {},
  ): Promise<void> {
    await this.send("DDATA", device, { metrics: this.told(device, values, more) })
  }

  told(
    device: string,
    values: Readonly<Record<string, MetricValue | null>>,
    more: Partial<Metric> = {},
  ): Metric[] {
    return Object.entries(values).map(([name, value]) => {
      const metric = this.devices[device]?.find((one) => one.name === name)
      if (metric) metric.value = value
      const { alias, type = "Double" } = metric ?? {}
      const place = alias === undefined ? { name } : { alias }
      return { ...place, timestamp: now(), type, value, ...more }
    })
  }

  /** With the next number, or the one that is given. */
  async send(
    type: MessageType,
    device: string | undefined,
    payload: Payload,
    seq?: number,
  ): Promise<void> {
    const numbered = { timestamp: now(), seq: seq ?? this.seq, ...payload }
    if (seq === undefined) this.seq = (this.seq + 1) % 256
    const types = type.endsWith("DATA") ? "without-types" : "with-types"
    const topic = formatTopic({ group, node, type, ...(device !== undefined && { device }) })
    await this.publish(topic, encodePayload(numbered, types))
  }

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    await this.#client?.publishAsync(topic, Buffer.from(payload), { qos: 0 })
  }

  /** Power failure: the broker publishes the will. */
  kill(): void {
    this.#client?.stream.destroy()
    this.#client = undefined
  }

  /** NDEATH with a number of one's choice, by itself. */
  async die(bdSeq = this.bdSeq): Promise<void> {
    const metrics: Metric[] = [{ name: "bdSeq", type: "UInt64", value: bdSeq }]
    const topic = formatTopic({ group, node, type: "NDEATH" })
    await this.publish(topic, encodePayload({ timestamp: now(), metrics }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.endAsync(true)
    this.#client = undefined
  }

  #bdSeqOnly(): Payload {
    return { metrics: [{ name: "bdSeq", type: "UInt64", value: this.bdSeq, timestamp: now() }] }
  }

  #obey(topic: string, payload: Uint8Array): void {
    for (const metric of decodePayload(payload, topic).metrics) {
      this.commands.push({ topic, metric })
      if (metric.name === "Node Control/Rebirth") {
        this.asked++
        if (this.answersRebirths) void this.birth()
        continue
      }
      const device = topic.split("/")[4] ?? ""
      const known = this.devices[device]?.find(
        ({ name, alias }) =>
          name === metric.name || (alias !== undefined && alias === metric.alias),
      )
      if (known && this.obeys) void this.tell(device, { [known.name]: metric.value ?? null })
    }
  }
}

export const now = () => Math.floor(performance.timeOrigin + performance.now())
