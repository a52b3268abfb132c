import { promisify } from "node:util"
import { zstdDecompress } from "node:zlib"
import { Type } from "typebox"
import { Problem } from "../../../model/problem.ts"
import { edgeAnswer, edgeKey, edgeView } from "../../api-edges.ts"
import { type App, type Context, personOf } from "../context.ts"
import { answers, idParams, noAnswer } from "./schemas.ts"

const tags = ["edges"]
const largestPacked = 64 * 1024 * 1024
const largestPlain = 192 * 1024 * 1024
const unpack = promisify(zstdDecompress)

/** Computers beside the machines: how they do, their keys, and what they send. */
export function edgeRoutes(app: App, { parts }: Context): void {
  const { edges } = parts

  app.get(
    "/edges",
    {
      schema: {
        tags,
        summary: "Each edge: how far behind it is and how full its log",
        response: answers(Type.Array(edgeView)),
      },
    },
    async () => edges.list().map((edge) => ({ ...edge })),
  )

  app.post(
    "/edges/:id/key",
    {
      schema: {
        tags,
        summary: "Make a key for an edge; the one before it ends, this one is shown once",
        params: idParams,
        response: answers(edgeKey),
      },
    },
    async (request) => {
      const { id } = request.params
      return { key: await edges.makeKey(id, personOf(request).id) }
    },
  )

  app.delete(
    "/edges/:id/key",
    { schema: { tags, summary: "End the key of an edge", params: idParams, response: noAnswer } },
    async (request, reply) => {
      await edges.endKey(request.params.id, personOf(request).id)
      return reply.code(204).send(null)
    },
  )

  app.register(async (machines: App) => {
    machines.removeAllContentTypeParsers()
    const asBytes = { parseAs: "buffer", bodyLimit: largestPacked } as const
    machines.addContentTypeParser("*", asBytes, (_request, body, done) => done(null, body))
    machines.post(
      "/edge/deliveries",
      {
        config: { fromMachine: true },
        bodyLimit: largestPacked,
        schema: {
          tags,
          summary: "What an edge sends: blocks, parcels of what waited, cycles, gaps and its state",
          description:
            "A message of Moru's own, compressed with zstd, with the edge's key as `Authorization: Bearer ...`. The answer comes " +
            "when all of it is durable; the same message again changes nothing.",
          response: answers(edgeAnswer),
        },
        // Nobody's body is read before it is known whose it is.
        onRequest: async ({ headers }) => edges.check(headers.authorization),
      },
      async ({ headers, body }) => {
        const packed = body instanceof Uint8Array ? body : new Uint8Array()
        return { ...(await edges.receive(headers.authorization, await plain(packed))) }
      },
    )
  })
}

async function plain(packed: Uint8Array): Promise<Uint8Array> {
  try {
    return await unpack(packed, { maxOutputLength: largestPlain })
  } catch (thrown) {
    const { message } = thrown as Error
    throw new Problem("request-invalid", "body", `got ${message}, expected a message of an edge`)
  }
}
