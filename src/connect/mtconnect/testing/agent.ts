import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { gzipSync } from "node:zlib"
import {
  type ComponentStream,
  type MtAsset,
  type MtConnectDocument,
  type MtDevice,
  type Observation,
  unavailable,
} from "../../../codec/mtconnect.ts"
import { formatMtConnect } from "../../../codec/mtconnect-format.ts"
import { type Clock, every } from "../../../kernel/clock.ts"

/** What an agent of the tests is asked to do otherwise than others. */
export interface Manners {
  /** Answers a request for a stream with one document. */
  readonly streams?: false
  readonly bufferSize?: number
  readonly instanceId?: string
  /** Number of the first observation. */
  readonly first?: number
}

type Given = Partial<Observation> & { readonly dataItemId: string; readonly value: string }

interface Listener {
  next: number
  count: number
  readonly response: ServerResponse
}

/** A small agent over HTTP: a buffer of observations, streams that push at once, heartbeats every 100 ms. */
export class TestAgent implements AsyncDisposable {
  readonly #device: MtDevice
  readonly #clock: Clock
  readonly #over = new AbortController()
  readonly #manners: Manners
  readonly instanceId: string
  readonly #sockets = new Set<Socket>()
  readonly #listeners = new Set<Listener>()
  #server: Server | undefined
  #observations: Observation[] = []
  #next: number
  #babbles = 0
  assets: readonly MtAsset[] = []
  /** Requests so far. */
  readonly asked: string[] = []
  /** The latest observations of each data item before the buffer: what `current` shows though it was overwritten. */
  readonly #latest = new Map<string, Observation[]>()

  constructor(device: MtDevice, clock: Clock, manners: Manners = {}) {
    this.#clock = clock
    this.#device = device
    this.#manners = manners
    this.instanceId = manners.instanceId ?? String(1_000_000 + Math.floor(performance.now() * 1000))
    this.#next = manners.first ?? 1
    for (const { id, category, type } of itemsOf(device)) {
      const condition =
        category === "CONDITION" ? { condition: { level: "unavailable" as const } } : {}
      this.tell({
        dataItemId: id,
        value: condition.condition ? "" : unavailable,
        type,
        ...condition,
      })
    }
  }

