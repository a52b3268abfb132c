import { createHash, timingSafeEqual } from "node:crypto"
import type { BrokerConfig } from "../../model/plant.ts"
import { covers } from "../bus/filter.ts"
import { shown } from "../values.ts"
import type { Pass } from "./wire.ts"

export interface Knock {
  readonly user: string | undefined
  readonly password: Uint8Array | undefined
  readonly isLoopback: boolean
}

const anonymous: Pass = { publisher: "anonymous", publish: ["#"], subscribe: ["#"] }

/** The pass of who knocks, or in words why there is none. */
export function passOf(knock: Knock, config: BrokerConfig): Pass | string {
  const { user, password, isLoopback } = knock
  if (user === undefined) {
    if (config.anonymous && isLoopback) return anonymous
    return config.anonymous ? "no user name from another computer" : "no user name"
  }
  const known = config.publishers.find(({ name }) => name === user)
  // An unknown name takes as long as a wrong password.
  const isRight = isSame(password ?? new Uint8Array(), Buffer.from(known?.password ?? "\0"))
  if (!known) return `unknown user ${shown(user)}`
  return isRight && known.password !== ""
    ? { publisher: known.name, publish: known.publish, subscribe: known.subscribe }
    : `a wrong password of ${shown(user)}`
}

/** What stands under $SYS is the broker's own, whatever a filter says. */
export function isAllowed(wanted: string, filters: readonly string[]): boolean {
  return !/^\$SYS(\/|$)/.test(wanted) && filters.some((filter) => covers(filter, wanted))
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  const digest = (of: Uint8Array) => createHash("sha256").update(of).digest()
  return timingSafeEqual(digest(one), digest(other))
}
