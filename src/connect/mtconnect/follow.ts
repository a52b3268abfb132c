import { parseDuration } from "../../kernel/tag-file.ts"
import { Problem } from "../../model/problem.ts"
import type { Deliver, Host, ResumeFrom, Wanted } from "../connector.ts"
import { LiveRows } from "../live-rows.ts"
import type { Agent } from "./agent.ts"
import { followAssets } from "./assets.ts"
import type { Model } from "./model.ts"
import type { MtConnectOptions } from "./options.ts"
import { type Kept, placeIn } from "./place.ts"
import { Reader } from "./reader.ts"
import { Places } from "./rows.ts"

export interface FollowJob {
  readonly agent: Agent
  readonly model: Model
  readonly options: MtConnectOptions
  readonly host: Host
  readonly kept: Kept
  readonly wanted: Wanted
  readonly deliver: Deliver
  readonly resumeFrom: ResumeFrom
}

/** Observations and assets side by side, until the signal aborts or the line is lost. */
export async function follow(job: FollowJob, signal: AbortSignal): Promise<void> {
  const places = new Places(job.wanted.points, job.model)
  await refuseUnknown(job, places)
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const works = [observe(job, places, either), followAssets(job, places.assets, either)]
  try {
    await Promise.all(works)
  } finally {
    over.abort()
    await Promise.allSettled(works)
  }
}

async function observe(job: FollowJob, places: Places, signal: AbortSignal): Promise<void> {
  const { agent } = job
  const current = await agent.ask("current", {}, signal)
  if (current.kind !== "streams")
    throw new Problem("protocol-error", agent.where, `got a document of ${current.kind}`)
  const reader = new Reader(job, places, await placeIn(current.header, job))
  await reader.begin(current, signal)
  while (await listen(reader, job, signal));
  await poll(reader, job, signal)
}

/** Listens to the agent's stream; true to open it anew behind a hole, false where the agent has no streams. */
async function listen(reader: Reader, job: FollowJob, signal: AbortSignal): Promise<boolean> {
  const { agent, options, host } = job
  const { count } = options
  const heartbeat = Math.max(1, Math.round(parseDuration(options.heartbeat)))
  const interval = Math.max(10, Math.round(intervalOf(job) / (host.clock.speed ?? 1)))
  const silenceMs = heartbeat + parseDuration(options.timeout)
  const query = { from: reader.next, count, interval, heartbeat }
  const flow = await agent.flow(query, silenceMs, signal)
  if (flow.kind === "document") {
    const isStreams = flow.document.kind === "streams"
    const isBehind =
      flow.document.kind === "error" && flow.document.errors[0]?.code === "OUT_OF_RANGE"
    return isStreams || isBehind ? reader.hear(flow.document, signal) : false
  }
  for await (const document of flow.documents) if (await reader.hear(document, signal)) return true
  return true
}

async function poll(reader: Reader, job: FollowJob, signal: AbortSignal): Promise<void> {
  const { clock } = job.host
  const ms = Math.max(intervalOf(job), 20 * (clock.speed ?? 1))
  for (;;) {
    while (await reader.read(signal));
    await clock.sleep(ms, signal)
  }
}

function intervalOf({ options }: FollowJob): number {
  return parseDuration(options.interval)
}

async function refuseUnknown(job: FollowJob, places: Places): Promise<void> {
  const { wanted, host, kept, deliver } = job
  const rows = new LiveRows(host, kept.unnumbered, deliver)
  for (const { point, because } of places.unknown) rows.unknown(point, because)
  rows.refuseRecords(wanted.records, "MTConnect has no records")
  await rows.deliver()
}
