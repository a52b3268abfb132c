import "@fastify/cookie"
import type { FastifyRequest } from "fastify"
import { Problem } from "../../model/problem.ts"
import { sameSecret } from "../people/secrets.ts"
import { csrfOf } from "../people/sessions.ts"
import { rightOfRoute } from "../rights.ts"
import { type App, type Context, demand, type Visitor } from "./context.ts"

export const cookieName = "moru-session"

const loopback = new Set(["localhost", "127.0.0.1", "::1"])
const quiet = new Set(["GET", "HEAD", "OPTIONS"])

export function isLoopback(host: string): boolean {
  return loopback.has(host)
}

/** Names the right of every route as it is added; one without stops the start. */
export function nameRights(app: App): void {
  app.addHook("onRoute", (route) => {
    for (const method of [route.method].flat()) {
      const right = rightOfRoute(method, route.url)
      if (right === undefined)
        throw new Problem(
          "unexpected",
          `route ${method} ${route.url}`,
          "got no right, expected one in src/serve/rights.ts",
        )
      route.config = { ...route.config, right }
    }
  })
}

/** Looks at each request before anything else does: where it goes, who asks, whether they may. */
export function guard(app: App, context: Context): void {
  app.decorateRequest("visitor")
  app.addHook("onRequest", async (request) => {
    checkHost(request, context)
    const visitor = await visitorOf(request, context)
    request.visitor = visitor
    if (request.is404) return
    const { right } = request.routeOptions.config
    const where = `${request.method} ${request.routeOptions.url}`
    if (right === undefined) throw new Problem("unexpected", where, "this route has no right")
    demand(visitor, right, where)
    const { fromMachine } = request.routeOptions.config
    if (!quiet.has(request.method) && !fromMachine) checkOrigin(request, visitor)
  })
}

/** Who has this session now: role and being active are looked up each time, so that a change holds at once. */
export async function visitorOf(request: FastifyRequest, context: Context): Promise<Visitor> {
  const { people, sessions, parts } = context
  const token = request.cookies[cookieName]
  const kind = parts.example ? "look-around" : "anonymous"
  if (!token) return { kind }
  const id = await sessions.personOf(token)
  const person = id === undefined ? undefined : await people.get(id)
  if (!person?.active) return { kind, token }
  const { name, role } = person
  return { kind: role, token, person: { id: person.id, name, role } }
}

/**
 * On loopback only the names of this machine are answered to: a page elsewhere whose name was made to point here (DNS
 * rebinding) sends its own name.
 */
function checkHost(request: FastifyRequest, { parts }: Context): void {
  if (!isLoopback(parts.listen.host)) return
  const host = request.hostname.replace(/^\[(.*)\]$/, "$1")
  if (!isLoopback(host))
    throw new Problem("request-invalid", "host", `got "${host}", expected localhost or 127.0.0.1`)
}

/** A change has to come from a page of ours (or from no page) that was told the session's secret. */
function checkOrigin(request: FastifyRequest, visitor: Visitor): void {
  const { origin } = request.headers
  const own = `${request.protocol}://${request.host}`
  if (origin !== undefined && origin !== own)
    throw new Problem("request-invalid", "origin", `got "${origin}", expected "${own}"`)
  const given = request.headers["x-csrf-token"]
  if (
    visitor.token === undefined ||
    typeof given !== "string" ||
    !sameSecret(given, csrfOf(visitor.token))
  )
    throw new Problem(
      "request-invalid",
      "header x-csrf-token",
      `got ${given === undefined ? "none" : "another"}, expected the csrf of GET /api/v1/session`,
    )
}
