import { resolve } from "node:path"
import {
  connect,
  ErrorWithSubackPacket,
  type IClientOptions,
  type IPublishPacket,
  type MqttClient,
} from "mqtt"
import { Problem, type ProblemCode } from "../../model/problem.ts"
import type { BusMessage, OpenBus, Outgoing } from "../bus.ts"
import type { Host } from "../connector.ts"
import { orAbort, within } from "../waiting.ts"
import { Followers, type Take } from "./followers.ts"
import { Load } from "./load.ts"

export interface ExternalBusOptions {
  /** `mqtt://host:port` or `mqtts://host:port`; 1883 and 8883 where the port is absent. */
  readonly url: string
  readonly user?: string
  readonly password?: string
  /** PEM file of the authority that signed the broker's certificate, beside the plant's files; the system's where absent. */
  readonly ca?: string
  readonly clientId: string
  /** Longest that an answer of the broker may take, in the computer's milliseconds. */
  readonly timeoutMs: number
  /** The broker is asked so often whether it is there; half as much more without an answer is a lost line. At least 1. */
  readonly keepAliveSeconds: number
  /** Published by the broker when the line is lost. */
  readonly will?: Outgoing
}

/**
 * Connects to a broker elsewhere (MQTT 3.1.1, clean session), once. Throws `connection-refused`, `connection-timeout`,
 * `credentials-refused`, `certificate-refused`, `address-forbidden` or `protocol-error`.
 */
export async function openExternalBus(
  options: ExternalBusOptions,
  host: Host,
  signal: AbortSignal,
): Promise<OpenBus> {
  const client = connect(await clientOptions(options, host, signal))
  const bus = new ExternalBus(client, options, host)
  const late = () =>
    new Problem("connection-timeout", host.name, `got no answer from ${options.url}`)
  try {
    await within(options.timeoutMs, () => bus.connected, { clock: host.clock, signal, late })
    return bus
  } catch (thrown) {
    client.end(true)
    throw thrown
  }
}

async function clientOptions(
  options: ExternalBusOptions,
  host: Host,
  signal: AbortSignal,
): Promise<IClientOptions> {
  const { url, user, password, ca, clientId, timeoutMs, keepAliveSeconds, will } = options
  const { protocol, hostname, port } = new URL(url)
  const isSecure = protocol === "mqtts:"
  const wanted = { host: hostname, port: Number(port) || (isSecure ? 8883 : 1883) }
  const reached = await orAbort(host.network.reach(wanted, host.name), signal)
  return {
    protocol: isSecure ? "mqtts" : "mqtt",
    host: reached.address,
    port: reached.port,
    // Only a name may be asked for by TLS (RFC 6066, 3); a certificate for an address is checked against the address.
    ...(isSecure && reached.address !== reached.host && { servername: reached.host }),
    ...(ca !== undefined && { ca: [await caOf(ca, host)] }),
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    ...(will && { will: { ...will, payload: Buffer.from(will.payload) } }),
    clientId,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 0,
    // Ours is over sooner, and says so in its own words.
    connectTimeout: timeoutMs * 2,
    keepalive: keepAliveSeconds,
    reschedulePings: false,
    resubscribe: false,
    queueQoSZero: false,
  }
}

async function caOf(file: string, { files, plantFolder, name }: Host): Promise<Buffer> {
  const pem = await files.read(resolve(plantFolder, file))
  if (!pem) throw new Problem("config-unreadable", name, `got ca "${file}", which does not exist`)
  return Buffer.from(pem)
}

/** One connection. Nothing is read from the line while more waits for the followers than they take. */
class ExternalBus implements OpenBus {
  readonly lost: Promise<Error>
  /** Resolves when the broker has let us in. */
  readonly connected: Promise<void>
  readonly #client: MqttClient
  readonly #options: ExternalBusOptions
  readonly #host: Host
  readonly #followers: Followers
  readonly #load = new Load({ messages: 1000, bytes: 32 * 2 ** 20 })
  readonly #over = new AbortController()

