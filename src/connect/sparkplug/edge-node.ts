import { readHead } from "../../codec/sparkplug.ts"
import type { SparkplugTopic } from "../../codec/sparkplug-topic.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import type { BusMessage, MessageBus } from "../bus.ts"
import type { Gap, Host } from "../connector.ts"
import { type Birth, bdSeqOf, readBirth } from "./births.ts"
import type { Metric } from "./metric.ts"
import type { SparkplugOptions } from "./options.ts"
import { Places } from "./places.ts"
import { Reading } from "./reading.ts"
import { Rebirths } from "./rebirths.ts"
import { Sequence } from "./sequence.ts"
import type { Suspicion } from "./suspicion.ts"

/** Who wants to know what the edge node tells. */
export interface Listener {
  /** A birth of a device, or of the node itself where the name is empty, with the values of its metrics. */
  born(device: string, birth: Birth): void
  /** A message of a birth's metrics. The reading is filled anew for the next one. */
  told(birth: Birth, reading: Reading): void
  /** Its metrics stood so until then. */
  died(device: string, at: Instant, metrics: ReadonlyMap<string, Metric>): void
  /** Births had their time: devices that are not among these did not come. */
  settled(devices: readonly string[]): void
  lost(gap: Omit<Gap, "source">): void
  refuse(problem: Problem): void
}

export interface EdgeNodeParts {
  readonly bus: MessageBus
  readonly options: SparkplugOptions
  readonly host: Host
  readonly suspicion: Suspicion
}

interface Message {
  readonly topic: SparkplugTopic
  readonly payload: Uint8Array
  readonly sentAt: Instant
  /** Calls back once it had its turn, where that is not at once. */
  readonly done: () => void
}

const mostEarly = 10_000
const mostHeldBytes = 32 * 2 ** 20
const mostDevices = 5000
const dataTypes: readonly string[] = ["NDATA", "DDATA"]

/** What a host application knows of one edge node (Sparkplug 3.0.0, 5), from its messages. */
export class EdgeNode {
  readonly rebirths: Rebirths
  readonly #parts: EdgeNodeParts
  readonly #where: string
  readonly #over = new AbortController()
  readonly #births = new Map<string, Birth>()
  readonly #sequence = new Sequence<Message>(({ done }) => done())
  readonly #reading = new Reading()
  /** The message that the reading holds. */
  #read: Uint8Array | undefined
  readonly #places = new Places()
  readonly #bdSeqs = new Set<number>()
  readonly #born = Promise.withResolvers<void>()
  readonly #settled = Promise.withResolvers<void>()
  /** What was told before anybody listened. */
  readonly #early: ((to: Listener) => void)[] = []
  #overflow = 0
  #overflowAt: Instant | undefined
  #listener: Listener | undefined
  #wait: AbortController | undefined
  #settling: AbortController | undefined
  #bdSeq: number | undefined
  #heard: PromiseWithResolvers<void> | undefined
  #heardAt: Instant | undefined
  /** Births of the node since the beginning. */
  birthCount = 0

