import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type {
  Component,
  ComponentStream,
  DataItem,
  Header,
  MtAsset,
  MtConnectDocument,
  MtDevice,
  Observation,
  StreamsHeader,
} from "../../../codec/mtconnect.ts"
import { formatMtConnect } from "../../../codec/mtconnect-format.ts"
import type { Clock } from "../../../kernel/clock.ts"
import type { Instant } from "../../../model/instant.ts"
import { Problem } from "../../../model/problem.ts"
import type { Line } from "../line-cut.ts"
import { ObservationBuffer, type Said } from "./observation-buffer.ts"
import { AgentRefusal, type Asked, askedIn } from "./request.ts"

export interface AgentSetup {
  readonly port: number
  readonly where: string
  readonly device: MtDevice
  /** Observations that it keeps. */
  readonly bufferSize: number
  readonly clock: Clock
  /** Time of the agent's own clock. */
  now(): Instant
  assets(): readonly MtAsset[]
}

const version = "1.8.0.0"
const assetBufferSize = 128
const mostClients = 16
/** An agent that writes faster than this to a client that does not read lets it go. */
const mostUnreadBytes = 4_000_000

/** An MTConnect agent on 127.0.0.1: probe, current, sample (also as a stream), asset. */
export class Agent implements Line {
  readonly #setup: AgentSetup
  readonly #buffer: ObservationBuffer
  readonly #instanceId: string
  readonly #server: Server
  readonly #stop = new AbortController()
  #port = 0
  #isCut = false

  private constructor(setup: AgentSetup) {
    this.#setup = setup
    const at = setup.now()
    this.#buffer = new ObservationBuffer(itemsOf(setup.device), { size: setup.bufferSize, at })
    this.#instanceId = String(Math.floor(setup.clock.now() / 1000))
    this.#server = createServer((request, response) => this.#answer(request, response))
    this.#server.maxConnections = mostClients
  }

