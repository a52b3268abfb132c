import { isPlausible } from "../../connect/values.ts"
import { openChunkHistory } from "../../historian/chunks/history.ts"
import { SystemClock } from "../../kernel/clock/system.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import type { Log } from "../../kernel/log.ts"
import type { Instant } from "../../model/instant.ts"
import type { RecordedMachine } from "../../twin/recording.ts"

/** From the first to the last time that a clock could have shown. */
export interface Interval {
  readonly from: Instant
  readonly to: Instant
}

/** Undefined where the recording has no such time. */
export function intervalOf(machines: readonly RecordedMachine[]): Interval | undefined {
  const now = new SystemClock().now()
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { at } of machines.flatMap(({ recordings }) => recordings))
    for (const time of at) {
      if (!isPlausible(time, now)) continue
      from = Math.min(from, time)
      to = Math.max(to, time)
    }
  return from <= to ? { from, to } : undefined
}

/** Freshness uses plant time, and a replayed year is not stale: plant time is the recording's. */
export function clockOf(interval: Interval | undefined, speed: number | "max"): SystemClock {
  if (!interval) return new SystemClock()
  if (speed === "max") return new SystemClock({ plantOrigin: interval.to })
  return new SystemClock({ speed, plantOrigin: interval.from })
}

/** A run at a pace goes on at the last durable shot of an earlier one. */
export async function lastStoredAt(folder: string, log: Log): Promise<Instant | undefined> {
  if (!(await nodeFiles.list(folder)).includes("history")) return undefined
  const history = await openChunkHistory({ folder, log })
  const [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  const [last] = await history.cycles.read({ from, to, limit: 1, newestFirst: true })
  await history.close()
  return last?.end
}
