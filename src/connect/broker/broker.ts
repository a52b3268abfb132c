import type { EventEmitter } from "node:events"
import { createServer, type Server, type Socket } from "node:net"
import { resolve } from "node:path"
import { createServer as createTlsServer } from "node:tls"
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from "aedes"
import type { Clock } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Files } from "../../kernel/files.ts"
import type { Log } from "../../kernel/log.ts"
import type { Metrics } from "../../kernel/metrics.ts"
import type { Instant } from "../../model/instant.ts"
import type { BrokerConfig } from "../../model/plant.ts"
import { Problem } from "../../model/problem.ts"
import { covers, isTopic } from "../bus/filter.ts"
import { Followers, type Take } from "../bus/followers.ts"
import type { BusMessage, MessageBus, Outgoing } from "../bus.ts"
import { shown } from "../values.ts"
import { isAllowed, passOf } from "./access.ts"
import { Bucket } from "./bucket.ts"
import type { Publish } from "./packets.ts"
import { Refusals } from "./refusals.ts"
import { Retained } from "./retained.ts"
import { type Entrance, type Pass, Wire } from "./wire.ts"

export interface BrokerParts {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly files: Files
}

/** Somebody who is connected. */
export interface BrokerClient {
  readonly id: string
  readonly publisher: string
  /** Address and port. */
  readonly remote: string
  readonly since: Instant
  readonly filters: readonly string[]
}

interface Session {
  readonly wire: Wire
  readonly pass: Pass
  readonly since: Instant
  readonly filters: Set<string>
}

const mostFilters = 100
const mostLevels = 50
/** Topics of which it is remembered who may publish on them and who follows them. */
const mostTopics = 10_000
const longestClientId = 128
/** Nobody can follow it: what was not allowed ends here, acknowledged as MQTT 3.1.1, 3.3.5 has it. */
const nowhere = "$SYS/refused"
const returnCode = { identifier: 2, credential: 4 }

/**
 * The MQTT broker in the house (MQTT 3.1.1). Each publisher has its own credential, bound to its topics. A message with QoS 1 is
 * acknowledged once those who follow it in the house have taken it. Nothing is kept for clients that are away, and
 * retained messages last as long as the process.
 */
export class Broker implements Component, MessageBus {
  readonly name = "broker"
  readonly #parts: BrokerParts
  readonly #followers: Followers
  readonly #refusals: Refusals
  readonly #retained = new Retained()
  readonly #sessions = new Map<string, Session>()
  readonly #wires = new Set<Wire>()
  readonly #buckets = new Map<string, Bucket>()
  /** Whether any client follows a topic, as long as no filter comes or goes. */
  readonly #followed = new Map<string, boolean>()
  #aedes: Aedes | undefined
  #server: Server | undefined

  constructor(parts: BrokerParts) {
    this.#parts = { ...parts, log: parts.log.of("broker") }
    this.#followers = new Followers(this.#parts.log)
    this.#refusals = new Refusals(this.#parts)
  }

