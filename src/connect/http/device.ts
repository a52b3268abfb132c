import { resolve } from "node:path"
import { jsonLeaves, jsonPathText, parseJsonPath } from "../../codec/json-path.ts"
import { timedIds } from "../../kernel/ids.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type {
  Deliver,
  Device,
  FoundPoint,
  Host,
  Point,
  Receipt,
  Received,
  ResumeFrom,
  Wanted,
} from "../connector.ts"
import { isSameSecret, secretIn } from "../credential.ts"
import { type LiveCount, LiveRows, liveCount, rowsInto } from "../live-rows.ts"
import { poll } from "../poll.ts"
import { checkZone } from "../times.ts"
import { aborted, within } from "../waiting.ts"
import { Places, parseDocument } from "./document.ts"
import type { HttpOptions } from "./options.ts"
import { type Answer, ask } from "./request.ts"

/** The way in for messages, while the device is followed. */
interface Inlet {
  readonly places: Places
  readonly deliver: Deliver
}

/** A machine or program that gives a JSON document, sends some, or both. */
export class HttpDevice implements Device {
  readonly #options: HttpOptions
  readonly #host: Host
  readonly #count: LiveCount
  readonly #where: string
  #etag: string | undefined
  /** Of the document that was asked for last. */
  #body: Uint8Array | undefined
  /** The last document, asked for or received. */
  #document: unknown
  #ca: string | undefined
  #inlet: Inlet | undefined

  constructor(options: HttpOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#count = liveCount(host, timedIds(host.clock, host.random)())
    this.#where = `${host.name}${placeOf(options.url)}`
  }