  /** A free port for 0. Throws `port-taken`. */
  static async open(setup: AgentSetup): Promise<Agent> {
    const agent = new Agent(setup)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    agent.#server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE"
      reject(
        isTaken ? new Problem("port-taken", setup.where, `port ${setup.port} is in use`) : error,
      )
    })
    agent.#server.listen(setup.port, "127.0.0.1", resolve)
    await promise
    const address = agent.#server.address()
    agent.#port = typeof address === "object" && address ? address.port : setup.port
    return agent
  }

  get port(): number {
    return this.#port
  }

  /** What the machine shows now, by the id of the data item. */
  take(said: Readonly<Record<string, Said>>): void {
    this.#buffer.take(said, this.#setup.now())
  }

  async suspend(): Promise<void> {
    this.#isCut = true
    this.#server.closeAllConnections()
  }

  async restore(): Promise<void> {
    this.#isCut = false
  }

  close(): void {
    this.#stop.abort()
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isCut) {
      request.socket.destroy()
      return
    }
    try {
      const asked = askedIn(request, this.#setup.device.name ?? "")
      if (asked.what === "sample" && asked.intervalMs !== undefined) {
        this.#checkPlace(asked.from ?? this.#buffer.first)
        void this.#stream(response, asked)
      } else send(response, 200, this.#document(asked))
    } catch (thrown) {
      if (!(thrown instanceof AgentRefusal)) throw thrown
      const { code, status, message } = thrown
      const errors = [{ code, text: message }]
      send(response, status, { kind: "error", header: this.#header(), errors })
    }
  }

  #document(asked: Asked): MtConnectDocument {
    switch (asked.what) {
      case "probe":
        return { kind: "devices", header: this.#header(), devices: [this.#setup.device] }
      case "current":
        return this.#current(asked.at)
      case "sample":
        return this.#sample(asked.from ?? this.#buffer.first, asked.count)
      case "asset": {
        const { ids } = asked
        const all = this.#setup.assets()
        const missing = ids.find((id) => all.every(({ assetId }) => assetId !== id))
        if (missing !== undefined)
          throw new AgentRefusal("ASSET_NOT_FOUND", 404, `no asset ${missing}`)
        const assets = ids.length === 0 ? all : all.filter(({ assetId }) => ids.includes(assetId))
        return { kind: "assets", header: this.#header(), assets }
      }
    }
  }

  #current(at: number | undefined): MtConnectDocument {
    if (at !== undefined) this.#checkPlace(at, "at")
    return this.#streams(this.#buffer.current(at), this.#buffer.next)
  }

  #sample(from: number, count: number): MtConnectDocument {
    this.#checkPlace(from)
    const { observations, next } = this.#buffer.from(from, count)
    return this.#streams(observations, next)
  }

  #checkPlace(sequence: number, name = "from"): void {
    const { first, next } = this.#buffer
    const last = name === "from" ? next : next - 1
    if (sequence >= first && sequence <= last) return
    const what = `'${name}' must be from ${first} to ${last}`
    throw new AgentRefusal("OUT_OF_RANGE", 404, what)
  }

  /** Parts of a multipart document: what is new, at most every interval; an empty one where nothing is for a heartbeat. */
  async #stream(response: ServerResponse, asked: Asked & { what: "sample" }): Promise<void> {
    const { clock } = this.#setup
    const { intervalMs = 0, heartbeatMs, count } = asked
    const boundary = `moru${this.#instanceId}`
    response.writeHead(200, {
      "content-type": `multipart/x-mixed-replace;boundary=${boundary}`,
      "cache-control": "no-store",
    })
    const signal = AbortSignal.any([this.#stop.signal, closeOf(response)])
    const beatMs = Math.max(10, intervalMs) * (clock.speed ?? 1)
    let from = asked.from ?? this.#buffer.first
    let quietMs = Number.POSITIVE_INFINITY
    while (!signal.aborted) {
      if (from < this.#buffer.first) break
      const { next } = this.#buffer
      if (from < next || quietMs >= heartbeatMs) {
        const { observations, next: after } = this.#buffer.from(from, count)
        const document = formatMtConnect(this.#streams(observations, after))
        response.write(partOf(document, boundary))
        from = after
        quietMs = 0
      }
      if (response.writableLength > mostUnreadBytes) break
      await clock.sleep(beatMs, signal).catch(() => {})
      quietMs += Math.max(10, intervalMs)
    }
    response.destroy()
  }

  #streams(observations: readonly Observation[], nextSequence: number): MtConnectDocument {
    const { device } = this.#setup
    const { first, next } = this.#buffer
    const places = { firstSequence: first, lastSequence: next - 1, nextSequence }
    const header: StreamsHeader = { ...this.#header(), ...places }
    const components = componentsOf(device, observations)
    const stream = { name: device.name ?? device.id, uuid: device.uuid, components }
    return { kind: "streams", header, streams: [stream] }
  }

  #header(): Header {
    return {
      creationTime: this.#setup.now(),
      sender: "moru-twin",
      instanceId: this.#instanceId,
      version,
      bufferSize: this.#buffer.size,
      assetBufferSize,
      assetCount: this.#setup.assets().length,
    }
  }
}

function send(response: ServerResponse, status: number, document: MtConnectDocument): void {
  const text = formatMtConnect(document)
  const headers = { "content-type": "text/xml", "content-length": Buffer.byteLength(text) }
  response.writeHead(status, headers).end(text)
}

function partOf(document: string, boundary: string): string {
  const length = Buffer.byteLength(document)
  return `--${boundary}\r\nContent-type: text/xml\r\nContent-length: ${length}\r\n\r\n${document}\r\n`
}

function closeOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  response.on("close", () => gone.abort())
  response.on("error", () => gone.abort())
  return gone.signal
}

function itemsOf(component: Component): DataItem[] {
  return [...component.dataItems, ...component.components.flatMap(itemsOf)]
}

/** Observations beneath the components that their data items belong to. */
function componentsOf(
  component: Component,
  observations: readonly Observation[],
): ComponentStream[] {
  const { type, id, name, dataItems, components } = component
  const ids = new Set(dataItems.map((item) => item.id))
  const own = observations.filter(({ dataItemId }) => ids.has(dataItemId))
  const stream = { component: type, componentId: id, ...(name !== undefined && { name }) }
  return [
    ...(own.length > 0 ? [{ ...stream, observations: own }] : []),
    ...components.flatMap((part) => componentsOf(part, observations)),
  ]
}
