import type { IncomingMessage, ServerResponse } from "node:http"
import type { Server } from "node:https"
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox"
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from "fastify"
import type { Role } from "../../model/command.ts"
import { Problem } from "../../model/problem.ts"
import type { LiveHub } from "../live/hub.ts"
import type { FirstAdministrator } from "../people/first.ts"
import type { Passwords } from "../people/passwords.ts"
import type { Patience } from "../people/patience.ts"
import type { People } from "../people/people.ts"
import type { Sessions } from "../people/sessions.ts"
import { holds, type Right, type VisitorKind } from "../rights.ts"
import type { ServeParts } from "../serve.ts"

/** What routes work with. */
export interface Context {
  readonly parts: ServeParts
  readonly people: People
  readonly sessions: Sessions
  readonly passwords: Passwords
  readonly patience: Patience
  readonly first: FirstAdministrator
  readonly live: LiveHub
}

export type App = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** Who asks, as known from the session's cookie. */
export interface Visitor {
  readonly kind: VisitorKind
  /** The cookie's token; of a session where `person` is there, else only for the CSRF check of sign-in. */
  readonly token?: string
  readonly person?: { readonly id: string; readonly name: string; readonly role: Role }
}

declare module "fastify" {
  interface FastifyRequest {
    visitor: Visitor
  }
  interface FastifyContextConfig {
    right?: Right
    /** A machine sends to this route with a credential in its header; no cookie counts, so no other page can use one. */
    fromMachine?: true
  }
}

/** The person behind a change. Routes whose right needs a person always have one. */
export function personOf({ visitor }: Pick<FastifyRequest, "visitor">) {
  if (visitor.person) return visitor.person
  throw new Problem("sign-in-needed", "request", "got no signed-in person, expected one")
}

export function authorOf(request: Pick<FastifyRequest, "visitor">): {
  readonly person: string
  readonly role: Role
} {
  const { id, role } = personOf(request)
  return { person: id, role }
}

/** Throws `sign-in-needed` or `right-missing`. */
export function demand(visitor: Visitor, right: Right, where: string): void {
  if (holds(visitor.kind, right)) return
  if (visitor.person)
    throw new Problem(
      "right-missing",
      where,
      `got the role ${visitor.person.role}, expected one with the right "${right}"`,
    )
  throw new Problem("sign-in-needed", where, `got nobody signed in, expected the right "${right}"`)
}