  async connect(signal: AbortSignal): Promise<void> {
    const { url, ca } = this.#options
    checkOptions(this.#options, this.#host.name)
    if (ca !== undefined) this.#ca = await this.#readCa(ca)
    this.#etag = undefined
    this.#body = undefined
    if (url !== undefined) await this.#ask(url, signal)
  }

  async read(points: readonly Point[], into: BlockWriter, signal: AbortSignal): Promise<void> {
    const { url } = this.#options
    if (url === undefined)
      throw new Problem("connection-lost", this.#where, "the machine only sends, and is not asked")
    await this.#ask(url, signal)
    const rows = rowsInto(into, this.#host)
    new Places(points, this.#options).readAll(this.#document, rows)
    await rows.deliver()
  }

  async follow(
    { points, records }: Wanted,
    deliver: Deliver,
    _resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const [host, count, { url, period }] = [this.#host, this.#count, this.#options]
    const places = new Places(points, this.#options, host.name)
    const unread = new LiveRows(host, count, deliver)
    unread.refuseRecords(records, "HTTP has no records")
    await unread.deliver()
    this.#inlet = { places, deliver }
    try {
      if (url === undefined) return await aborted(signal)
      let last: number | undefined
      const read = async (rows: LiveRows, s: AbortSignal) => {
        const isNew = await this.#ask(url, s)
        const at = places.timeOf(this.#document)
        // A document that tells its time and did not change says nothing new.
        if (!isNew && at !== undefined && at === last) return
        last = at
        places.readAll(this.#document, rows)
      }
      await poll({ host, count, deliver, periodMs: parseDuration(period), read }, signal)
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    } finally {
      this.#inlet = undefined
    }
  }

  async receive({ authorization, body }: Received): Promise<Receipt> {
    const [host, inlet, { "receive-token": token }] = [this.#host, this.#inlet, this.#options]
    if (token === undefined) throw new Problem("not-found", host.name, "it receives no messages")
    if (!isSameSecret(secretIn(authorization), token))
      throw new Problem("credentials-refused", host.name, "got another token than its own")
    if (!inlet) throw new Problem("connection-lost", host.name, "messages are not taken now")
    const document = documentIn(body, host.name)
    this.#document = document
    let stored = 0
    let refused: readonly Problem[] = []
    const rows = new LiveRows(host, this.#count, async (delivery) => {
      stored = delivery.block.length
      refused = delivery.refused ?? []
      await inlet.deliver({ ...delivery, kept: true })
    })
    inlet.places.readSome(document, rows)
    await rows.deliver()
    return { stored, refused }
  }

  async *browse(signal: AbortSignal): AsyncIterable<FoundPoint> {
    const { url } = this.#options
    if (url !== undefined) await this.#ask(url, signal)
    for (const { path, value } of jsonLeaves(this.#document)) {
      const kind = typeof value === "string" ? "text" : (typeof value as "number" | "boolean")
      const name = path.filter((step) => typeof step === "string").at(-1) ?? "value"
      yield { address: jsonPathText(path), name, kind, writable: false, value }
    }
  }

  async close(): Promise<void> {
    this.#inlet = undefined
  }

  /** Asks for the document; true where it changed since the last time. */
  async #ask(url: string, signal: AbortSignal): Promise<boolean> {
    const { clock, network } = this.#host
    const { method, body, timeout, "max-bytes": mostBytes } = this.#options
    const late = () =>
      new Problem("connection-timeout", this.#where, `got no whole answer in ${timeout}`)
    const wanted = {
      ...{ url: new URL(url), method, mostBytes, network, where: this.#where },
      headers: this.#headers(),
      ...(body !== undefined && { body }),
      ...(this.#ca !== undefined && { ca: this.#ca }),
    }
    const answer: Answer = await within(parseDuration(timeout), (s) => ask(wanted, s), {
      ...{ clock, signal, late },
    })
    if (!answer.body || (this.#body && Buffer.compare(answer.body, this.#body) === 0)) return false
    this.#document = parseDocument(answer.body, this.#where)
    this.#body = answer.body
    this.#etag = answer.etag
    return true
  }

  #headers(): Record<string, string> {
    const { headers, body, user, password = "", token, method } = this.#options
    const tokenHeader = this.#options["token-header"].toLowerCase()
    const basic = Buffer.from(`${user}:${password}`).toString("base64")
    return {
      ...headers,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(body !== undefined && { "content-length": `${Buffer.byteLength(body)}` }),
      ...(user !== undefined && { authorization: `Basic ${basic}` }),
      ...(token !== undefined && {
        [tokenHeader]: tokenHeader === "authorization" ? `Bearer ${token}` : token,
      }),
      ...(this.#etag !== undefined && method === "GET" && { "if-none-match": this.#etag }),
    }
  }

  async #readCa(ca: string): Promise<string> {
    const bytes = await this.#host.files.read(resolve(this.#host.plantFolder, ca))
    if (bytes) return new TextDecoder().decode(bytes)
    throw new Problem("config-unreadable", this.#host.name, `got no file "${ca}"`)
  }
}

/** What the schema cannot say. */
function checkOptions(options: HttpOptions, where: string): void {
  const { url, time, zone, headers, "receive-token": token } = options
  const refused = (what: string) => new Problem("option-invalid", where, what)
  if (url === undefined && token === undefined)
    throw refused("got neither url nor receive-token, expected one of them")
  if (url !== undefined && (!URL.canParse(url) || new URL(url).username !== ""))
    throw refused(
      'option "url": got an address with a user in it, or none, expected user and password apart',
    )
  if (time !== undefined && !parseJsonPath(time))
    throw refused(`option "time": got ${JSON.stringify(time)}, expected a path such as meta.time`)
  const own = Object.keys(headers).find((name) => ownHeaders.includes(name.toLowerCase()))
  if (own) throw refused(`option "headers": got ${own}, which Moru sets itself`)
  checkZone(zone, where)
}

const ownHeaders = [
  "host",
  "authorization",
  "connection",
  "content-length",
  "transfer-encoding",
  "accept-encoding",
  "if-none-match",
]

/** A message that is no JSON is its sender's mistake. */
function documentIn(body: Uint8Array, where: string): unknown {
  try {
    return parseDocument(body, where)
  } catch (thrown) {
    const what = thrown instanceof Problem ? thrown.what : String(thrown)
    throw new Problem("request-invalid", where, what)
  }
}

/** ` (http://192.168.0.20/api)`, without a query or a user, which may be secret. */
function placeOf(url: string | undefined): string {
  if (url === undefined || !URL.canParse(url)) return ""
  const { origin, pathname } = new URL(url)
  return ` (${origin}${pathname})`
}