  constructor(parts: EdgeNodeParts) {
    const { options, host } = parts
    this.#parts = parts
    this.#where = `${host.name} (${options.group}/${options.node})`
    this.rebirths = new Rebirths({ ...parts, signal: this.#over.signal })
  }

  /** Aborts with a Problem when the node has died, or `end` was called. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Resolves at the node's first birth. */
  get born(): Promise<void> {
    return this.#born.promise
  }

  /** Resolves once the devices have had the time to follow it. */
  get settled(): Promise<void> {
    return this.#settled.promise
  }

  /** Resolves at the next message. */
  get heard(): Promise<void> {
    this.#heard ??= Promise.withResolvers()
    return this.#heard.promise
  }

  get devices(): ReadonlyMap<string, Birth> {
    return this.#births
  }

  find(device: string, metric: string): Metric | undefined {
    return this.#births.get(device)?.metrics.get(metric)
  }

  /** Tells all that was told so far, and then what comes. */
  listen(listener: Listener): void {
    this.#listener = listener
    for (const tell of this.#early.splice(0)) tell(listener)
    const to = this.#parts.host.clock.now()
    const [from, size] = [this.#overflowAt ?? to, this.#overflow]
    if (size > 0) listener.lost({ because: "overflow", from, to, size })
  }

  end(because: Problem): void {
    this.#over.abort(because)
  }

  /**
   * A message from the bus; nothing in it makes this throw. Retained ones are from another time. Undefined where it had its turn at once;
   * else resolves when it had.
   */
  take({ topic, payload, retained }: BusMessage): Promise<void> | undefined {
    const place = this.#places.of(topic)
    if (!place || retained || this.over.aborted || place.type.endsWith("CMD")) return undefined
    let wait: Promise<void> | undefined
    try {
      if (place.type === "NDEATH") this.#death(payload)
      else wait = this.#order(place, payload)
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      this.#tell((to) => to.refuse(thrown))
    }
    this.#heard?.resolve()
    this.#heard = undefined
    return wait
  }

  #order(topic: SparkplugTopic, payload: Uint8Array): Promise<void> | undefined {
    const { seq, timestamp } = this.#headOf(topic, payload)
    if (seq !== undefined && seq > 255) throw this.#wrong(`got number ${seq}`, "0 to 255")
    const sentAt = timestamp ?? this.#parts.host.clock.now()
    let wait: PromiseWithResolvers<void> | undefined
    let isDone = false
    const done = () => {
      isDone = true
      wait?.resolve()
    }
    const message = { topic, payload, sentAt, done }
    if (topic.type === "NBIRTH") this.#nodeBirth(message, seq ?? 0)
    else if (seq === undefined) this.#process(message)
    else this.#place(message, seq)
    this.#drain()
    if (isDone) return undefined
    wait = Promise.withResolvers()
    return wait.promise
  }

  /** Of data the whole message is read at once. */
  #headOf(topic: SparkplugTopic, payload: Uint8Array): { seq?: number; timestamp?: number } {
    if (!dataTypes.includes(topic.type)) return readHead(payload, this.#where)
    const { seq, timestamp } = this.#columnsOf(payload)
    return { ...(seq >= 0 && { seq }), ...(timestamp >= 0 && { timestamp }) }
  }

  #columnsOf(payload: Uint8Array): Reading["columns"] {
    const { columns } = this.#reading
    if (this.#read === payload) return columns
    this.#read = undefined
    columns.read(payload, this.#where)
    this.#read = payload
    return columns
  }

  #place(message: Message, seq: number): void {
    switch (this.#sequence.placeOf(seq)) {
      case "next":
        this.#process(message)
        this.#sequence.advance()
        return
      case "early":
        this.#sequence.hold({
          seq,
          sentAt: message.sentAt,
          bytes: message.payload.length,
          message: { ...message, payload: new Uint8Array(message.payload) },
        })
        if (this.#sequence.heldBytes > mostHeldBytes) this.#giveUp()
        else this.#waitForOthers()
        return
      case "late":
        this.#suspect(this.#parts.suspicion.number(this.#parts.host.clock.now()))
        // Values have their own time, so that they may come late; births and deaths may not.
        if (dataTypes.includes(message.topic.type)) this.#process(message)
        else message.done()
    }
  }

  #drain(): void {
    for (let held = this.#sequence.takeReady(); held; held = this.#sequence.takeReady()) {
      this.#process(held.message)
      this.#sequence.advance()
    }
    if (this.#sequence.isWaiting) return
    this.#wait?.abort()
    this.#wait = undefined
  }

  #waitForOthers(): void {
    if (this.#wait) return
    this.#wait = this.#after(this.#parts.options.reorder, () => {
      this.#wait = undefined
      this.#giveUp()
    })
  }

