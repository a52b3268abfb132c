import { SystemClock } from "../../kernel/clock/system.ts"
import { compilePattern, type Path } from "../../model/path.ts"
import { unitSymbol } from "../../model/unit.ts"
import type { PlantView, TagView, ValueView } from "../../serve/api.ts"
import { columns } from "../connect/show.ts"
import { print } from "../print.ts"
import { MoruClient } from "./client.ts"
import { type EnterOptions, enter } from "./enter.ts"

export interface ValuesOptions extends EnterOptions {
  readonly pattern: string
  readonly watch: boolean
  readonly json: boolean
}

const againMs = 2000

/** Prints the latest values of a running Moru; with `watch` again and again until the signal. */
export async function showValues(options: ValuesOptions, signal: AbortSignal): Promise<void> {
  const client = new MoruClient(options.url, signal)
  await enter(client, options)
  const plant = await client.plant()
  const clock = new SystemClock()
  do {
    const values = await client.values(options.pattern)
    if (options.json) print(JSON.stringify({ values }))
    else for (const line of valueLines(values, plant, options.pattern)) print(line)
    if (options.watch) await clock.sleep(againMs, signal)
  } while (options.watch)
}

function* valueLines(
  values: readonly ValueView[],
  { tags, timezone }: PlantView,
  pattern: string,
): Iterable<string> {
  const matches = compilePattern(pattern)
  const known = new Map(tags.map((tag) => [tag.path, tag]))
  const time = new Intl.DateTimeFormat("sv", {
    timeZone: timezone,
    dateStyle: "short",
    timeStyle: "medium",
  })
  const rows = values.map(({ path, at, value, quality }) => [
    ...[path, shown(value, known.get(path)), unitSymbol(known.get(path)?.unit ?? "")],
    ...[quality, time.format(at)],
  ])
  if (rows.length > 0) yield* columns([["tag", "value", "unit", "quality", "time"], ...rows], 80)
  else if (tags.some(({ path }) => matches(path as Path)))
    yield "No value yet: look at Connect in the screens whether the machines answer"
  else yield `No tag is called ${pattern}: * stands for one whole name, ** for any number of names`
}

function shown(value: ValueView["value"], tag: TagView | undefined): string {
  if (typeof value === "number") return value.toFixed(tag?.decimals ?? 2)
  return value === null ? "-" : String(value)
}
