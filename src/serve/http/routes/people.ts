import { Type } from "typebox"
import { type Person, person } from "../../api.ts"
import type { KnownPerson } from "../../people/people.ts"
import { changedPerson, newPerson } from "../../requests.ts"
import { type App, type Context, personOf } from "../context.ts"
import { answers, idParams, noAnswer } from "./schemas.ts"

const tags = ["people"]

export function peopleRoutes(app: App, { people, sessions }: Context): void {
  app.get(
    "/people",
    {
      schema: { tags, summary: "Everybody who may sign in", response: answers(Type.Array(person)) },
    },
    async () => (await people.list()).filter(({ name }) => name !== "").map(personViewOf),
  )

  app.post(
    "/people",
    { schema: { tags, summary: "Add a person", body: newPerson, response: answers(person) } },
    async (request) => personViewOf(await people.add(request.body, personOf(request).id)),
  )

  app.patch(
    "/people/:id",
    {
      schema: {
        tags,
        summary: "Change a person's role or password, or keep them out",
        params: idParams,
        body: changedPerson,
        response: answers(person),
      },
    },
    async (request) => {
      const { id } = request.params
      const changed = await people.change(id, request.body, personOf(request).id)
      if (!changed.active || request.body.password !== undefined) await sessions.endAllOf(id)
      return personViewOf(changed)
    },
  )

  app.delete(
    "/people/:id",
    {
      schema: {
        tags,
        summary: "Forget a person's name and password; the ledger keeps the id",
        params: idParams,
        response: noAnswer,
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await people.erase(id, personOf(request).id)
      await sessions.endAllOf(id)
      return reply.code(204).send(null)
    },
  )
}

function personViewOf({ id, name, role, active }: KnownPerson): Person {
  return { id, name, role, active }
}
