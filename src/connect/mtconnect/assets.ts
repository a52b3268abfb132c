import type { MtAsset } from "../../codec/mtconnect.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { Point } from "../connector.ts"
import { LiveRows } from "../live-rows.ts"
import type { FollowJob } from "./follow.ts"
import type { Target } from "./model.ts"
import { toolField } from "./tools.ts"

interface AssetPoint {
  readonly point: Point
  readonly target: Target & { kind: "asset" }
}

const mostAssets = 1000

/** Asks for the cutting tools on a steady beat, where points need them, and delivers what changed. */
export async function followAssets(
  job: FollowJob,
  points: readonly AssetPoint[],
  signal: AbortSignal,
): Promise<void> {
  if (points.length === 0) return
  const { host, kept, options, deliver } = job
  const rows = new LiveRows(host, kept.unnumbered, deliver)
  const ms = Math.max(parseDuration(options.assets), 100 * (host.clock.speed ?? 1))
  let isFirst = true
  for (;;) {
    const tools = await toolsOf(job, rows, signal)
    for (const one of points) addRow(one, { job, tools, rows, isFirst })
    isFirst = false
    await rows.deliver()
    await host.clock.sleep(ms, signal)
  }
}

/** By asset id; none where the agent refuses, which is told. */
async function toolsOf(
  { agent }: FollowJob,
  rows: LiveRows,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, MtAsset>> {
  const query = { type: "CuttingTool", count: mostAssets }
  const document = await agent.ask("assets", query, signal)
  const found = document.kind === "assets" ? document.assets.filter(({ removed }) => !removed) : []
  if (document.kind !== "assets") {
    const [error] = document.kind === "error" ? document.errors : []
    const what = `got ${error?.code ?? document.kind} for the assets`
    rows.refuse(new Problem("point-unknown", agent.where, what))
  }
  return new Map(found.map((asset) => [asset.assetId, asset]))
}

/** A value that was delivered over an earlier line stands at the present. */
function addRow(
  { point, target }: AssetPoint,
  from: { job: FollowJob; tools: ReadonlyMap<string, MtAsset>; rows: LiveRows; isFirst: boolean },
): void {
  const { job, tools, rows, isFirst } = from
  const asset = tools.get(target.assetId)
  const value = asset?.tool ? toolField(asset.tool, target.field) : null
  const said = JSON.stringify([asset?.at, value])
  const isKnown = job.kept.assets.get(point.address) === said
  if (isKnown && !isFirst) return
  job.kept.assets.set(point.address, said)
  if (!asset || value === null) rows.bad(point, quality.badNoData)
  else if (point.tag.kind === "text")
    rows.add(point, String(value), isKnown ? {} : { at: asset.at })
  else rows.add(point, value, isKnown ? {} : { at: asset.at })
}
