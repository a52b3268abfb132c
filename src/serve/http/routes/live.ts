import type { Readable } from "node:stream"
import { Type } from "typebox"
import { problemBody } from "../../api.ts"
import { longestMs } from "../../people/sessions.ts"
import { holds } from "../../rights.ts"
import type { App, Context } from "../context.ts"
import { visitorOf } from "../guard.ts"
import { patternQuery } from "./plant.ts"

const query = Type.Object({
  pattern: patternQuery,
  interval: Type.Optional(
    Type.Integer({ minimum: 100, maximum: 10_000, default: 250, description: "ms between values" }),
  ),
})

export function liveRoutes(app: App, context: Context): void {
  app.get(
    "/live",
    {
      exposeHeadRoute: false,
      handlerTimeout: longestMs,
      schema: {
        tags: ["plant"],
        summary: "Values, alarms, findings, decisions and devices as they change",
        description:
          "Server-sent events `values`, `alarm`, `finding`, `decision`, `device`, `automatic` and, each second, `tick`. " +
          "Values are coalesced: the latest of each tag, all of them at the beginning.",
        querystring: query,
        produces: ["text/event-stream"],
        response: { 200: Type.Unsafe<Readable>({ type: "string" }), default: problemBody },
      },
    },
    async (request, reply) => {
      const { pattern = "**", interval = 250 } = request.query
      const allowed = async () => holds((await visitorOf(request, context)).kind, "read")
      const stream = context.live.open({ pattern, intervalMs: interval, allowed })
      reply.type("text/event-stream").header("cache-control", "no-store")
      return stream
    },
  )
}
