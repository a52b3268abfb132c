import type { FastifyRequest } from "fastify"
import type { Outcome } from "../../../act/act.ts"
import type { Decision } from "../../../decide/decide.ts"
import { Problem } from "../../../model/problem.ts"
import { decisionView } from "../../api.ts"
import { rejectBody } from "../../requests.ts"
import { decisionViewOf } from "../../view/decision.ts"
import { namesFor } from "../../view/record.ts"
import { type App, authorOf, type Context } from "../context.ts"
import { decisionAt } from "./decisions.ts"
import { answers, idParams } from "./schemas.ts"

const tags = ["decisions"]

export function decideRoutes(app: App, { parts, people }: Context): void {
  const { decisions, gate } = parts
  const viewOf = async (decision: Decision, { visitor }: Pick<FastifyRequest, "visitor">) =>
    decisionViewOf(decision, { gate, names: await namesFor(visitor, people) })

  app.post(
    "/decisions/:id/approve",
    {
      schema: {
        tags,
        summary: "Carry it out, through the gate",
        params: idParams,
        response: answers(decisionView),
      },
    },
    async (request) =>
      viewOf(await decisions.approve(request.params.id, authorOf(request)), request),
  )

  app.post(
    "/decisions/:id/reject",
    {
      schema: {
        tags,
        summary: "Turn it down, for a reason",
        params: idParams,
        body: rejectBody,
        response: answers(decisionView),
      },
    },
    async (request) => {
      const { reason } = request.body
      return viewOf(await decisions.reject(request.params.id, authorOf(request), reason), request)
    },
  )

  app.post(
    "/decisions/:id/roll-back",
    {
      schema: {
        tags,
        summary: "Write back what stood before it, through the gate",
        params: idParams,
        response: answers(decisionView),
      },
    },
    async (request) => {
      const { id, command, state } = decisionAt(request.params.id, parts)
      if (command === undefined || state === "rolled-back")
        throw new Problem(
          "decision-closed",
          `decision ${id}`,
          `it is ${state}, with nothing to take back`,
        )
      const by = authorOf(request)
      const result = await gate.rollBack(command, by)
      const [outcome] = result.outcomes.filter((each) => each.state !== "done")
      if (outcome || result.state !== "done")
        throw new Problem(
          "write-failed",
          `decision ${id}`,
          `the way back was ${whyNot(result.state, outcome)}`,
        )
      return viewOf(await decisions.rolledBack(id, by.person, result.record), request)
    },
  )
}

function whyNot(state: string, outcome: Outcome | undefined): string {
  if (outcome?.state === "refused") return `refused: ${outcome.refusal.because.en}`
  return outcome && "because" in outcome ? `${state}: ${outcome.because.en}` : state
}
