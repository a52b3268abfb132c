import type { Instant } from "../../model/instant.ts"
import { type Clock, type ClockJump, every } from "../clock.ts"
import type { Component, Health } from "../component.ts"
import type { Log } from "../log.ts"

export interface ClockWatchOptions {
  readonly clock: Clock
  readonly log: Log
  /** Resolves when the step is recorded; what it throws is logged, and the watch goes on. */
  readonly jumped: (jump: ClockJump) => Promise<void>
}

const rhythmMs = 1000
/** A clock that is corrected slowly stays far below; a busy process delays both clocks alike. */
const leastJumpMs = 2000

/** Notices that somebody set the computer's clock, or that the computer slept: plant time steps, the monotonic clock does not. */
export class ClockWatch implements Component {
  readonly name = "clock watch"
  readonly #options: ClockWatchOptions
  readonly #stopping = new AbortController()
  #loop: Promise<void> | undefined
  #seen: { readonly at: Instant; readonly monotonic: number }

  constructor(options: ClockWatchOptions) {
    this.#options = options
    this.#seen = this.#look()
  }

  async start(): Promise<void> {
    const { clock, log } = this.#options
    this.#seen = this.#look()
    this.#loop = every(rhythmMs * (clock.speed ?? 1), () => this.#compare(), {
      clock,
      signal: this.#stopping.signal,
      failed: (thrown) => log.error("a step of the clock was not recorded", { thrown }),
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
  }

  health(): Health {
    return { state: this.#loop ? "running" : "stopped" }
  }

  #look() {
    const { clock } = this.#options
    return { at: clock.now(), monotonic: clock.monotonic() }
  }

  async #compare(): Promise<void> {
    const { clock, log, jumped } = this.#options
    const speed = clock.speed ?? 1
    const [before, now] = [this.#seen, this.#look()]
    this.#seen = now
    const expected = before.at + (now.monotonic - before.monotonic) * speed
    const byMs = now.at - expected
    if (Math.abs(byMs) < leastJumpMs * speed) return
    log.warn(`the computer's clock was set by ${Math.round(byMs / 1000)} s`)
    await jumped({ from: expected, to: now.at })
  }
}
