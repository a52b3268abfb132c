import type { Instant } from "../../../model/instant.ts"

/** node-opcua takes times as Date. */
// biome-ignore lint/style/noRestrictedGlobals: the library's own type; the time itself comes from a Clock
export const dateOf = (at: Instant) => new Date(at)

export type OpcUaDate = ReturnType<typeof dateOf>