  /** What did not come in time counts as lost; what came is taken, and a birth asked for to be sure of the rest. */
  #giveUp(): void {
    const from = this.#heardAt
    const { missing, held } = this.#sequence.giveUp()
    this.rebirths.ask()
    if (missing > 0 && from !== undefined) {
      const to = this.#parts.host.clock.now()
      this.#tell((l) => l.lost({ because: "message-lost", from, to, size: missing }))
    }
    for (const { message } of held) this.#process(message)
  }

  /** One message in its turn; a wrong one spoils no other. */
  #process(message: Message): void {
    this.#heardAt = this.#parts.host.clock.now()
    try {
      const { topic } = message
      if (dataTypes.includes(topic.type)) this.#data(message)
      else if (topic.type === "DBIRTH") this.#deviceBirth(message)
      else if (topic.type === "DDEATH") this.#deviceDeath(message)
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      this.#tell((to) => to.refuse(thrown))
    }
    message.done()
  }

  #nodeBirth(message: Message, seq: number): void {
    const bdSeq = bdSeqOf(message.payload, this.#where)
    const birth = this.#readBirth(message, "")
    this.#noteSession(bdSeq)
    this.birthCount++
    this.rebirths.answered()
    this.#sequence.begin(seq, message.sentAt)
    const now = this.#parts.host.clock.now()
    // The devices are to be born anew after their node.
    for (const device of this.#births.values()) device.diedAt ??= now
    this.#heardAt = now
    this.#bear("", birth)
    message.done()
    this.#settling?.abort()
    this.#settling = this.#after(this.#parts.options.reorder, () => this.#settle())
    this.#born.resolve()
  }

  /** A new session without the old one's death: the node started anew, or there are two of them. */
  #noteSession(bdSeq: number | undefined): void {
    const [before, from] = [this.#bdSeq, this.#heardAt]
    const isOther = before !== undefined && bdSeq !== undefined && bdSeq !== before
    const to = this.#parts.host.clock.now()
    if (isOther && this.#bdSeqs.has(bdSeq)) this.#suspect(this.#parts.suspicion.number(to))
    if (isOther && from !== undefined) this.#tell((l) => l.lost({ because: "restart", from, to }))
    this.#bdSeq = bdSeq
    if (bdSeq !== undefined) this.#bdSeqs.add(bdSeq)
  }

  #deviceBirth(message: Message): void {
    const device = message.topic.device ?? ""
    if (!this.#births.has(device) && this.#births.size >= mostDevices)
      throw this.#wrong(`got device "${device}", one too many`, `at most ${mostDevices} devices`)
    this.#bear(device, this.#readBirth(message, device))
  }

  #readBirth({ payload, sentAt }: Message, device: string): Birth {
    return readBirth({ payload, sentAt, device, where: this.#where }, this.#births.get(device))
  }

  #bear(device: string, birth: Birth): void {
    this.#births.set(device, birth)
    this.#tell((to) => to.born(device, birth))
  }

  #settle(): void {
    this.#settled.resolve()
    const alive = [...this.#births].filter(([, { diedAt }]) => diedAt === undefined)
    const names = alive.map(([device]) => device)
    this.#tell((to) => to.settled(names))
  }

  #deviceDeath({ topic, sentAt }: Message): void {
    const device = topic.device ?? ""
    const birth = this.#births.get(device)
    if (!birth) return
    birth.diedAt = sentAt
    this.#tell((to) => to.died(device, sentAt, birth.metrics))
  }

  #data({ topic, payload, sentAt }: Message): void {
    const birth = this.#births.get(topic.device ?? "")
    if (!birth || birth.diedAt !== undefined) {
      this.rebirths.ask()
      throw this.#wrong(`got data of "${topic.device ?? topic.node}"`, "its birth first")
    }
    const reading = this.#reading
    const { problem } = this.#columnsOf(payload)
    reading.understand(birth, sentAt)
    const { unknown } = reading
    birth.tellAll(reading)
    this.#tellData(birth, payload, sentAt)
    if (problem) this.#tell((to) => to.refuse(problem))
    if (unknown === 0) return
    this.rebirths.ask()
    throw this.#wrong(`got ${unknown} metrics that no birth has told`, "those of the births")
  }

  /** Who listens later reads the message again. */
  #tellData(birth: Birth, payload: Uint8Array, sentAt: Instant): void {
    const reading = this.#reading
    if (this.#listener) {
      this.#listener.told(birth, reading)
      return
    }
    const kept = new Uint8Array(payload)
    this.#tell((to) => {
      this.#columnsOf(kept)
      reading.understand(birth, sentAt)
      to.told(birth, reading)
    })
  }

  /**
   * Its number ties it to a birth. One of an earlier session says nothing, and one that nobody knows is doubted: the
   * node is asked, and has died where it gives no birth.
   */
  #death(payload: Uint8Array): void {
    if (this.birthCount === 0) return
    const bdSeq = bdSeqOf(payload, this.#where)
    const isKnown = bdSeq === undefined || this.#bdSeqs.has(bdSeq)
    if (isKnown && bdSeq !== undefined && bdSeq !== this.#bdSeq) return
    if (isKnown) this.#die()
    else this.#doubt()
  }

  #die(): void {
    for (const { message } of this.#sequence.giveUp().held) this.#process(message)
    const { options, host, suspicion } = this.#parts
    const edgeNode = `${options.group}/${options.node}`
    const died = new Problem("connection-lost", host.name, `the edge node ${edgeNode} has died`)
    this.end(suspicion.death(host.clock.now()) ?? died)
  }

  #doubt(): void {
    const { birthCount } = this
    this.rebirths.ask()
    this.#after(this.#parts.options["birth-timeout"], () => {
      if (this.birthCount === birthCount) this.#die()
    })
  }

  #suspect(problem: Problem | undefined): void {
    if (problem) this.end(problem)
  }

  #tell(tell: (to: Listener) => void): void {
    if (this.#listener) tell(this.#listener)
    else if (this.#early.length < mostEarly) this.#early.push(tell)
    else {
      this.#overflow++
      this.#overflowAt ??= this.#parts.host.clock.now()
    }
  }

  #after(duration: string, work: () => void): AbortController {
    const { clock } = this.#parts.host
    const stop = new AbortController()
    const ms = parseDuration(duration) * (clock.speed ?? 1)
    clock.sleep(ms, AbortSignal.any([this.over, stop.signal])).then(work, () => {})
    return stop
  }

  #wrong(got: string, expected: string): Problem {
    return new Problem("protocol-error", this.#where, `${got}, expected ${expected}`)
  }
}
