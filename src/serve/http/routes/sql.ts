import { type SqlView, sqlView } from "../../api-sql.ts"
import { sqlBody } from "../../requests.ts"
import type { App, Context } from "../context.ts"
import { spanOf, tagsLike } from "./asked.ts"
import { answers } from "./schemas.ts"

export function sqlRoutes(app: App, { parts }: Context): void {
  app.post(
    "/sql",
    {
      schema: {
        tags: ["history"],
        summary: "Ask the history in SQL: one SELECT over `samples` and `cycles`",
        body: sqlBody,
        response: answers(sqlView),
      },
    },
    async ({ body }, reply): Promise<SqlView> => {
      const left = new AbortController()
      // The request itself closes as soon as its body is read.
      reply.raw.once("close", () => left.abort())
      const { sql, tags = "**", limit = 1000, after = 0 } = body
      const { history, cycles, store, plant } = parts
      return await parts.sql.ask(
        {
          ...{ sql, limit, after, tags: tagsLike(tags, parts), ...spanOf(body, parts) },
          timezone: plant().timezone,
        },
        { history, cycles, textOf: (tag, id) => store.registry.textOf(tag, id) },
        left.signal,
      )
    },
  )
}
