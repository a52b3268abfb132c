import type { Deliver, Host } from "./connector.ts"
import { type LiveCount, LiveRows } from "./live-rows.ts"

export interface PollJob {
  readonly host: Host
  readonly count: LiveCount
  readonly deliver: Deliver
  /** Plant time from one reading to the next; a reading that takes longer is followed by the next at once. */
  readonly periodMs: number
  /** Reads everything once. Throws when the line is lost; one bad point is a bad row. */
  readonly read: (into: LiveRows, signal: AbortSignal) => Promise<void>
}

/** Reads on a steady beat until the signal aborts. Throws what `read` throws. */
export async function poll(job: PollJob, signal: AbortSignal): Promise<void> {
  const { host, periodMs, read } = job
  const { clock } = host
  const rows = new LiveRows(host, job.count, job.deliver)
  // However fast plant time runs, a machine is asked at most fifty times in a real second.
  const beatMs = Math.max(periodMs, 20 * (clock.speed ?? 1))
  let next = clock.now()
  while (!signal.aborted) {
    await read(rows, signal)
    await rows.deliver()
    next = Math.max(next + beatMs, clock.now())
    await clock.sleep(next - clock.now(), signal).catch(() => {})
  }
}
