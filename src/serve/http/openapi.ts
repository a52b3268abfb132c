import swagger from "@fastify/swagger"
import swaggerUi from "@fastify/swagger-ui"
import * as api from "../api.ts"
import * as storage from "../api-storage.ts"
import { healthView } from "../health.ts"
import * as requests from "../requests.ts"
import type { App } from "./context.ts"

/** Makes the OpenAPI document from the routes' own schemas, which also check requests and type the screens. */
export async function describeRoutes(app: App, version: string): Promise<void> {
  app.addHook("onRoute", (route) => {
    if (!route.schema || route.schema.hide) return
    const { right } = route.config ?? {}
    route.schema = {
      operationId: operationId(`${route.method}`, route.url),
      ...route.schema,
      ...(right === "open" ? { security: [] } : {}),
      ...{ "x-right": right },
    }
  })
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Moru",
        version,
        description:
          "An open intelligent production system. Times are ms since 1970 UTC. Changes need the header " +
          "`x-csrf-token` with the `csrf` of `GET /api/v1/session`. Every failure is a problem with a code and a hint.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: {
        securitySchemes: { session: { type: "apiKey", in: "cookie", name: "moru-session" } },
      },
      security: [{ session: [] }],
    },
  })
}

export function documentRoute(app: App): void {
  app.get("/api/openapi.json", { schema: { hide: true } }, () => documentOf(app))
}

/** A page to try the API, from files of its own package; its scripts are files, so our policy holds for it too. */
export async function tryItPage(app: App): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: "/api",
    transformSpecification: () => documentOf(app),
    transformSpecificationClone: false,
    uiConfig: { docExpansion: "list", validatorUrl: null, requestInterceptor: withCsrf },
  })
}

interface PageRequest {
  readonly [key: string]: unknown
}

/** Runs in the page, where it is written out as it stands here: a change is sent with the session's token. */
async function withCsrf(request: PageRequest): Promise<PageRequest> {
  if ((request.method ?? "GET") === "GET") return request
  const answer = await fetch("/api/v1/session")
  const session = (await answer.json()) as { csrf: string }
  return { ...request, headers: { ...Object(request.headers), "x-csrf-token": session.csrf } }
}

const shapes = { ...api, ...requests, ...storage, healthView }

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The document with the schemas of `api.ts` and `requests.ts` by their names instead of repeated in full. */
export function documentOf(app: App): Record<string, unknown> {
  const document = app.swagger() as unknown as { [key: string]: Json }
  const names = new Map(
    Object.entries(shapes).map(([name, schema]) => [textOf(schema), titled(name)]),
  )
  const named = (value: Json, within?: string): Json => {
    const name = names.get(JSON.stringify(value))
    if (name !== undefined && name !== within) return { $ref: `#/components/schemas/${name}` }
    if (Array.isArray(value)) return value.map((each) => named(each))
    if (value === null || typeof value !== "object") return value
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        key === "description" ? said(each) : named(each),
      ]),
    )
  }
  const schemas = Object.entries(shapes).map(([name, schema]) => [
    titled(name),
    named(JSON.parse(textOf(schema)), titled(name)),
  ])
  const { components, ...rest } = named(document) as { components: object }
  return { ...rest, components: { ...components, schemas: Object.fromEntries(schemas) } }
}

/** The schemas carry no sentence for a whole answer; its shape says what it is. */
function said(description: Json): Json {
  return description === "Default Response" ? "The answer, or the problem" : description
}

function textOf(schema: unknown): string {
  return JSON.stringify(schema)
}

function titled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

/** `POST /api/v1/decisions/:id/approve` is `postDecisionsByIdApprove`. */
function operationId(method: string, url: string): string {
  const words = url.replace("/api/v1", "").split(/[^A-Za-z0-9:]+/)
  const named = words.map((word) =>
    word.startsWith(":") ? `By${titled(word.slice(1))}` : titled(word),
  )
  return method.toLowerCase() + named.join("")
}
