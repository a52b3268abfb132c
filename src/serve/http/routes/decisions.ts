import { Type } from "typebox"
import type { Decision } from "../../../decide/decide.ts"
import { Problem } from "../../../model/problem.ts"
import { decisionView } from "../../api.ts"
import type { ServeParts } from "../../serve.ts"
import { decisionViewOf } from "../../view/decision.ts"
import { namesFor } from "../../view/record.ts"
import type { App, Context } from "../context.ts"
import { wordsOf } from "./asked.ts"
import { answers, idParams } from "./schemas.ts"

const tags = ["decisions"]

export function decisionRoutes(app: App, { parts, people }: Context): void {
  const { decisions } = parts

  app.get(
    "/decisions",
    {
      schema: {
        tags,
        summary: "Proposals and what became of them, newest first",
        querystring: Type.Object({
          state: Type.Optional(
            Type.String({ description: "Only these states, separated by commas" }),
          ),
        }),
        response: answers(Type.Array(decisionView)),
      },
    },
    async (request) => {
      const names = await namesFor(request.visitor, people)
      const states = wordsOf(request.query.state)
      return decisions
        .list()
        .filter(({ state }) => states.length === 0 || states.includes(state))
        .sort((a, b) => b.at - a.at)
        .map((decision) => decisionViewOf(decision, { ...parts, names }))
    },
  )

  app.get(
    "/decisions/:id",
    {
      schema: { tags, summary: "One decision", params: idParams, response: answers(decisionView) },
    },
    async (request) => {
      const names = await namesFor(request.visitor, people)
      return decisionViewOf(decisionAt(request.params.id, parts), { ...parts, names })
    },
  )
}

/** Throws `not-found`. */
export function decisionAt(id: string, { decisions }: Pick<ServeParts, "decisions">): Decision {
  const decision = decisions.get(id)
  if (decision) return decision
  throw new Problem("not-found", `decision ${id}`, "there is no such decision")
}
