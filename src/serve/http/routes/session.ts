import type { FastifyReply } from "fastify"
import { Problem } from "../../../model/problem.ts"
import { type Session, session } from "../../api.ts"
import type { KnownPerson } from "../../people/people.ts"
import { nameKey } from "../../people/people.ts"
import { randomSecret } from "../../people/secrets.ts"
import { csrfOf, longestMs } from "../../people/sessions.ts"
import { firstAdministrator, newPassword, signIn } from "../../requests.ts"
import { type App, type Context, personOf, type Visitor } from "../context.ts"
import { cookieName } from "../guard.ts"
import { answers, noAnswer } from "./schemas.ts"

const tags = ["session"]
/** For each address; the wait for one name comes on top. */
const rateLimit = { max: 20, timeWindow: 60_000 }

export function sessionRoutes(app: App, context: Context): void {
  const { first, passwords, patience, people, sessions, parts } = context

  app.get(
    "/session",
    {
      schema: { tags, summary: "Who I am, and the token for changes", response: answers(session) },
    },
    async ({ visitor }, reply) => {
      const token = visitor.token ?? randomSecret(256)
      if (visitor.token === undefined) setCookie(reply, token, context)
      return sessionOf({ ...visitor, token }, context)
    },
  )

  app.post(
    "/session",
    {
      config: { rateLimit },
      schema: { tags, summary: "Sign in", body: signIn, response: answers(session) },
    },
    async (request, reply) => {
      const { name, password } = request.body
      const key = nameKey(name)
      patience.ask(key, request.ip)
      const person = await people.named(name)
      if (!(await passwords.matches(password, person?.password)) || !person) {
        patience.failed(key, request.ip)
        parts.metrics.count("moru_sign_in_refused_total")
        parts.log.warn("a sign-in was refused", { address: request.ip })
        throw new Problem(
          "sign-in-refused",
          "sign-in",
          "the name and the password do not belong together",
        )
      }
      patience.succeeded(key, request.ip)
      return enter(person, request.visitor, reply)
    },
  )

  app.delete(
    "/session",
    { schema: { tags, summary: "Sign out", response: noAnswer } },
    async ({ visitor }, reply) => {
      if (visitor.token !== undefined) await sessions.end(visitor.token)
      return reply.clearCookie(cookieName, { path: "/" }).code(204).send(null)
    },
  )

  app.post(
    "/session/password",
    {
      config: { rateLimit },
      schema: { tags, summary: "Change my password", body: newPassword, response: noAnswer },
    },
    async (request, reply) => {
      const { id } = personOf(request)
      const person = await people.get(id)
      if (!(await passwords.matches(request.body.password, person?.password)))
        throw new Problem("sign-in-refused", "password", "it is not the present one")
      await people.change(id, { password: request.body.next }, id)
      await sessions.endAllOf(id, request.visitor.token)
      return reply.code(204).send(null)
    },
  )

  app.post(
    "/first-administrator",
    {
      config: { rateLimit },
      schema: {
        tags,
        summary: "Become the first administrator, with the token on the machine's console",
        body: firstAdministrator,
        response: answers(session),
      },
    },
    async (request, reply) => enter(await first.create(request.body), request.visitor, reply),
  )

  async function enter(person: KnownPerson, before: Visitor, reply: FastifyReply) {
    if (before.person && before.token !== undefined) await sessions.end(before.token)
    const token = await sessions.begin(person.id)
    setCookie(reply, token, context)
    return sessionOf({ kind: person.role, token, person }, context)
  }
}

async function sessionOf(visitor: Visitor & { token: string }, context: Context): Promise<Session> {
  const { person, kind, token } = visitor
  return {
    ...(person ? { person: { id: person.id, name: person.name, role: person.role } } : {}),
    lookAround: kind === "look-around",
    needsFirstAdministrator: !(await context.people.hasAdministrator()),
    csrf: csrfOf(token),
  }
}

function setCookie(reply: FastifyReply, token: string, { parts }: Context): void {
  reply.setCookie(cookieName, token, {
    path: "/",
    httpOnly: true,
    sameSite: "strict",
    secure: parts.listen.tls !== undefined,
    maxAge: longestMs / 1000,
  })
}
