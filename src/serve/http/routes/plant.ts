import { Type } from "typebox"
import { compilePattern } from "../../../model/path.ts"
import { plantView, type ValueView, valueView } from "../../api.ts"
import { plantViewOf } from "../../view/plant.ts"
import { valueViewOf } from "../../view/value.ts"
import type { App, Context } from "../context.ts"
import { answers } from "./schemas.ts"

const tags = ["plant"]

export const patternQuery = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 300,
    default: "**",
    description: "Paths of tags: `*` stands for one name, `**` for any number of names",
  }),
)

export function plantRoutes(app: App, { parts }: Context): void {
  app.get(
    "/plant",
    {
      schema: {
        tags,
        summary: "Equipment and tags, as the plant's files say",
        response: answers(plantView),
      },
    },
    async () => plantViewOf(parts),
  )

  app.get(
    "/values",
    {
      schema: {
        tags,
        summary: "The latest value of each tag",
        querystring: Type.Object({ pattern: patternQuery }),
        response: answers(Type.Array(valueView)),
      },
    },
    async (request) => {
      const { namespace } = parts
      const wanted = compilePattern(request.query.pattern ?? "**")
      return namespace.tags().flatMap(({ id, path }): ValueView[] => {
        const sample = wanted(path) ? namespace.latest(id) : undefined
        return sample ? [valueViewOf(path, sample)] : []
      })
    },
  )
}
