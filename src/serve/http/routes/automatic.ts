import { automaticView } from "../../api.ts"
import { automaticBody, reasonBody } from "../../requests.ts"
import { type App, type Context, demand, personOf } from "../context.ts"
import { answers } from "./schemas.ts"

const tags = ["commands"]

export function automaticRoutes(app: App, { parts }: Context): void {
  const { gate } = parts

  app.get(
    "/automatic",
    {
      schema: {
        tags,
        summary: "Whether Moru's own writes are stopped",
        response: answers(automaticView),
      },
    },
    async () => automaticViewOf(),
  )

  app.post(
    "/automatic",
    {
      schema: {
        tags,
        summary: "Stop all automatic action, or (an engineer) allow it again",
        description: "Stops Moru's own writes, never a machine.",
        body: automaticBody,
        response: answers(automaticView),
      },
    },
    async (request) => {
      const { stopped, reason } = request.body
      const { id } = personOf(request)
      if (stopped) await gate.stopAutomatic(id, reason)
      else {
        demand(request.visitor, "allow-automatic", "allowing automatic action")
        await gate.allowAutomatic(id, reason)
      }
      return automaticViewOf()
    },
  )

  app.post(
    "/writes/allow",
    {
      schema: {
        tags,
        summary: "Allow writing again after a restore",
        body: reasonBody,
        response: answers(automaticView),
      },
    },
    async (request) => {
      await gate.allowWrites(personOf(request).id, request.body.reason)
      return automaticViewOf()
    },
  )

  function automaticViewOf() {
    return { stopped: gate.automaticStopped, readOnly: gate.readOnly }
  }
}
