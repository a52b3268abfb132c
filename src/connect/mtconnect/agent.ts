import { Agent as HttpAgent, type IncomingMessage, type RequestOptions, request } from "node:http"
import { Agent as HttpsAgent, request as secureRequest } from "node:https"
import { pipeline, type Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import type { MtConnectDocument } from "../../codec/mtconnect.ts"
import { parseMtConnect } from "../../codec/mtconnect-parse.ts"
import { boundaryOf, MultipartReader } from "../../codec/multipart.ts"
import { longestXml } from "../../codec/xml.ts"
import type { Reached } from "../../kernel/network.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import { Problem } from "../../model/problem.ts"
import type { Host } from "../connector.ts"
import { within } from "../waiting.ts"
import type { MtConnectOptions } from "./options.ts"

/** Observations as they come, or one document where the agent does not stream. */
export type Flow =
  | { readonly kind: "document"; readonly document: MtConnectDocument }
  | { readonly kind: "stream"; readonly documents: AsyncIterable<MtConnectDocument> }

export type Query = Readonly<Record<string, string | number>>

/** One agent at its numeric address. Every failure of a call is a Problem. */
export class Agent {
  readonly #options: MtConnectOptions
  readonly #host: Host
  readonly #url: URL
  readonly #reached: Reached
  readonly #sockets: HttpAgent
  readonly where: string

  constructor(options: MtConnectOptions, host: Host, reached: Reached) {
    this.#options = options
    this.#host = host
    this.#url = new URL(options.agent)
    this.#reached = reached
    const kept = { keepAlive: true, maxSockets: 4 }
    this.#sockets = this.#isSecure ? new HttpsAgent(kept) : new HttpAgent(kept)
    this.where = whereOf(options, host)
  }

  /** One document, errors of the agent included. */
  async ask(what: string, query: Query, signal: AbortSignal): Promise<MtConnectDocument> {
    const { timeout } = this.#options
    return this.#within(parseDuration(timeout), signal, async (s) => {
      const response = await this.#get(what, query, { encoding: "gzip", signal: s })
      return this.#documentOf(response)
    })
  }

  /** Observations as the agent keeps them coming. The iterable throws when it ends or falls silent. */
  async flow(query: Query, silenceMs: number, signal: AbortSignal): Promise<Flow> {
    const over = new AbortController()
    const either = AbortSignal.any([signal, over.signal])
    try {
      return await this.#within(parseDuration(this.#options.timeout), signal, async () => {
        const response = await this.#get("sample", query, { encoding: "identity", signal: either })
        const boundary = boundaryOf(response.headers["content-type"] ?? "")
        if (boundary === undefined || response.statusCode !== 200)
          return { kind: "document", document: await this.#documentOf(response) }
        const reader = new MultipartReader(boundary, longestXml)
        const silence = { silenceMs, signal }
        return { kind: "stream", documents: this.#documentsOf(response, reader, silence) }
      })
    } catch (thrown) {
      over.abort()
      throw thrown
    }
  }

  close(): void {
    this.#sockets.destroy()
  }

  async *#documentsOf(
    response: IncomingMessage,
    reader: MultipartReader,
    { silenceMs, signal }: { silenceMs: number; signal: AbortSignal },
  ): AsyncIterable<MtConnectDocument> {
    const pieces: AsyncIterator<Buffer> = response[Symbol.asyncIterator]()
    try {
      for (;;) {
        const piece = await this.#within(silenceMs, signal, () => pieces.next())
        if (piece.done)
          throw new Problem("connection-lost", this.where, "the agent ended the stream")
        for (const part of this.#read(() => reader.push(piece.value)))
          yield this.#read(() => parseMtConnect(part.toString("utf8")))
      }
    } finally {
      response.destroy()
    }
  }

  async #documentOf(response: IncomingMessage): Promise<MtConnectDocument> {
    const body = await bodyOf(response, this.where)
    const status = `status ${response.statusCode}`
    const isOk = response.statusCode === 200
    try {
      const document = parseMtConnect(body.toString("utf8"))
      if (isOk || document.kind === "error") return document
    } catch (thrown) {
      if (isOk) throw this.#strange(thrown)
    }
    throw new Problem("protocol-error", this.where, `got ${status}`)
  }

  async #get(
    what: string,
    query: Query,
    given: { encoding: string; signal: AbortSignal },
  ): Promise<IncomingMessage> {
    const { address, family, port, host } = this.#reached
    const { device } = this.#options
    const base = this.#url.pathname.replace(/\/+$/, "")
    const path = [base, device && encodeURIComponent(device), what].filter((p) => p !== undefined)
    const search = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    )
    const wanted: RequestOptions = {
      host: address,
      family,
      port,
      path: `${path.join("/")}${search.size > 0 ? `?${search}` : ""}`,
      headers: {
        host: this.#url.host,
        accept: "text/xml, application/xml, multipart/x-mixed-replace",
        "accept-encoding": given.encoding,
      },
      agent: this.#sockets,
      signal: given.signal,
    }
    return new Promise((resolve, reject) => {
      const asked = this.#isSecure
        ? secureRequest({ ...wanted, servername: host })
        : request(wanted)
      asked.on("response", resolve)
      asked.on("error", (error) => reject(error))
      asked.end()
    })
  }

  async #within<T>(
    ms: number,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#host
    const late = () =>
      new Problem("connection-timeout", this.where, `got nothing from the agent in ${ms} ms`)
    try {
      return await within(ms, work, { clock, signal, late })
    } catch (thrown) {
      if (signal.aborted || thrown instanceof Problem) throw thrown
      throw lineProblem(thrown, this.where)
    }
  }

  #read<T>(read: () => T): T {
    try {
      return read()
    } catch (thrown) {
      throw this.#strange(thrown)
    }
  }

  #strange(thrown: unknown): Problem {
    const what = thrown instanceof Error ? thrown.message : String(thrown)
    return new Problem("protocol-error", this.where, `got ${what}, expected an MTConnect document`)
  }

  get #isSecure(): boolean {
    return this.#url.protocol === "https:"
  }
}

export function whereOf({ agent }: MtConnectOptions, { name }: Host): string {
  return `${name} (${agent})`
}

/** The body, unpacked, as far as the longest document goes. */
async function bodyOf(response: IncomingMessage, where: string): Promise<Buffer> {
  const isPacked = /gzip/i.test(response.headers["content-encoding"] ?? "")
  const plain: Readable = isPacked ? pipeline(response, createGunzip(), () => {}) : response
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of plain) {
    pieces.push(piece)
    length += piece.length
    if (length <= longestXml) continue
    response.destroy()
    throw new Problem("protocol-error", where, `got an answer of more than ${longestXml} bytes`)
  }
  return Buffer.concat(pieces)
}

const unreachable = ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]

function lineProblem(thrown: unknown, where: string): Problem {
  const { code = "", message = String(thrown) } = thrown as { code?: string; message?: string }
  const says = `got "${message.split("\n")[0]}"`
  const cause = { cause: thrown }
  if (unreachable.includes(code)) return new Problem("connection-refused", where, says, cause)
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) {
    const what = `${says}, expected a certificate that this computer trusts`
    return new Problem("protocol-error", where, what, cause)
  }
  return new Problem("connection-lost", where, says, cause)
}
