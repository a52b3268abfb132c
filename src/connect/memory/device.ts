import { timedIds } from "../../kernel/ids.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import type { Deliver, Device, Host, Point, ResumeFrom, Wanted } from "../connector.ts"
import type { Line } from "../line/line.ts"
import { openSocket } from "../line/socket.ts"
import { type LiveCount, LiveRows, liveCount, rowsInto } from "../live-rows.ts"
import { poll } from "../poll.ts"
import { within } from "../waiting.ts"
import type { Dialect } from "./dialect.ts"
import { Reader } from "./reader.ts"

/** Options that every dialect has. */
export interface MemoryOptions {
  readonly host: string
  readonly port: number
  readonly period: string
  readonly timeout: string
}

/** A PLC whose memory is read word by word over TCP. */
export class MemoryDevice<Request, Answer> implements Device {
  readonly #options: MemoryOptions
  readonly #host: Host
  readonly #dialect: Dialect<Request, Answer>
  readonly #count: LiveCount
  #line: Line<Request, Answer> | undefined

  constructor(options: MemoryOptions, host: Host, dialect: Dialect<Request, Answer>) {
    this.#options = options
    this.#host = host
    this.#dialect = dialect
    this.#count = liveCount(host, timedIds(host.clock, host.random)())
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    const [options, host] = [this.#options, this.#host]
    const { clock } = host
    const where = `${host.name} (${options.host}:${options.port})`
    const timeoutMs = parseDuration(options.timeout)
    const late = () =>
      new Problem("connection-timeout", where, `got no connection in ${options.timeout}`)
    const open = await within(timeoutMs, (s) => openSocket(options, host, { where, signal: s }), {
      clock,
      signal,
      late,
    })
    const line = this.#dialect.line({ ...open, clock, where, timeoutMs })
    try {
      await line.ask(this.#dialect.greeting, { signal })
    } catch (thrown) {
      await line.close()
      throw thrown
    }
    this.#line = line
  }

  async read(points: readonly Point[], into: BlockWriter, signal: AbortSignal): Promise<void> {
    const rows = rowsInto(into, this.#host)
    await this.#reader(points).read(rows, signal)
    signal.throwIfAborted()
    await rows.deliver()
  }

  async follow(
    { points, records }: Wanted,
    deliver: Deliver,
    _resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const [host, count] = [this.#host, this.#count]
    const reader = this.#reader(points)
    const unread = new LiveRows(host, count, deliver)
    unread.refuseRecords(records, "a PLC has no records")
    await unread.deliver()
    const periodMs = parseDuration(this.#options.period)
    const read = (rows: LiveRows, s: AbortSignal) => reader.read(rows, s)
    try {
      await poll({ host, count, deliver, periodMs, read }, signal)
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }

  /** Sent once and never again: what fails without an answer says nothing of what the machine did. */
  async write({ address, tag }: Point, value: Value, signal: AbortSignal): Promise<void> {
    const dialect = this.#dialect
    const where = `${this.#host.name} ${tag.path}`
    const place = dialect.parse(address)
    const request = typeof place === "string" ? place : dialect.writeRequest(place, value)
    if (typeof request === "string") {
      const what = `got ${request} for ${address}; nothing was sent`
      throw new Problem("write-failed", where, what)
    }
    const answer = await this.#connected().ask(request, { signal })
    const refusal = dialect.refusalIn(answer)
    if (refusal) throw new Problem("write-failed", where, `got ${refusal.words}`)
  }

  async close(): Promise<void> {
    const line = this.#line
    this.#line = undefined
    await line?.close()
  }

  #reader(points: readonly Point[]): Reader<Request, Answer> {
    const [line, host, dialect] = [this.#connected(), this.#host, this.#dialect]
    return new Reader({ line, host, dialect, points })
  }

  #connected(): Line<Request, Answer> {
    if (this.#line && !this.#line.lost.aborted) return this.#line
    throw new Problem("connection-lost", this.#host.name, "the PLC is not connected")
  }
}
