import type { Instant } from "../../model/instant.ts"
import type { CompletenessView, DevicePartView } from "../../serve/api-completeness.ts"
import { readTime } from "../exchange/time.ts"
import { print } from "../print.ts"
import { MoruClient } from "../values/client.ts"
import { type EnterOptions, enter } from "../values/enter.ts"

export interface CompletenessOptions extends EnterOptions {
  readonly from: string
  readonly to: string
  readonly equipment?: string
  readonly json: boolean
}

const exitCodes = { complete: 0, missing: 3, unknown: 4 } as const

const words = {
  complete: "nothing is missing",
  missing: "something is missing",
  unknown: "not proven",
} as const

const doubts: Readonly<Record<string, string>> = {
  "no-rows": "no value stands in this time",
  silence: "nothing came for a while, and no gap says why",
  "begins-late": "what was before the first row is not in the history",
  "not-over": "this time is not over yet",
}

/** Prints what is missing with its records, or the evidence that nothing is; gives the exit code. */
export async function showCompleteness(
  options: CompletenessOptions,
  signal: AbortSignal,
): Promise<number> {
  const client = new MoruClient(options.url, signal)
  await enter(client, options)
  const { timezone } = await client.plant()
  const from = readTime("from", options.from, timezone)
  const to = readTime("to", options.to, timezone)
  const { equipment } = options
  const view = await client.completeness({
    from,
    to,
    ...(equipment !== undefined && { equipment }),
  })
  if (options.json) print(JSON.stringify(view))
  else for (const line of linesOf(view, timezone)) print(line)
  return exitCodes[view.verdict]
}

function* linesOf(view: CompletenessView, zone: string): Iterable<string> {
  const clock = new Intl.DateTimeFormat("sv", {
    ...{ timeZone: zone, dateStyle: "short", timeStyle: "medium" },
  })
  const time = (at: Instant) => clock.format(at)
  yield `${time(view.from)} to ${time(view.to)}: ${words[view.verdict]}`
  for (const { id, from, setByMs = 0 } of view.clock)
    yield `  the computer's clock was set by ${setByMs / 1000} s at ${time(from)} (record ${id})`
  for (const part of view.devices) yield* deviceLines(part, time)
}

function* deviceLines(part: DevicePartView, time: (at: Instant) => string): Iterable<string> {
  yield `${part.device}: ${words[part.verdict]}, ${part.rows} rows, digest ${part.digest}`
  for (const doubt of part.doubts) yield `  ${doubts[doubt] ?? doubt}`
  for (const { id, because, left, size, filledRows } of part.gaps) {
    const parts = left.map(({ from, to }) => `${time(from)} to ${time(to)}`)
    const lacks = parts.length > 0 ? `missing ${parts.join(", ")}` : `filled by ${filledRows} rows`
    yield `  gap ${because}: ${lacks}${size === undefined ? "" : `, ${size} of them`} (record ${id})`
  }
  for (const { source, first, last, missing, holes } of part.sources) {
    const runs = holes.map((hole) => `${hole.first} to ${hole.last}`).join(", ")
    yield `  ${source}: rows ${first} to ${last}, ${missing === 0 ? "no hole" : `${missing} missing: ${runs}`}`
  }
  for (const { source, first, last, missing } of part.cycles)
    yield `  ${source}: records ${first} to ${last}, ${missing} missing`
}
