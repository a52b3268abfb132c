import { parsePath } from "../../../model/path.ts"
import { entriesView, receiptView } from "../../api-entries.ts"
import { entriesBody } from "../../requests.ts"
import { type App, type Context, personOf } from "../context.ts"
import { bodyOf } from "../problems.ts"
import { answers, idParams } from "./schemas.ts"

const tags = ["connect"]
const largestMessage = 1024 * 1024
/** Of one sender; a machine that has more to say sends several values at once. */
const rateLimit = { max: 600, timeWindow: 60_000 }

/** What people and machines bring to the house of their own accord. */
export function entryRoutes(app: App, { parts }: Context): void {
  app.post(
    "/entries",
    {
      schema: {
        tags,
        summary: "Enter counts, readings and verdicts by hand",
        description: "Entries of one device are stored all or none; the answer says of each.",
        body: entriesBody,
        response: answers(entriesView),
      },
    },
    async (request) => {
      const now = parts.clock.now()
      const entries = request.body.entries.map(({ path, value, at = now }) => ({
        ...{ path: parsePath(path), value, at },
      }))
      const { problems, record } = await parts.devices.enter(entries, personOf(request).id)
      return {
        entries: entries.map(({ path }, i) => {
          const problem = problems[i]
          return { path, ...(problem && { problem: bodyOf(problem) }) }
        }),
        ...(record !== undefined && { record }),
      }
    },
  )

  app.register(async (machines: App) => {
    machines.removeAllContentTypeParsers()
    const asBytes = { parseAs: "buffer", bodyLimit: largestMessage } as const
    machines.addContentTypeParser("*", asBytes, (_request, body, done) => done(null, body))
    machines.post(
      "/devices/:id/messages",
      {
        config: { fromMachine: true, rateLimit },
        bodyLimit: largestMessage,
        schema: {
          tags,
          summary: "Send a message to a device that receives",
          description:
            "Any content type that the device reads, with its own credential as `Authorization: Bearer ...`; no sign-in.",
          params: idParams,
          response: answers(receiptView),
        },
      },
      async ({ params, headers, body }) => {
        const { authorization, "content-type": contentType } = headers
        const { stored, refused } = await parts.devices.receive(params.id, {
          ...(authorization !== undefined && { authorization }),
          ...(contentType !== undefined && { contentType }),
          body: body instanceof Uint8Array ? body : new Uint8Array(),
        })
        return { stored, refused: refused.map(bodyOf) }
      },
    )
  })
}
