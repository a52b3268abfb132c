import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"

const windowMs = 60_000
const mostNumbers = 5
const mostDeaths = 4

/**
 * Two edge nodes with one name: their numbers run side by side, their births take turns, or the broker throws the one
 * out for the other. A single sign means nothing; many in a minute do. Outlives a connection.
 */
export class Suspicion {
  readonly #edgeNode: string
  readonly #numbers: Instant[] = []
  readonly #deaths: Instant[] = []
  /** Two were found: after the next request for a birth it is worth waiting for a second answer. */
  isFounded = false

  constructor(edgeNode: string) {
    this.#edgeNode = edgeNode
  }

  /** A message whose number had passed, or the birth of a session that another had ended. */
  number(now: Instant): Problem | undefined {
    const count = countSince(this.#numbers, now)
    return count < mostNumbers
      ? undefined
      : this.found(`got ${count} messages out of their order within a minute`)
  }

  death(now: Instant): Problem | undefined {
    const count = countSince(this.#deaths, now)
    return count < mostDeaths ? undefined : this.found(`got ${count} deaths within a minute`)
  }

  found(what: string): Problem {
    this.isFounded = true
    this.#numbers.length = 0
    return new Problem(
      "duplicate-sender",
      this.#edgeNode,
      `${what}, expected one edge node of this name`,
    )
  }
}

function countSince(times: Instant[], now: Instant): number {
  times.push(now)
  while ((times[0] ?? now) < now - windowMs) times.shift()
  return times.length
}
