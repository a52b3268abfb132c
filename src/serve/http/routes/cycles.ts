import { Type } from "typebox"
import type { Cycle } from "../../../model/cycle.ts"
import { type CycleView, cycleView } from "../../api.ts"
import type { App, Context } from "../context.ts"
import { equipmentAt } from "./asked.ts"
import { cursorAfter, formatCursor, parseCursor } from "./cursor.ts"
import { linkNext } from "./paging.ts"
import { afterQuery, answers, limitQuery, spanQuery } from "./schemas.ts"

/** Next after a time in the resolution that a double has for times of this age. */
const tiniestMs = 2 ** -11

export function cycleRoutes(app: App, { parts }: Context): void {
  app.get(
    "/cycles",
    {
      schema: {
        tags: ["history"],
        summary: "Cycles, newest first",
        description: "The header `Link` with `rel=next` names the next page, where there is one.",
        querystring: Type.Object({
          equipment: Type.Optional(Type.String()),
          ...spanQuery,
          limit: limitQuery(1000, 100),
          after: afterQuery,
        }),
        response: answers(Type.Array(cycleView)),
      },
    },
    async (request, reply) => {
      const {
        equipment,
        from = 0,
        to = Number.MAX_SAFE_INTEGER,
        limit = 100,
        after,
      } = request.query
      const cursor = after === undefined ? undefined : parseCursor(after)
      const given = cursor?.given ?? 0
      const found = await parts.cycles.read({
        ...(equipment === undefined ? {} : { equipment: equipmentAt(equipment, parts) }),
        from,
        to: cursor ? Math.min(to, cursor.at + tiniestMs) : to,
        limit: limit + given + 1,
        newestFirst: true,
      })
      const page = found.slice(given, given + limit)
      if (found.length > given + limit) {
        const ends = page.map(({ end }) => end)
        linkNext(request, reply, { after: formatCursor(cursorAfter(ends, cursor)) })
      }
      return page.map(cycleViewOf)
    },
  )
}

function cycleViewOf(cycle: Cycle): CycleView {
  const { id, equipment, sequence, start, end, tool, verdict, values } = cycle
  return {
    id,
    equipment,
    sequence,
    start,
    end,
    ...(tool === undefined ? {} : { tool }),
    ...(verdict === undefined ? {} : { verdict }),
    values: { ...values },
  }
}
