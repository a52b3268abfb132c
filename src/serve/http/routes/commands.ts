import { Type } from "typebox"
import type { CommandResult } from "../../../act/act.ts"
import { parsePath } from "../../../model/path.ts"
import { Problem } from "../../../model/problem.ts"
import type { LedgerKind, LedgerRecord } from "../../../store/ledger.ts"
import { commandView } from "../../api.ts"
import { commandBody } from "../../requests.ts"
import { commandViewOf } from "../../view/command.ts"
import { namesFor } from "../../view/record.ts"
import { type App, authorOf, type Context } from "../context.ts"
import { linkNext } from "./paging.ts"
import { answers, idParams, limitQuery } from "./schemas.ts"

const tags = ["commands"]
/** A command by hand is carried out at once or never. Real time, so longer where plant time runs faster. */
const lifeMs = 60_000

const ends = ["done", "refused", "expired", "failed", "unknown", "partial"] as const

export function commandRoutes(app: App, { parts, people }: Context): void {
  const { gate } = parts

  app.get(
    "/commands",
    {
      schema: {
        tags,
        summary: "What was written to machines and what became of it, newest first",
        querystring: Type.Object({
          subject: Type.Optional(Type.String({ description: "This set point or all beneath it" })),
          before: Type.Optional(
            Type.Integer({ description: "Only ends with a smaller record number" }),
          ),
          limit: limitQuery(500, 100),
        }),
        response: answers(Type.Array(commandView)),
      },
    },
    async (request, reply) => {
      const { limit = 100, ...rest } = request.query
      const kinds = ends.map((end): LedgerKind => `command.${end}`)
      const records = await parts.store.ledger.list({ ...rest, kinds, limit })
      const last = records.at(-1)
      if (last && records.length === limit) linkNext(request, reply, { before: `${last.number}` })
      const names = await namesFor(request.visitor, people)
      return records.map((record) => commandViewOf(resultOf(record), names))
    },
  )

  app.get(
    "/commands/:id",
    { schema: { tags, summary: "One command", params: idParams, response: answers(commandView) } },
    async (request) => {
      const result = gate.result(request.params.id)
      if (result) return commandViewOf(result, await namesFor(request.visitor, people))
      throw new Problem("not-found", `command ${request.params.id}`, "there is no such command")
    },
  )

  app.post(
    "/commands",
    {
      schema: {
        tags,
        summary: "Set a set point by hand, through the gate",
        description: "The answer says what became of it; `refused` names the guard and why.",
        body: commandBody,
        response: answers(commandView),
      },
    },
    async (request) => {
      const { target, value, expect } = request.body
      const write = {
        target: parsePath(target),
        value,
        ...(expect === undefined ? {} : { expect }),
      }
      const result = await gate.submit(
        {
          id: parts.ids(),
          by: authorOf(request),
          expiresAt: parts.clock.now() + lifeMs * Math.max(1, parts.speed),
          body: { writes: [write] },
        },
        [],
      )
      return commandViewOf(result, await namesFor(request.visitor, people))
    },
  )
}

/** The ledger keeps every end of a command, the gate only those of late. */
function resultOf(record: LedgerRecord): CommandResult {
  const { command, before, outcomes } = record.body as unknown as CommandResult
  const state = record.kind.slice("command.".length) as CommandResult["state"]
  return { command, before, outcomes, state, at: record.at, record: record.id }
}
