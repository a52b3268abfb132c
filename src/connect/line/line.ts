import type { Duplex } from "node:stream"
import type { Clock } from "../../kernel/clock.ts"
import { Problem } from "../../model/problem.ts"
import { orAbort, within } from "../waiting.ts"

/** How requests and answers of a protocol stand on a line, one request at a time. */
export interface Framing<Request, Answer> {
  /** The bytes to send; from now on only the answer to this request counts. */
  begin(request: Request): Uint8Array
  /** The answer once it is whole. Throws an Error that says what is wrong where the peer does not speak the protocol. */
  take(arrived: Uint8Array): Answer | undefined
  /**
   * Where an answer that comes too late looks like one to a later request: whose answer it would be. There must be silence before
   * that one is asked anything else. Absent where answers carry the number of their request.
   */
  lateFrom?(request: Request): unknown
}

/** A socket or serial port that is open. */
export interface OpenStream {
  readonly stream: Duplex
  /** Closes it; the stream then says "close". */
  readonly end: () => void
}

export interface LineParts<Request, Answer> extends OpenStream {
  readonly framing: Framing<Request, Answer>
  readonly clock: Clock
  /** Device and place, for problems. */
  readonly where: string
  readonly timeoutMs: number
  /** Silence between two frames, in the computer's time; none where absent. */
  readonly pauseMs?: number
}

export interface Asking {
  readonly signal: AbortSignal
  /** How often it is asked again when no answer comes; a write is never repeated. */
  readonly retries?: number
  /** Who is asked, where there are several. */
  readonly whom?: string
}

/** One open line to machines that answer requests. Requests wait for each other: most machines and all serial lines take one at a time. */
export class Line<Request, Answer> {
  readonly #parts: LineParts<Request, Answer>
  readonly #lost = new AbortController()
  readonly #closed = Promise.withResolvers<void>()
  /** Who may still answer an earlier request, and until when. */
  readonly #late = new Map<unknown, number>()
  #last: Promise<unknown> = Promise.resolve()
  #answered: ((answer: Answer) => void) | undefined

  constructor(parts: LineParts<Request, Answer>) {
    this.#parts = parts
    const { stream, end } = parts
    stream.on("data", (bytes: Uint8Array) => this.#take(bytes))
    stream.on("error", (error) => this.#lose(`the line broke (${error.message})`))
    stream.on("close", () => {
      this.#lose("the other side closed the line")
      this.#closed.resolve()
    })
    this.#lost.signal.addEventListener("abort", end, { once: true })
    if (stream.closed) stream.emit("close")
  }

  /** Aborts with a Problem as reason. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Throws `connection-timeout` where nobody answers, the reason of `lost` where the line is gone. */
  ask(request: Request, asking: Asking): Promise<Answer> {
    const turn = this.#last.then(() => this.#askInTurn(request, asking))
    this.#last = turn.catch(() => {})
    return orAbort(turn, AbortSignal.any([asking.signal, this.lost]))
  }

  /** Resolves once the place is free for others. */
  async close(): Promise<void> {
    this.#lose("the line was closed")
    await this.#closed.promise
  }

  async #askInTurn(request: Request, { signal, retries = 0, whom }: Asking): Promise<Answer> {
    const either = AbortSignal.any([signal, this.lost])
    await this.#waitForLate(request, either)
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.#once(request, { signal: either, whom })
        if (attempt > 0) this.#expectLate(request)
        return answer
      } catch (thrown) {
        this.#expectLate(request)
        const isSilent = thrown instanceof Problem && thrown.code === "connection-timeout"
        if (!isSilent || attempt >= retries) throw thrown
      }
    }
  }

  async #once(
    request: Request,
    { signal, whom }: { signal: AbortSignal; whom: string | undefined },
  ): Promise<Answer> {
    const { stream, framing, clock, where, timeoutMs, pauseMs = 0 } = this.#parts
    if (pauseMs > 0) await this.#sleep(pauseMs, signal)
    signal.throwIfAborted()
    const { promise, resolve } = Promise.withResolvers<Answer>()
    this.#answered = resolve
    stream.write(framing.begin(request))
    const of = whom === undefined ? "" : ` of ${whom}`
    const late = () =>
      new Problem("connection-timeout", where, `got no answer${of} in ${timeoutMs} ms`)
    try {
      return await within(timeoutMs, () => promise, { clock, signal, late })
    } finally {
      this.#answered = undefined
    }
  }

  #take(bytes: Uint8Array): void {
    try {
      const answer = this.#parts.framing.take(bytes)
      if (answer !== undefined) this.#answered?.(answer)
    } catch (thrown) {
      const what = thrown instanceof Error ? thrown.message : String(thrown)
      this.#lost.abort(new Problem("protocol-error", this.#parts.where, what))
    }
  }

  #expectLate(request: Request): void {
    const { framing, clock, timeoutMs } = this.#parts
    const from = framing.lateFrom?.(request)
    if (from !== undefined) this.#late.set(from, clock.monotonic() + timeoutMs)
  }

  async #waitForLate(request: Request, signal: AbortSignal): Promise<void> {
    const { framing, clock } = this.#parts
    const from = framing.lateFrom?.(request)
    const ms = (this.#late.get(from) ?? 0) - clock.monotonic()
    this.#late.delete(from)
    if (ms > 0) await this.#sleep(ms, signal)
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    return clock.sleep(ms * (clock.speed ?? 1), signal)
  }

  #lose(because: string): void {
    this.#lost.abort(new Problem("connection-lost", this.#parts.where, because))
  }
}
