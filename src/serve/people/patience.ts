import type { Clock } from "../../kernel/clock.ts"
import { Problem } from "../../model/problem.ts"

const freeTries = 5
const firstWaitMs = 2000
const longestWaitMs = 300_000
const mostKept = 10_000

interface Tries {
  failed: number
  nextAt: number
}

/**
 * Slows guessing down: after some wrong passwords for one name from one address, each next try has to wait twice as
 * long. By name and address, so that nobody locks a colleague out from another place.
 */
export class Patience {
  readonly #clock: Clock
  readonly #tries = new Map<string, Tries>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Throws `too-many-requests` while the wait lasts. */
  ask(name: string, address: string): void {
    const tries = this.#tries.get(keyOf(name, address))
    const waitMs = (tries?.nextAt ?? 0) - this.#clock.monotonic()
    if (waitMs > 0)
      throw new Problem(
        "too-many-requests",
        "sign-in",
        `too many wrong passwords, expected the next try in ${Math.ceil(waitMs / 1000)} s`,
      )
  }

  failed(name: string, address: string): void {
    const key = keyOf(name, address)
    const failed = (this.#tries.get(key)?.failed ?? 0) + 1
    const over = failed - freeTries
    const waitMs = over < 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** over)
    this.#tries.delete(key)
    this.#tries.set(key, { failed, nextAt: this.#clock.monotonic() + waitMs })
    const [oldest] = this.#tries.keys()
    if (this.#tries.size > mostKept && oldest !== undefined) this.#tries.delete(oldest)
  }

  succeeded(name: string, address: string): void {
    this.#tries.delete(keyOf(name, address))
  }
}

function keyOf(name: string, address: string): string {
  return `${address} ${name}`
}