  async listen(port: number): Promise<void> {
    const server = createServer((request, response) => this.#answer(request, response))
    server.on("connection", (socket) => {
      this.#sockets.add(socket)
      socket.on("close", () => this.#sockets.delete(socket))
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
    void this.#beat()
  }

  /** The machine's data items get new values, in this order. */
  tell(...given: readonly Given[]): void {
    for (const one of given) {
      const item = itemsOf(this.#device).find(({ id }) => id === one.dataItemId)
      if (!item) throw new Error(`the test's machine has no ${one.dataItemId}`)
      const { category, type } = item
      const sequence = this.#next++
      const observation = { category, type, at: this.#clock.now(), ...one, sequence } as Observation
      this.#observations.push(observation)
      this.#latest.set(item.id, this.#activeAfter(observation))
    }
    const { bufferSize = 1000 } = this.#manners
    this.#observations = this.#observations.slice(-bufferSize)
    for (const listener of this.#listeners) this.#push(listener)
  }

  /** The next answer or part is no document. */
  babble(): void {
    this.#babbles = 1
    for (const listener of this.#listeners) this.#push(listener)
  }

  get nextSequence(): number {
    return this.#next
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort()
    this.#listeners.clear()
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server?.close(resolve) ?? resolve(undefined))
    this.#server = undefined
  }

  /** A data item's observations that still count: the last, or all activations of a condition. */
  #activeAfter(observation: Observation): Observation[] {
    const { condition, dataItemId } = observation
    const before = this.#latest.get(dataItemId) ?? []
    if (!condition || condition.level === "unavailable") return [observation]
    if (condition.level === "normal" && !condition.nativeCode) return [observation]
    const others = before.filter(
      (o) => o.condition?.nativeCode && o.condition.nativeCode !== condition.nativeCode,
    )
    const active = others.filter((o) => o.condition?.level !== "normal")
    if (condition.level !== "normal") return [...active, observation]
    return active.length > 0 ? active : [observation]
  }

  async #beat(): Promise<void> {
    const { signal } = this.#over
    const failed = () => {}
    const work = () => {
      for (const listener of this.#listeners) this.#push(listener)
    }
    await every(100, work, { clock: this.#clock, signal, failed })
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://agent")
    this.asked.push(`${url.pathname.slice(1)}${url.search}`)
    const document = this.#documentAt(url)
    const isStream = url.searchParams.has("interval") && this.#manners.streams !== false
    if (isStream && document.kind === "streams") {
      const next = Number(url.searchParams.get("from"))
      this.#stream(response, { next, count: Number(url.searchParams.get("count")), response })
    } else this.#send(request, response, document)
  }

  #documentAt({ pathname, searchParams }: URL): MtConnectDocument {
    const [what = "", device = this.#device.name] = pathname.split("/").filter(Boolean).reverse()
    const number = (name: string, byDefault: number) => Number(searchParams.get(name) ?? byDefault)
    if (device !== this.#device.name && device !== this.#device.uuid)
      return this.#error("NO_DEVICE", `no device ${device}`)
    if (what === "probe") return this.#devices()
    if (what === "assets") return this.#assetsDocument()
    if (what === "current") return this.#current(number("at", this.#next - 1))
    if (what !== "sample") return this.#error("UNSUPPORTED", what)
    const from = number("from", this.#first)
    if (from < this.#first || from > this.#next)
      return this.#error("OUT_OF_RANGE", `'from' is ${from}`)
    return this.#sample(from, number("count", 100))
  }

  #stream(response: ServerResponse, listener: Listener): void {
    response.writeHead(200, { "content-type": "multipart/x-mixed-replace;boundary=parts" })
    this.#listeners.add(listener)
    response.on("close", () => this.#listeners.delete(listener))
    this.#push(listener)
  }

  #push(listener: Listener): void {
    const { response, next, count } = listener
    const isOver = next < this.#first
    const document = isOver ? this.#error("OUT_OF_RANGE", "too slow") : this.#sample(next, count)
    const text = this.#babbles-- > 0 ? "\0no <xml" : formatMtConnect(document)
    this.#babbles = Math.max(0, this.#babbles)
    const head = `--parts\r\nContent-type: text/xml\r\nContent-length: ${Buffer.byteLength(text)}\r\n\r\n`
    response.write(`${head}${text}\r\n`)
    if (document.kind === "streams") listener.next = document.header.nextSequence
    else response.end()
  }

  #send(request: IncomingMessage, response: ServerResponse, document: MtConnectDocument): void {
    const text = this.#babbles-- > 0 ? "\0no <xml" : formatMtConnect(document)
    this.#babbles = Math.max(0, this.#babbles)
    const isPacked = request.headers["accept-encoding"] === "gzip"
    const status = document.kind === "error" ? 404 : 200
    const encoding = isPacked ? { "content-encoding": "gzip" } : {}
    response.writeHead(status, { "content-type": "text/xml", ...encoding })
    response.end(isPacked ? gzipSync(text) : text)
  }

  get #first(): number {
    return this.#observations[0]?.sequence ?? this.#next
  }

  get #header() {
    return {
      creationTime: this.#clock.now(),
      sender: "test",
      instanceId: this.instanceId,
      version: "1.8",
      bufferSize: this.#manners.bufferSize ?? 1000,
      assetBufferSize: 100,
      assetCount: this.assets.length,
    }
  }

  #devices(): MtConnectDocument {
    return { kind: "devices", header: this.#header, devices: [this.#device] }
  }

  #error(code: string, text: string): MtConnectDocument {
    return { kind: "error", header: this.#header, errors: [{ code, text }] }
  }

  #assetsDocument(): MtConnectDocument {
    return { kind: "assets", header: this.#header, assets: this.assets }
  }

  #sample(from: number, count: number): MtConnectDocument {
    const found = this.#observations.filter(({ sequence }) => sequence >= from).slice(0, count)
    return this.#streams(found, (found.at(-1)?.sequence ?? from - 1) + 1)
  }

  #current(at: number): MtConnectDocument {
    if (at >= this.#next || (at < this.#first && at !== this.#next - 1))
      return this.#error("OUT_OF_RANGE", `'at' is ${at}`)
    if (at === this.#next - 1) return this.#streams([...this.#latest.values()].flat(), this.#next)
    const then = new Map<string, Observation>()
    for (const one of this.#observations) if (one.sequence <= at) then.set(one.dataItemId, one)
    return this.#streams([...then.values()], this.#next)
  }

  #streams(observations: readonly Observation[], nextSequence: number): MtConnectDocument {
    const last = { firstSequence: this.#first, lastSequence: this.#next - 1, nextSequence }
    const components = componentsOf(this.#device).flatMap((component): ComponentStream[] => {
      const mine = new Set(component.dataItems.map(({ id }) => id))
      const own = observations.filter(({ dataItemId }) => mine.has(dataItemId))
      const { type, id, name } = component
      const said = { component: type, componentId: id, ...(name !== undefined && { name }) }
      return own.length > 0 ? [{ ...said, observations: own }] : []
    })
    const { name = "", uuid } = this.#device
    return {
      kind: "streams",
      header: { ...this.#header, ...last },
      streams: [{ name, uuid, components }],
    }
  }
}

type Part = MtDevice["components"][number]

function componentsOf(component: Part): Part[] {
  return [component, ...component.components.flatMap(componentsOf)]
}

function itemsOf(device: MtDevice) {
  return componentsOf(device).flatMap(({ dataItems }) => dataItems)
}