  /** Throws `port-taken`, `config-invalid` or `config-unreadable`. */
  async start(): Promise<void> {
    const { config, log } = this.#parts
    this.#server = await this.#makeServer()
    this.#aedes = await Aedes.createBroker(this.#hooks())
    const events: EventEmitter = this.#aedes
    events.on("error", (error) => log.error("the broker failed", { because: String(error) }))
    this.#aedes.on("unsubscribe", (filters, client) => {
      for (const filter of filters) this.#sessionOf(client)?.filters.delete(filter)
      this.#followed.clear()
    })
    this.#aedes.on("clientError", (client, error) => this.#failed(client, error))
    this.#aedes.on("connectionError", (client, error) => this.#failed(client, error))
    this.#server.maxConnections = config.maxConnections
    this.#server.on("drop", (from) => {
      const whence = from?.remoteAddress ?? "somebody"
      this.#refusals.add("too-many-connections", `a connection from ${whence}, one too many`)
    })
    await this.#listen(this.#server)
    log.info(`the broker listens on ${config.host}:${this.port}`)
  }

  async stop(): Promise<void> {
    const [aedes, server] = [this.#aedes, this.#server]
    this.#aedes = undefined
    this.#server = undefined
    await new Promise<void>((done) => (aedes ? aedes.close(done) : done()))
    for (const wire of this.#wires) wire.destroy()
    await new Promise<void>((done) => (server?.listening ? server.close(() => done()) : done()))
    this.#sessions.clear()
  }

  health(): Health {
    if (!this.#aedes) return { state: "stopped" }
    const refused = this.#refusals.recent()
    if (refused.length === 0) return { state: "running" }
    const because = `the broker refused ${refused.join("; ")}`
    const hint = "Compare the publisher's credential and topics with `broker` in the plant's files."
    return { state: "degraded", because, hint }
  }

  /** The port it listens on; 0 while it does not. */
  get port(): number {
    const place = this.#server?.address()
    return typeof place === "object" && place ? place.port : 0
  }

  clients(): readonly BrokerClient[] {
    return [...this.#sessions].map(([id, { pass, wire, since, filters }]) => ({
      id,
      publisher: pass.publisher,
      remote: wire.remote,
      since,
      filters: [...filters],
    }))
  }

  async follow(filter: string, take: Take, signal: AbortSignal): Promise<void> {
    this.#running()
    this.#followers.add({ filter, take, signal }, { first: this.#retained.under(filter) })
  }

  /** Resolves once it is on its way to those who follow; they are not waited for. */
  async publish(message: Outgoing): Promise<void> {
    const aedes = this.#running()
    const { topic, qos } = message
    if (!isTopic(topic)) throw new Problem("option-invalid", "broker", `got topic ${shown(topic)}`)
    const payload = Buffer.from(message.payload)
    const own: BusMessage = { topic, payload, qos, retained: false }
    const retain = message.retain && this.#retained.keep(own)
    this.#followers.take(own)?.catch(() => {})
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    aedes.publish({ cmd: "publish", topic, payload, qos, retain, dup: false }, (error) =>
      error ? reject(error) : resolve(),
    )
    await promise
  }

  #running(): Aedes {
    if (this.#aedes) return this.#aedes
    throw new Problem("connection-lost", "broker", "the broker in the house does not run")
  }

  async #makeServer(): Promise<Server> {
    const { host, tls } = this.#parts.config
    if (!tls) {
      if (/^(127\.|localhost$|::1$)/.test(host)) return createServer((socket) => this.#met(socket))
      const what = `got host "${host}" without tls, expected an address of this computer alone, or tls`
      throw new Problem("config-invalid", "broker", what)
    }
    const [cert, key] = [await this.#pem(tls.cert), await this.#pem(tls.key)]
    const options = { cert, key, minVersion: "TLSv1.2", handshakeTimeout: 10_000 } as const
    const server = createTlsServer(options, (socket) => this.#met(socket))
    server.on("tlsClientError", (error, socket) => {
      const whence = socket.remoteAddress ?? "somebody"
      this.#refusals.add("protocol", `a handshake with ${whence} (${error.message.slice(0, 80)})`)
    })
    return server
  }

  async #pem(file: string): Promise<Buffer> {
    const pem = await this.#parts.files.read(resolve(file))
    if (pem) return Buffer.from(pem)
    throw new Problem("config-unreadable", "broker", `got tls file "${file}", which does not exist`)
  }

  async #listen(server: Server): Promise<void> {
    const { host, port } = this.#parts.config
    const { promise, resolve: listening, reject } = Promise.withResolvers<void>()
    server.once("error", reject)
    server.listen({ host, port }, listening)
    await promise.catch(async (thrown) => {
      await this.stop()
      if (thrown.code !== "EADDRINUSE" && thrown.code !== "EADDRNOTAVAIL") throw thrown
      const what = `got port ${port} on ${host}, which gives ${thrown.code}`
      throw new Problem("port-taken", "broker", what)
    })
  }

  #met(socket: Socket): void {
    const { clock, config, metrics } = this.#parts
    const wire = new Wire(socket, { clock, mostBytes: config.maxMessageBytes })
    this.#wires.add(wire)
    metrics.gauge("moru_broker_connections", {}, this.#wires.size)
    wire.on("close", () => {
      this.#wires.delete(wire)
      for (const [id, session] of this.#sessions)
        if (session.wire === wire) this.#sessions.delete(id)
      this.#followed.clear()
      metrics.gauge("moru_broker_connections", {}, this.#wires.size)
    })
    if (this.#aedes) this.#aedes.handle(wire)
    else wire.destroy()
  }

  #hooks(): ConstructorParameters<typeof Aedes>[0] {
    return {
      connectTimeout: 10_000,
      drainTimeout: 10_000,
      maxInflightInbound: 100,
      maxTopicLevels: mostLevels,
      preConnect: (client, packet, done) => {
        // Queues for clients that are away would have no limit.
        packet.clean = true
        // Messages go past it, so it cannot know whether anything came.
        if (packet.keepalive) wireOf(client)?.watch(packet.keepalive)
        packet.keepalive = 0
        done(null, true)
      },
      authenticate: (client, user, password, done) => {
        const refused = this.#letIn(client, { user, password })
        if (!refused) done(null, true)
        else done(Object.assign(new Error(), { returnCode: refused }) as AuthenticateError, false)
      },
      authorizePublish: (client, packet, done) => {
        this.#takeOther(client, packet).then(() => done(null), done)
      },
      authorizeSubscribe: (client, wanted, done) =>
        done(null, this.#mayFollow(client, wanted.topic) ? wanted : null),
      authorizeForward: (client, packet) => {
        if (wireOf(client)?.hasRoom(packet.topic.length + packet.payload.length + 16)) return packet
        const publisher = wireOf(client)?.pass?.publisher ?? ""
        this.#parts.metrics.count("moru_broker_dropped_total", { publisher })
        return null
      },
    }
  }

  /** Gives the code of the refusal (MQTT 3.1.1, 3.2.2.3), if it is one. */
  #letIn(
    client: Client,
    { user, password }: { user: string | undefined; password: Uint8Array | undefined },
  ): number | undefined {
    const { config, clock } = this.#parts
    const wire = wireOf(client)
    if (!wire) return returnCode.credential
    const pass = passOf({ user, password, isLoopback: wire.isLoopback }, config)
    if (typeof pass === "string") {
      this.#refusals.add("credential", `${pass} from ${hostOf(wire)}`)
      return returnCode.credential
    }
    const { publisher } = pass
    const other = this.#sessions.get(client.id)?.pass.publisher ?? publisher
    if (client.id.length > longestClientId || other !== publisher) {
      const why = other === publisher ? "is too long" : `is that of ${other}`
      const what = `${publisher} from ${hostOf(wire)}, whose client id ${shown(client.id)} ${why}`
      this.#refusals.add("client-id", what)
      return returnCode.identifier
    }
    let bucket = this.#buckets.get(publisher)
    if (!bucket) bucket = new Bucket(clock, config.maxMessagesPerSecond)
    this.#buckets.set(publisher, bucket)
    wire.admit(pass, this.#entrance(pass, bucket))
    this.#sessions.set(client.id, { wire, pass, since: clock.now(), filters: new Set() })
    return undefined
  }

  /** Where the messages of one client come in. */
  #entrance(pass: Pass, bucket: Bucket): Entrance {
    const allowed = new Map<string, boolean>()
    const mayPublish = (topic: string) => {
      const known = allowed.get(topic)
      if (known !== undefined) return known
      if (allowed.size >= mostTopics) allowed.clear()
      const may = isAllowed(topic, pass.publish)
      allowed.set(topic, may)
      return may
    }
    return {
      bucket,
      take: (message) => {
        const { topic } = message
        if (mayPublish(topic)) return this.#keep(message, pass)
        if (!isTopic(topic) || topic.split("/").length > mostLevels)
          throw new Error(`got topic ${shown(topic)}`)
        this.#refusals.add("publish", `${pass.publisher} to publish on ${shown(topic)}`)
        return undefined
      },
      isForwarded: ({ topic, retain }) => mayPublish(topic) && (retain || this.#isFollowed(topic)),
      forward: (message) => this.#forward(message),
      count: (messages, bytes) => this.#count(pass, messages, bytes),
    }
  }

  /** What does not come in by the entrance: the will of a client that is lost, and QoS 2. */
  async #takeOther(client: Client | null, packet: PublishPacket): Promise<void> {
    const { topic, qos } = packet
    const pass = client ? wireOf(client)?.pass : undefined
    const payload = Buffer.from(packet.payload)
    if (!pass || !isTopic(topic) || !isAllowed(topic, pass.publish)) {
      this.#refusals.add("publish", `${pass?.publisher} to publish on ${shown(topic)}`)
      Object.assign(packet, { topic: nowhere, payload: "", retain: false })
      return
    }
    this.#count(pass, 1, payload.length)
    const message = { topic, payload, qos, retained: false, retain: packet.retain }
    const taken = this.#keep(message, pass)
    packet.retain = message.retain
    await taken?.catch((thrown) => {
      if (qos > 0) throw thrown
    })
  }

  /** Gives a message to those who follow it in the house. */
  #keep(message: BusMessage & { retain: boolean }, { publisher }: Pass): Promise<void> | undefined {
    if (message.retain && !this.#retained.keep(message)) {
      message.retain = false
      this.#parts.metrics.count("moru_broker_not_retained_total", { publisher })
    }
    return this.#followers.take(message)
  }

  #forward({ topic, payload, qos, retain }: Publish): void {
    const packet = { topic, payload: Buffer.from(payload), qos, retain, dup: false }
    this.#aedes?.publish({ cmd: "publish", ...packet }, () => {})
  }

  #isFollowed(topic: string): boolean {
    const known = this.#followed.get(topic)
    if (known !== undefined) return known
    if (this.#followed.size >= mostTopics) this.#followed.clear()
    const is = [...this.#sessions.values()].some(({ filters }) =>
      [...filters].some((filter) => covers(filter, topic)),
    )
    this.#followed.set(topic, is)
    return is
  }

  #count({ publisher }: Pass, messages: number, bytes: number): void {
    const { metrics } = this.#parts
    metrics.count("moru_broker_messages_total", { publisher }, messages)
    metrics.count("moru_broker_bytes_total", { publisher }, bytes)
  }

  #mayFollow(client: Client, filter: string): boolean {
    const session = this.#sessionOf(client)
    if (!session) return false
    const { pass, filters } = session
    const isOver = filters.size >= mostFilters && !filters.has(filter)
    if (!isOver && isAllowed(filter, pass.subscribe)) {
      filters.add(filter)
      this.#followed.clear()
      return true
    }
    const what = isOver ? `more than ${mostFilters} filters` : shown(filter)
    this.#refusals.add("subscribe", `${pass.publisher} to follow ${what}`)
    return false
  }

  #sessionOf(client: Client): Session | undefined {
    const session = this.#sessions.get(client.id)
    return session?.wire === client.conn ? session : undefined
  }

  #failed(client: Client, error: Error): void {
    const wire = wireOf(client)
    if (error instanceof RangeError && wire) {
      const who = wire.pass?.publisher ?? "somebody"
      this.#refusals.add("too-long", `${who} from ${hostOf(wire)}: ${error.message}`)
    } else if (error.message) {
      const facts = { remote: wire?.remote, because: error.message }
      this.#parts.log.debug("the line to a client ended", facts)
      this.#parts.metrics.count("moru_broker_broken_lines_total")
    }
  }
}

function wireOf({ conn }: Client): Wire | undefined {
  return conn instanceof Wire ? conn : undefined
}

function hostOf({ remote }: Wire): string {
  return remote.replace(/:\d+$/, "")
}
