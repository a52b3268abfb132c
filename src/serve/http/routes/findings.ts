import { Type } from "typebox"
import { isWithin, parsePath } from "../../../model/path.ts"
import { findingView } from "../../api.ts"
import { findingViewOf } from "../../view/finding.ts"
import type { App, Context } from "../context.ts"
import { answers } from "./schemas.ts"

export function findingRoutes(app: App, { parts }: Context): void {
  app.get(
    "/findings",
    {
      schema: {
        tags: ["decisions"],
        summary: "What analysis found, newest first",
        querystring: Type.Object({
          open: Type.Optional(Type.Boolean({ description: "Only open ones, or only closed ones" })),
          equipment: Type.Optional(
            Type.String({ description: "This equipment and all beneath it" }),
          ),
        }),
        response: answers(Type.Array(findingView)),
      },
    },
    async (request) => {
      const { open, equipment } = request.query
      const base = equipment === undefined ? undefined : parsePath(equipment)
      return parts.findings
        .list()
        .filter((finding) => open === undefined || finding.open === open)
        .filter((finding) => base === undefined || isWithin(finding.equipment, base))
        .sort((a, b) => b.at - a.at)
        .map(findingViewOf)
    },
  )
}
