import { createHash } from "node:crypto"
import type { StreamsHeader } from "../../codec/mtconnect.ts"
import { timedIds } from "../../kernel/ids.ts"
import type { Instant } from "../../model/instant.ts"
import { type Host, liveSource, type ResumeFrom, type Wanted } from "../connector.ts"
import { type LiveCount, liveCount } from "../live-rows.ts"
import { Conditions } from "./conditions.ts"

/** Where the device stands in the agent's count; outlives one connection. */
export interface Place {
  /** Of the agent's count and the points that rows are numbered for. */
  readonly epoch: string
  readonly instanceId: string
  /** Most rows of one observation. What was read up to sequence number n ends with row n * width - 1. */
  readonly width: number
  readonly count: LiveCount
  /** Sequence number to ask for next; 0 where the agent is new. */
  next: number
}

/** What a device remembers over the loss of its line. */
export interface Kept {
  /** Of rows that the agent does not number: values that stand, points that are not there, assets. */
  readonly unnumbered: LiveCount
  readonly newEpoch: () => string
  place?: Place
  /** Time of the newest observation. */
  lastAt?: Instant
  conditions: Conditions
  /** What was delivered last of each asset point. */
  readonly assets: Map<string, string>
}

export function keptOf(host: Host): Kept {
  const newEpoch = timedIds(host.clock, host.random)
  const unnumbered = liveCount(host, newEpoch())
  return { unnumbered, newEpoch, conditions: new Conditions(), assets: new Map() }
}

/**
 * The place in an agent's count: as remembered, or after the last durable row of an earlier run. An agent that stands before
 * that counts anew although it kept its instanceId.
 */
export async function placeIn(
  { instanceId, nextSequence }: StreamsHeader,
  at: { host: Host; kept: Kept; wanted: Wanted; resumeFrom: ResumeFrom },
): Promise<Place> {
  const { host, kept, wanted, resumeFrom } = at
  const before = kept.place
  const epoch = `${instanceId}-${signatureOf(wanted)}`
  const isSame = before?.epoch === epoch
  if (isSame && before.next <= nextSequence) return before
  const width = Math.max(1, wanted.points.length)
  const source = liveSource({ device: host.name, epoch })
  const next = isSame ? Number.POSITIVE_INFINITY : await resumeFrom(source)
  if (next <= nextSequence)
    return { epoch, instanceId, width, count: { source, next: next * width }, next }
  const again = liveSource({ device: host.name, epoch: `${epoch}-${kept.newEpoch()}` })
  return { epoch, instanceId, width, count: { source: again, next: 0 }, next: 0 }
}

/** Rows are numbered by these points; others count anew. */
function signatureOf({ points }: Wanted): string {
  const said = JSON.stringify(points.map(({ id, address }) => [id, address]))
  return createHash("sha256").update(said).digest("hex").slice(0, 8)
}
