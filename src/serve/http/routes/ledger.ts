import { type Static, Type } from "typebox"
import { Problem } from "../../../model/problem.ts"
import type { LedgerBreak, LedgerFilter, LedgerKind } from "../../../store/ledger.ts"
import { chainView, ledgerBreak, ledgerView } from "../../api.ts"
import { namesFor, recordViewOf } from "../../view/record.ts"
import type { App, Context } from "../context.ts"
import { wordsOf } from "./asked.ts"
import { linkNext } from "./paging.ts"
import { answers, idParams, limitQuery } from "./schemas.ts"

const tags = ["ledger"]
const mostInChain = 1000

const query = Type.Object({
  kinds: Type.Optional(Type.String({ maxLength: 2000, description: "Separated by commas" })),
  subject: Type.Optional(Type.String({ description: "This subject and all beneath it" })),
  by: Type.Optional(Type.String()),
  from: Type.Optional(Type.Number()),
  to: Type.Optional(Type.Number()),
  before: Type.Optional(Type.Integer({ description: "Only records with a smaller number" })),
  limit: limitQuery(1000, 100),
})

export function ledgerRoutes(app: App, { parts, people }: Context): void {
  const { store } = parts
  let verifying: Promise<readonly LedgerBreak[]> | undefined

  app.get(
    "/ledger",
    {
      schema: {
        tags,
        summary: "What was found, decided, commanded, changed and by whom, newest first",
        querystring: query,
        response: answers(Type.Array(ledgerView)),
      },
    },
    async (request, reply) => {
      const filter = filterOf(request.query)
      const records = await store.ledger.list(filter)
      const last = records.at(-1)
      if (last && records.length === filter.limit)
        linkNext(request, reply, { before: `${last.number}` })
      const names = await namesFor(request.visitor, people)
      return records.map((record) => recordViewOf(record, names))
    },
  )

  app.get(
    "/ledger/verify",
    {
      handlerTimeout: 600_000,
      schema: {
        tags,
        summary: "Read the whole chain and name each break",
        response: answers(Type.Array(ledgerBreak)),
      },
    },
    async () => {
      // Who asks meanwhile gets the same answer: reading the chain is long work.
      verifying ??= store.ledger.verify(new AbortController().signal).finally(() => {
        verifying = undefined
      })
      return [...(await verifying)]
    },
  )

  app.get(
    "/ledger/:id",
    { schema: { tags, summary: "One record", params: idParams, response: answers(ledgerView) } },
    async (request) => {
      const record = await store.ledger.get(request.params.id)
      if (!record) throw noRecord(request.params.id)
      return recordViewOf(record, await namesFor(request.visitor, people))
    },
  )

  app.get(
    "/ledger/:id/chain",
    {
      schema: {
        tags,
        summary: "A record with all that led to it and all that followed, causes before effects",
        params: idParams,
        response: answers(chainView),
      },
    },
    async (request) => {
      const chain = await store.ledger.chain(request.params.id, mostInChain)
      if (!chain) throw noRecord(request.params.id)
      const names = await namesFor(request.visitor, people)
      return { id: chain.id, records: chain.records.map((record) => recordViewOf(record, names)) }
    },
  )
}

function filterOf({ kinds, limit = 100, ...rest }: Static<typeof query>): LedgerFilter {
  const wanted = wordsOf(kinds) as readonly LedgerKind[]
  return { ...rest, limit, ...(wanted.length === 0 ? {} : { kinds: wanted }) }
}

function noRecord(id: string): Problem {
  return new Problem("not-found", `record ${id}`, "the ledger has no such record")
}
