import { AttributeIds, type NodeId } from "node-opcua"
import type { BlockWriter } from "../../model/block.ts"
import { quality } from "../../model/quality.ts"
import type { Host, Point } from "../connector.ts"
import { orAbort } from "../waiting.ts"
import { nodeIdOf } from "./addresses.ts"
import { rowOf } from "./live.ts"
import type { Session } from "./session.ts"

interface ReadJob {
  readonly line: Session
  readonly host: Host
  readonly points: readonly Point[]
  readonly into: BlockWriter
}

const nodesPerCall = 500

/** Reads every point once, past all queues and caches of the server (`maxAge` 0). */
export async function readPoints(job: ReadJob, signal: AbortSignal): Promise<void> {
  for (let i = 0; i < job.points.length; i += nodesPerCall)
    await readSome({ ...job, points: job.points.slice(i, i + nodesPerCall) }, signal)
}

async function readSome(job: ReadJob, signal: AbortSignal): Promise<void> {
  const { line, host, points, into } = job
  const now = host.clock.now()
  const known: { point: Point; nodeId: NodeId }[] = []
  for (const point of points) {
    const nodeId = nodeIdOf(point.address, line.namespaces)
    if (nodeId) known.push({ point, nodeId })
    else into.add(point.id, now, Number.NaN, quality.badConfig)
  }
  const nodes = known.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value }))
  const either = AbortSignal.any([signal, line.lost])
  const answers = await orAbort(line.session.read(nodes, 0), either)
  known.forEach(({ point }, i) => {
    const answer = answers[i]
    if (!answer) return
    const row = rowOf(answer, point, { now, registry: host.registry })
    into.add(point.id, row.at, row.value, row.quality)
  })
}
