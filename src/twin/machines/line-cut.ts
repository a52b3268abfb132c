import type { MachineContext } from "../machine.ts"

/** A machine's line to its clients. */
export interface Line {
  /** Throws clients out and lets none in. */
  suspend(): Promise<void>
  restore(): Promise<void>
}

/** How long the fault `connection-lost` lasts at full severity unless it is ended before. */
const longestMs = 300_000

/** The fault `connection-lost`: throws clients out, lets none in, and comes back by itself. */
export class LineCut {
  readonly #line: Line
  readonly #context: MachineContext
  #lost: AbortController | undefined
  #isStopped = false

  constructor(line: Line, context: MachineContext) {
    this.#line = line
    this.#context = context
  }

  /** 0 ends it at once. */
  async cut(severity: number): Promise<void> {
    this.#lost?.abort()
    this.#lost = undefined
    if (severity === 0) return
    const lost = new AbortController()
    this.#lost = lost
    await this.#line.suspend()
    this.#comeBack(longestMs * severity, lost.signal).catch((thrown) =>
      this.#context.log.error("connection not restored", { thrown: String(thrown) }),
    )
  }

  stop(): void {
    this.#isStopped = true
    this.#lost?.abort()
  }

  async #comeBack(ms: number, signal: AbortSignal): Promise<void> {
    await this.#context.clock.sleep(ms, signal).catch(() => {})
    if (this.#isStopped) return
    await this.#line.restore()
    this.#context.tell("connection restored", {})
  }
}
