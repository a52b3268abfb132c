import { type Static, Type } from "typebox"
import type { Buckets } from "../../../historian/historian.ts"
import type { TagId } from "../../../model/tag.ts"
import { type HistoryView, history, type SamplesView, samples } from "../../api.ts"
import type { ServeParts } from "../../serve.ts"
import { sampleViewOf } from "../../view/sample.ts"
import type { App, Context } from "../context.ts"
import { invalid, spanOf, tagAt, wordsOf } from "./asked.ts"
import { cursorAfter, formatCursor, parseCursor } from "./cursor.ts"
import { afterQuery, answers, limitQuery, spanQuery } from "./schemas.ts"

const tags = ["history"]
const mostTags = 32

const samplesQuery = Type.Object({
  tag: Type.String(),
  ...spanQuery,
  limit: limitQuery(10_000, 1000),
  after: afterQuery,
})

export function historyRoutes(app: App, { parts }: Context): void {
  app.get(
    "/history",
    {
      schema: {
        tags,
        summary: "Minimum, maximum, mean and last of tags in equal buckets",
        querystring: Type.Object({
          tags: Type.String({
            minLength: 1,
            maxLength: 8000,
            description: "Paths, separated by commas",
          }),
          ...spanQuery,
          buckets: limitQuery(5000, 600),
        }),
        response: answers(history),
      },
    },
    async (request): Promise<HistoryView> => {
      const span = spanOf(request.query, parts)
      const { buckets = 600 } = request.query
      const wanted = wordsOf(request.query.tags).map((path) => tagAt(path, parts))
      if (wanted.length > mostTags)
        throw invalid("address tags", `got ${wanted.length} tags, expected at most ${mostTags}`)
      const found = new Map<TagId, Buckets>()
      const range = { tags: wanted.map(({ id }) => id), ...span }
      for await (const each of parts.history.aggregate(range, buckets, request.signal))
        found.set(each.tag, each)
      const [any] = found.values()
      return {
        from: span.from,
        bucketMs: any?.bucketMs ?? (span.to - span.from) / buckets,
        series: wanted.map(({ id, path }) => seriesOf(path, found.get(id))),
      }
    },
  )

  app.get(
    "/samples",
    {
      schema: {
        tags,
        summary: "Samples of one tag as they came, oldest first",
        querystring: samplesQuery,
        response: answers(samples),
      },
    },
    (request) => readSamples(request.query, { parts, signal: request.signal }),
  )
}

async function readSamples(
  query: Static<typeof samplesQuery>,
  { parts, signal }: { parts: ServeParts; signal: AbortSignal },
): Promise<SamplesView> {
  const { limit = 1000, after } = query
  const tag = tagAt(query.tag, parts)
  const cursor = after === undefined ? undefined : parseCursor(after)
  const span = spanOf(query, parts)
  const range = { tags: [tag.id], from: cursor?.at ?? span.from, to: span.to }
  const found: SamplesView["samples"] = []
  const given = cursor?.given ?? 0
  for await (const block of parts.history.read(range, signal)) {
    for (let row = 0; row < block.length && found.length <= given + limit; row++)
      found.push(sampleViewOf(block, row, { tag, registry: parts.store.registry }))
    if (found.length > given + limit) break
  }
  const page = found.slice(given, given + limit)
  if (found.length <= given + limit) return { path: tag.path, samples: page, more: false }
  const times = page.map(({ at }) => at)
  return {
    path: tag.path,
    samples: page,
    more: true,
    next: formatCursor(cursorAfter(times, cursor)),
  }
}

function seriesOf(path: string, buckets: Buckets | undefined): HistoryView["series"][number] {
  return {
    path,
    count: [...(buckets?.count ?? [])],
    min: columnOf(buckets?.min),
    max: columnOf(buckets?.max),
    mean: columnOf(buckets?.mean),
    last: columnOf(buckets?.last),
  }
}

/** An empty bucket is a gap. */
function columnOf(column: Float64Array | undefined): (number | null)[] {
  return Array.from(column ?? [], (value) => (Number.isFinite(value) ? value : null))
}
