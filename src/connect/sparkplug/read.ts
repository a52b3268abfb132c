import { parseDuration } from "../../kernel/tag-file.ts"
import type { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { Host, Point } from "../connector.ts"
import { LiveRows, liveCount } from "../live-rows.ts"
import { orAbort, within } from "../waiting.ts"
import { parseAddress } from "./address.ts"
import type { EdgeNode } from "./edge-node.ts"
import type { SparkplugOptions } from "./options.ts"

interface ReadJob {
  readonly node: EdgeNode
  readonly options: SparkplugOptions
  readonly host: Host
  readonly points: readonly Point[]
  readonly into: BlockWriter
}

/**
 * Nobody can ask an edge node for one value, so the last one that it told is read. After a write it is waited until the
 * metric was told anew, at most for `read-back`: a node that finds nothing changed tells nothing.
 */
export async function readPoints(job: ReadJob, signal: AbortSignal): Promise<void> {
  const { node, options, host, points, into } = job
  const either = AbortSignal.any([signal, node.over])
  const late = () => new Problem("connection-timeout", host.name, "got no value after the write")
  const wait = (s: AbortSignal) => toldAnew(job, s)
  const context = { clock: host.clock, signal: either, late }
  await within(parseDuration(options["read-back"]), wait, context).catch(() => {})
  either.throwIfAborted()
  const rows = new LiveRows(host, liveCount(host, "read"), async ({ block }) => {
    for (let i = 0; i < block.length; i++) {
      const [tag = -1, at = 0] = [block.tag[i], block.at[i]]
      into.add(tag, at, block.value[i] ?? Number.NaN, block.quality[i] ?? 0)
    }
  })
  for (const point of points) addRow(point, node, rows)
  await rows.deliver()
}

async function toldAnew({ node, points }: ReadJob, signal: AbortSignal): Promise<void> {
  const isOld = (point: Point) => {
    const metric = metricAt(point, node)
    return metric?.toldAtWrite !== undefined && metric.told <= metric.toldAtWrite
  }
  while (points.some(isOld)) await orAbort(node.heard, signal)
}

function addRow(point: Point, node: EdgeNode, rows: LiveRows): void {
  const metric = metricAt(point, node)
  if (!metric) rows.bad(point, quality.badConfig)
  else if (node.devices.get(metric.device)?.diedAt !== undefined)
    rows.bad(point, quality.badNotConnected)
  else rows.add(point, metric.sample.given, metric.sample)
}

function metricAt({ address }: Point, node: EdgeNode) {
  const place = parseAddress(address)
  return place && node.find(place.device, place.metric)
}