  constructor(client: MqttClient, options: ExternalBusOptions, host: Host) {
    this.#client = client
    this.#options = options
    this.#host = host
    this.#followers = new Followers(host.log)
    const lost = Promise.withResolvers<Error>()
    const connected = Promise.withResolvers<void>()
    this.lost = lost.promise
    this.connected = connected.promise
    connected.promise.catch(() => {})
    client.on("connect", () => connected.resolve())
    const end = (because: Error) => {
      this.#over.abort(because)
      connected.reject(because)
      lost.resolve(because)
      client.end(true)
    }
    client.on("error", (error) => end(this.#problemOf(error)))
    client.on("close", () =>
      end(new Problem("connection-lost", host.name, `${options.url} closed the connection`)),
    )
    client.handleMessage = (packet, done) => void this.#take(packet, done)
  }

  async follow(filter: string, take: Take, signal: AbortSignal): Promise<void> {
    const of = { filter, take, signal }
    this.#followers.add(of, { ended: () => this.#unfollow(filter) })
    const refused = `${this.#options.url} refused to let it follow "${filter}"`
    const ask = () =>
      this.#client.subscribeAsync(filter, { qos: 1 }).catch((thrown) => {
        // Only an answer that refuses carries its packet (MQTT 3.1.1, 3.9.3).
        if (!(thrown instanceof ErrorWithSubackPacket)) throw thrown
        throw new Problem("credentials-refused", this.#host.name, refused)
      })
    await this.#answer(ask, signal)
  }

  async publish({ topic, payload, qos, retain }: Outgoing): Promise<void> {
    const message = Buffer.from(payload)
    await this.#answer(() => this.#client.publishAsync(topic, message, { qos, retain }))
  }

  async close(): Promise<void> {
    // A proper goodbye, so that the broker keeps the will to itself.
    await this.#answer(() => this.#client.endAsync()).catch(() => {})
    this.#client.end(true)
  }

  #unfollow(filter: string): void {
    if (this.#over.signal.aborted || this.#followers.has(filter)) return
    this.#client.unsubscribeAsync(filter).catch(() => {})
  }

  /** Waits for the broker's answer, at most for the time-out. */
  async #answer<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { clock, name } = this.#host
    const { timeoutMs, url } = this.#options
    const late = () => new Problem("connection-lost", name, `got no answer from ${url}`)
    const over = this.#over.signal
    const either = signal ? AbortSignal.any([signal, over]) : over
    try {
      return await within(timeoutMs, ask, { clock, signal: either, late })
    } catch (thrown) {
      if (thrown instanceof Problem || signal?.aborted) throw thrown
      throw this.#problemOf(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
  }

  async #take(packet: IPublishPacket, done: (error?: Error) => void): Promise<void> {
    const { topic, payload, retain, qos, messageId } = packet
    const message: BusMessage = { topic, payload: Buffer.from(payload), retained: retain, qos }
    const taken = this.#followers.take(message)
    if (!taken) this.#acknowledge(qos, messageId)
    else {
      this.#load.add(1, payload.length)
      const acknowledged = taken.then(() => this.#acknowledge(qos, messageId))
      acknowledged.catch(() => {}).finally(() => this.#load.remove(1, payload.length))
    }
    await this.#room()
    if (qos === 0) {
      done()
      return
    }
    // An error makes the library go on without an acknowledgement: ours is sent once the followers have taken the message.
    done(new Error("acknowledged later"))
  }

  /** PUBACK (MQTT 3.1.1, 3.4); QoS 2 never comes, because nothing is followed with it. */
  #acknowledge(qos: number, id = 0): void {
    if (qos === 0 || this.#over.signal.aborted) return
    this.#client.stream.write(Buffer.from([0x40, 2, id >> 8, id & 0xff]))
  }

  /** The broker's answers are not read meanwhile, so the library must not take the line for dead. */
  async #room(): Promise<void> {
    const { clock } = this.#host
    const restMs = (this.#options.keepAliveSeconds * 1000 * (clock.speed ?? 1)) / 2
    const { signal } = this.#over
    while (this.#load.isFull && !signal.aborted) {
      const rest = clock.sleep(restMs, signal).catch(() => {})
      await Promise.race([new Promise<void>((room) => this.#load.whenRoom(room)), rest])
      if (signal.aborted) return
      this.#client.sendPing()
      this.#client.reschedulePing(true)
    }
  }

  #problemOf(error: Error & { code?: unknown }): Problem {
    const { name } = this.#host
    const { url } = this.#options
    const code = String(error.code ?? "")
    const problem = (kind: ProblemCode, what: string) =>
      new Problem(kind, name, what, { cause: error })
    if (code === "4" || code === "5")
      return problem("credentials-refused", `${url} refused user "${this.#options.user ?? ""}"`)
    if (/^E[A-Z]+$/.test(code)) {
      const isLost = /^(ECONNRESET|EPIPE)$/.test(code)
      return problem(isLost ? "connection-lost" : "connection-refused", `got ${code} from ${url}`)
    }
    if (/CERT|SIGNATURE/.test(code))
      return problem("certificate-refused", `got a certificate from ${url} with ${code}`)
    if (/keepalive/i.test(error.message)) return problem("connection-lost", `${url} fell silent`)
    return problem("protocol-error", `got "${error.message.slice(0, 100)}" from ${url}`)
  }
}
