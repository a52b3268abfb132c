import { Type } from "typebox"
import type { KnownGap } from "../../../connect/gap.ts"
import type { Path } from "../../../model/path.ts"
import { type GapView, gapView } from "../../api-completeness.ts"
import type { ServeParts } from "../../serve.ts"
import type { App, Context } from "../context.ts"
import { tagAt } from "./asked.ts"
import { answers, limitQuery } from "./schemas.ts"

const tags = ["completeness"]

export function gapRoutes(app: App, { parts }: Context): void {
  app.get(
    "/gaps",
    {
      schema: {
        tags,
        summary: "What is missing in the data, and why, newest first",
        querystring: Type.Object({
          tag: Type.Optional(Type.String({ description: "Only of the device that brings it" })),
          from: Type.Optional(Type.Number({ description: "In, ms since 1970 UTC" })),
          to: Type.Optional(Type.Number({ description: "Out, ms since 1970 UTC" })),
          limit: limitQuery(1000, 200),
        }),
        response: answers(Type.Array(gapView)),
      },
    },
    async ({ query }) => {
      const { tag, limit = 200, from = -Infinity, to = Infinity } = query
      const own = tag === undefined ? undefined : devicesOf(tagAt(tag, parts).path, parts)
      return (await parts.gaps.list())
        .filter((gap) => gap.from < to && (gap.to ?? Infinity) >= from)
        .filter(({ device }) => !own || device === "clock" || own.has(device))
        .toSorted((a, b) => b.from - a.from)
        .slice(0, limit)
        .map(gapViewOf)
    },
  )
}

function gapViewOf(gap: KnownGap): GapView {
  const { equipment, left, ...plain } = gap
  return {
    ...plain,
    ...(equipment && { equipment: [...equipment] }),
    ...(left && { left: [...left] }),
  }
}

/** The devices that bring a tag. */
function devicesOf(path: Path, { plant }: Pick<ServeParts, "plant">): ReadonlySet<string> {
  const own = plant().devices.filter(
    ({ points, records }) =>
      points.some(({ tag }) => tag === path) ||
      records.some(({ fields }) => fields.some(({ tag }) => tag === path)),
  )
  return new Set(own.map(({ name }) => name))
}
