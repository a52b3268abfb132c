import type { Duplex } from "node:stream"
import type { Answer, Request } from "../../codec/modbus-frame.ts"
import type { Clock } from "../../kernel/clock.ts"
import { Problem } from "../../model/problem.ts"
import { orAbort, within } from "../waiting.ts"
import type { Framing } from "./framing.ts"

/** A socket or serial port that is open. */
export interface OpenStream {
  readonly stream: Duplex
  /** Closes it; the stream then says "close". */
  readonly end: () => void
}

export interface LineParts extends OpenStream {
  readonly framing: Framing
  readonly clock: Clock
  /** Device and place, for problems. */
  readonly where: string
  readonly timeoutMs: number
  /** Silence between two frames, in the computer's time; 0 where frames have marks of their own. */
  readonly pauseMs: number
}

export interface Asking {
  /** How often it is asked again when no answer comes. A write is never repeated. */
  readonly retries: number
  readonly signal: AbortSignal
}

/** One open line. Requests wait for each other: most devices and all serial lines carry one at a time. */
export class Line {
  readonly #parts: LineParts
  readonly #lost = new AbortController()
  readonly #closed = Promise.withResolvers<void>()
  /** Units that may still answer an earlier request, and until when. */
  readonly #late = new Map<number, number>()
  #last: Promise<unknown> = Promise.resolve()
  #answered: ((answer: Answer) => void) | undefined

  constructor(parts: LineParts) {
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

  /** Throws `connection-timeout` where the unit is silent, the reason of `lost` where the line is gone. */
  ask(unit: number, request: Request, asking: Asking): Promise<Answer> {
    const turn = this.#last.then(() => this.#askInTurn(unit, request, asking))
    this.#last = turn.catch(() => {})
    return orAbort(turn, AbortSignal.any([asking.signal, this.lost]))
  }

  /** Resolves once the port is free for others. */
  async close(): Promise<void> {
    this.#lose("the line was closed")
    await this.#closed.promise
  }

  async #askInTurn(unit: number, request: Request, { retries, signal }: Asking): Promise<Answer> {
    const either = AbortSignal.any([signal, this.lost])
    await this.#waitForLate(unit, either)
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.#once(unit, request, either)
        if (attempt > 0) this.#expectLate(unit)
        return answer
      } catch (thrown) {
        this.#expectLate(unit)
        const isSilent = thrown instanceof Problem && thrown.code === "connection-timeout"
        if (!isSilent || attempt >= retries) throw thrown
      }
    }
  }

  async #once(unit: number, request: Request, signal: AbortSignal): Promise<Answer> {
    const { stream, framing, clock, where, timeoutMs, pauseMs } = this.#parts
    if (pauseMs > 0) await this.#sleep(pauseMs, signal)
    signal.throwIfAborted()
    const { promise, resolve } = Promise.withResolvers<Answer>()
    this.#answered = resolve
    stream.write(framing.begin(unit, request))
    const late = () =>
      new Problem("connection-timeout", where, `got no answer of unit ${unit} in ${timeoutMs} ms`)
    try {
      return await within(timeoutMs, () => promise, { clock, signal, late })
    } finally {
      this.#answered = undefined
    }
  }

  #take(bytes: Uint8Array): void {
    try {
      const answer = this.#parts.framing.take(bytes)
      if (answer) this.#answered?.(answer)
    } catch (thrown) {
      const what = thrown instanceof Error ? thrown.message : String(thrown)
      this.#lost.abort(new Problem("protocol-error", this.#parts.where, what))
    }
  }

  #expectLate(unit: number): void {
    const { framing, clock, timeoutMs } = this.#parts
    if (framing.mistakesLate) this.#late.set(unit, clock.monotonic() + timeoutMs)
  }

  async #waitForLate(unit: number, signal: AbortSignal): Promise<void> {
    const ms = (this.#late.get(unit) ?? 0) - this.#parts.clock.monotonic()
    this.#late.delete(unit)
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
