import { Readable } from "node:stream"
import { Type } from "typebox"
import { Problem } from "../../../model/problem.ts"
import type { Tag, TagId } from "../../../model/tag.ts"
import { problemBody } from "../../api.ts"
import type { ServeParts } from "../../serve.ts"
import { csvHead, csvLine } from "../../view/csv.ts"
import { sampleViewOf } from "../../view/sample.ts"
import type { App, Context } from "../context.ts"
import { type Span, spanOf, tagAt, wordsOf } from "./asked.ts"
import { spanQuery } from "./schemas.ts"

const mostAtOnce = 4
const longestMs = 3_600_000
/** Spreadsheets take a file for UTF-8 only with it. */
const byteOrderMark = "\uFEFF"

export function exportRoutes(app: App, { parts }: Context): void {
  let underWay = 0
  app.get(
    "/export.csv",
    {
      exposeHeadRoute: false,
      handlerTimeout: longestMs,
      schema: {
        tags: ["history"],
        summary: "Samples of tags as a file for spreadsheets",
        querystring: Type.Object({
          tags: Type.String({
            minLength: 1,
            maxLength: 8000,
            description: "Paths, separated by commas",
          }),
          ...spanQuery,
        }),
        produces: ["text/csv"],
        response: { 200: Type.Unsafe<Readable>({ type: "string" }), default: problemBody },
      },
    },
    async (request, reply) => {
      const span = spanOf(request.query, parts)
      const wanted = wordsOf(request.query.tags).map((path) => tagAt(path, parts))
      if (underWay >= mostAtOnce)
        throw new Problem("too-many-requests", "export", `${mostAtOnce} others are under way`)
      underWay++
      const file = Readable.from(linesOf(wanted, span, { parts, signal: request.signal }))
      file.once("close", () => underWay--)
      reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="moru-samples.csv"')
      return file
    },
  )
}

/** One piece a block, tag after tag. */
async function* linesOf(
  tags: readonly (Tag & { id: TagId })[],
  span: Span,
  { parts, signal }: { parts: ServeParts; signal: AbortSignal },
): AsyncGenerator<string> {
  yield byteOrderMark + csvHead
  const { timezone } = parts.plant()
  const { registry } = parts.store
  for (const tag of tags) {
    for await (const block of parts.history.read({ tags: [tag.id], ...span }, signal)) {
      let lines = ""
      for (let row = 0; row < block.length; row++)
        lines += csvLine(sampleViewOf(block, row, { tag, registry }), { ...tag, timezone })
      yield lines
    }
  }
}
