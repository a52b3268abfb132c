import { Problem } from "../../model/problem.ts"
import type { Deliver, Host, ResumeFrom, Wanted } from "../connector.ts"
import type { LiveCount } from "../live-rows.ts"
import { Reported } from "./live.ts"
import type { OpcUaOptions } from "./options.ts"
import { Ring, type RingKept } from "./ring.ts"
import type { Session } from "./session.ts"
import { Subscription } from "./subscription.ts"

/** What a device remembers over the loss of its line. */
export interface Kept {
  readonly live: LiveCount
  /** The server's subscription, which may outlive the line, and the last message of it that is durable. */
  subscription?: number
  lastNumber: number
  readonly rings: Map<string, RingKept>
}

export interface FollowJob {
  readonly line: Session
  readonly options: OpcUaOptions
  readonly host: Host
  readonly kept: Kept
  readonly wanted: Wanted
  readonly deliver: Deliver
  readonly resumeFrom: ResumeFrom
}

/** Live points by subscription and numbered buffers by reading, side by side, until the signal or the line ends. */
export async function follow(job: FollowJob, signal: AbortSignal): Promise<void> {
  const { line, wanted, host } = job
  const over = new AbortController()
  const stop = AbortSignal.any([signal, line.lost, over.signal])
  const live = new Reported(job)
  const rings = wanted.records.map((buffer) => new Ring(buffer, job))
  const subscription = new Subscription(job, live, rings)
  const works = [subscription.run(stop), ...rings.map((ring) => ring.run(stop))]
  try {
    await Promise.all(works)
  } catch (thrown) {
    if (signal.aborted) return
    if (line.lost.aborted) throw line.lost.reason
    if (thrown instanceof Problem) throw thrown
    throw new Problem("connection-lost", host.name, `got "${messageOf(thrown)}"`, { cause: thrown })
  } finally {
    over.abort()
    await Promise.allSettled(works)
    if (signal.aborted) await subscription.end()
  }
}

function messageOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).split("\n")[0] ?? ""
}
