// All publishers in one process that takes as little of the computer as it can: complete packets from a ring, sent in stretches.
import { connect, type Socket } from "node:net"
import { makeRings, placeOf, places, type Ring, setTime } from "./rings.ts"

export interface PublisherOrder {
  readonly port: number
  readonly nodes: number
  readonly metrics: number
  readonly start: number
  /** Messages without acknowledgement, for each publisher. */
  readonly window: number
  /** Messages a second of all; without it as many as are acknowledged. */
  readonly rate?: number
}

export interface PublisherResult {
  /** Of each publisher: messages sent and acknowledged. */
  readonly sent: readonly number[]
  readonly acknowledged: readonly number[]
  /** Acknowledged within the measured time. */
  readonly measured: number
  readonly ms: number
  readonly cpuMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

const bucketsAMs = 10
const delays = new Uint32Array(20_000 * bucketsAMs)

/** One edge node on one socket. */
class Publisher {
  sent = 0
  acknowledged = 0
  born = 0
  readonly #ring: Ring
  readonly #order: PublisherOrder
  readonly #socket: Socket
  readonly #sentAt = new Float64Array(places)
  #rest = 0
  #answer: Uint8Array = new Uint8Array(0)

  constructor(ring: Ring, order: PublisherOrder) {
    this.#ring = ring
    this.#order = order
    this.#socket = connect(order.port, "127.0.0.1")
    this.#socket.setNoDelay(true)
    this.#socket.on("data", (bytes) => this.#read(bytes))
    this.#socket.on("error", (error) => fail(`${ring.node}: ${error.message}`))
    this.#socket.on("close", () => phase !== "over" && fail(`${ring.node} was thrown out`))
    const id = Buffer.from(ring.node)
    const rest = 10 + 2 + id.length
    this.#socket.write(
      Buffer.concat([
        Buffer.from([0x10, rest, 0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, id.length]),
        id,
      ]),
    )
  }

  birth(): void {
    this.#socket.write(this.#ring.births)
  }

  end(): void {
    this.#socket.destroy()
  }

  get room(): number {
    return this.#order.window - (this.sent - this.acknowledged)
  }

  /** Sends so many at once as stand in one stretch of the ring. */
  send(most: number): number {
    const { packets, begins } = this.#ring
    const first = placeOf(this.sent)
    const count = Math.min(most, places - first)
    const now = performance.now()
    for (let i = first; i < first + count; i++) {
      setTime(this.#ring, i, this.#order.start + this.sent++)
      this.#sentAt[i] = now
    }
    this.#socket.write(packets.subarray(begins[first], begins[first + count]))
    return count
  }

  /** Answers are all of four bytes but for a subscription's; a PUBACK names the place. */
  #read(bytes: Uint8Array): void {
    const now = performance.now()
    let all: Uint8Array = bytes
    if (this.#rest > 0) all = Buffer.concat([this.#answer, bytes])
    let at = 0
    for (; at + 4 <= all.length; at += 4) {
      const kind = all[at] ?? 0
      const id = ((all[at + 2] ?? 0) << 8) | (all[at + 3] ?? 0)
      if (kind === 0x20) this.birth()
      else if (kind !== 0x40) fail(`${this.#ring.node} got an answer ${kind}`)
      else if (id >= 1000) this.born++
      else this.#took(id - 1, now)
    }
    this.#rest = all.length - at
    this.#answer = all.subarray(at)
    if (phase === "running" && this.#order.rate === undefined) this.refill()
  }

  #took(place: number, now: number): void {
    this.acknowledged++
    if (phase !== "running") return
    const bucket = Math.floor((now - (this.#sentAt[place] ?? 0)) * bucketsAMs)
    const row = Math.min(bucket, delays.length - 1)
    delays[row] = (delays[row] ?? 0) + 1
  }

  refill(): void {
    if (this.room < this.#order.window / 4) return
    while (this.room > 0 && sent() < most) this.send(this.room)
  }
}

/** Messages of all that may have been sent so far: a broker that acknowledges at once would only fill its queue. */
let most = Number.POSITIVE_INFINITY
const sent = () => publishers.reduce((sum, one) => sum + one.sent, 0)
let phase: "birth" | "warm" | "running" | "draining" | "over" = "birth"
const order: PublisherOrder = JSON.parse(process.argv[2] ?? "{}")
const publishers = makeRings(order).map((ring) => new Publisher(ring, order))
const acknowledged = () => publishers.reduce((sum, one) => sum + one.acknowledged, 0)

function fail(why: string): never {
  console.error(`publishers: ${why}`)
  process.exit(1)
}

const until = async (done: () => boolean, ms: number, what: string) => {
  const end = performance.now() + ms
  while (!done()) {
    if (performance.now() > end) fail(what)
    await new Promise((later) => setTimeout(later, 20))
  }
}

/** At most so many messages a second, spread over the publishers. */
function pace(rate: number): void {
  let last = performance.now()
  let due = 0
  let next = 0
  setInterval(() => {
    const now = performance.now()
    due = Math.min(due + ((now - last) / 1000) * rate, rate)
    last = now
    if (phase !== "running" && phase !== "warm") return
    for (let tries = 0; due >= 1 && tries < publishers.length; tries++) {
      const one = publishers[next++ % publishers.length]
      if (!one || one.room <= 0) continue
      due -= one.send(Math.min(one.room, Math.max(1, Math.floor(due / publishers.length))))
    }
  }, 5)
}

async function measure(seconds: number, warmSeconds: number): Promise<PublisherResult> {
  phase = "warm"
  const wait = (s: number) => new Promise((later) => setTimeout(later, s * 1000))
  if (order.rate === undefined) for (const one of publishers) one.refill()
  else pace(order.rate)
  const refill = setInterval(() => {
    if (phase === "warm" && order.rate === undefined) for (const one of publishers) one.refill()
  }, 2)
  await wait(warmSeconds)
  clearInterval(refill)
  phase = "running"
  if (order.rate === undefined) for (const one of publishers) one.refill()
  process.send?.("measuring")
  const [before, cpu, from] = [acknowledged(), process.cpuUsage(), performance.now()]
  await wait(seconds)
  const measured = acknowledged() - before
  const ms = performance.now() - from
  const { user, system } = process.cpuUsage(cpu)
  process.send?.("measured")
  phase = "draining"
  const all = () => publishers.every((one) => one.sent === one.acknowledged)
  await until(all, 60_000, "not everything was acknowledged")
  return {
    sent: publishers.map(({ sent }) => sent),
    acknowledged: publishers.map((one) => one.acknowledged),
    ...{ measured, ms, cpuMs: (user + system) / 1000 },
    ...{ p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs: quantile(1) },
  }
}

function quantile(share: number): number {
  const total = delays.reduce((sum, n) => sum + n, 0)
  let left = total * share
  for (let i = 0; i < delays.length; i++) {
    left -= delays[i] ?? 0
    if (left <= 0) return (i + 1) / bucketsAMs
  }
  return Number.NaN
}

type Order = { seconds: number; warmSeconds: number } | { most: number } | "end"

process.on("message", async (said: Order) => {
  if (said === "end") {
    phase = "over"
    for (const one of publishers) one.end()
    process.exit()
  }
  if ("most" in said) {
    most = said.most
    if (phase === "running" || phase === "warm") for (const one of publishers) one.refill()
    return
  }
  process.send?.(await measure(said.seconds, said.warmSeconds))
})
process.on("disconnect", () => process.exit())
await until(() => publishers.every((one) => one.born === 2), 60_000, "no birth was acknowledged")
process.send?.("born")
