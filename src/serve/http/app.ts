import type { ServerOptions } from "node:https"
import cookie from "@fastify/cookie"
import helmet from "@fastify/helmet"
import rateLimit from "@fastify/rate-limit"
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox"
import fastify, { type RouteOptions } from "fastify"
import { Problem } from "../../model/problem.ts"
import type { App, Context } from "./context.ts"
import { guard, nameRights } from "./guard.ts"
import { describeRoutes, documentRoute, tryItPage } from "./openapi.ts"
import { answerNoHttp, answerProblems } from "./problems.ts"
import { alarmRoutes } from "./routes/alarms.ts"
import { automaticRoutes } from "./routes/automatic.ts"
import { commandRoutes } from "./routes/commands.ts"
import { completenessRoutes } from "./routes/completeness.ts"
import { changeRoutes, connectRoutes } from "./routes/connect.ts"
import { cycleRoutes } from "./routes/cycles.ts"
import { decideRoutes } from "./routes/decide.ts"
import { decisionRoutes } from "./routes/decisions.ts"
import { edgeRoutes } from "./routes/edge.ts"
import { entryRoutes } from "./routes/entries.ts"
import { exportRoutes } from "./routes/export.ts"
import { findingRoutes } from "./routes/findings.ts"
import { gapRoutes } from "./routes/gaps.ts"
import { healthRoutes, metricsRoute } from "./routes/health.ts"
import { historyRoutes } from "./routes/history.ts"
import { ledgerRoutes } from "./routes/ledger.ts"
import { lineProtocolRoutes } from "./routes/line-protocol.ts"
import { liveRoutes } from "./routes/live.ts"
import { overviewRoutes } from "./routes/overview.ts"
import { peopleRoutes } from "./routes/people.ts"
import { plantRoutes } from "./routes/plant.ts"
import { sessionRoutes } from "./routes/session.ts"
import { sqlRoutes } from "./routes/sql.ts"
import { storageRoutes } from "./routes/storage.ts"
import { screens } from "./screens.ts"
import { validatorCompiler } from "./validate.ts"

const v1 = [
  healthRoutes,
  sessionRoutes,
  peopleRoutes,
  plantRoutes,
  liveRoutes,
  overviewRoutes,
  historyRoutes,
  exportRoutes,
  sqlRoutes,
  cycleRoutes,
  completenessRoutes,
  gapRoutes,
  alarmRoutes,
  findingRoutes,
  decisionRoutes,
  decideRoutes,
  commandRoutes,
  automaticRoutes,
  ledgerRoutes,
  connectRoutes,
  entryRoutes,
  edgeRoutes,
  changeRoutes,
  storageRoutes,
]

export interface AppOptions {
  readonly tls?: Pick<ServerOptions, "cert" | "key">
  /** False where the screens are not built. */
  readonly screensBuilt: boolean
  /** Hears of each route as it is added. */
  readonly heard?: (route: Pick<RouteOptions, "method" | "url">) => void
}

/** All routes with their guard; nothing listens yet. */
export async function buildApp(context: Context, options: AppOptions): Promise<App> {
  const answer = answerProblems(context.parts.log)
  const app: App = fastify({
    https: options.tls ?? null,
    bodyLimit: 64 * 1024,
    requestTimeout: 30_000,
    handlerTimeout: 60_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    clientErrorHandler: answerNoHttp,
    frameworkErrors: answer,
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  // Answers are made by views, key by key, so nothing has to be filtered out of them; NaN becomes null.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
  app.setErrorHandler(answer)
  nameRights(app)
  if (options.heard) app.addHook("onRoute", options.heard)
  await app.register(cookie)
  await app.register(helmet, headers(options.tls !== undefined))
  await app.register(rateLimit, { global: false, errorResponseBuilder: tooMany })
  await describeRoutes(app, context.parts.version)
  guard(app, context)
  count(app, context)
  app.register(
    async (api: App) => {
      for (const routes of v1) routes(api, context)
    },
    { prefix: "/api/v1" },
  )
  metricsRoute(app, context)
  lineProtocolRoutes(app, context)
  documentRoute(app)
  await tryItPage(app)
  await screens(app, { folder: context.parts.webFolder, built: options.screensBuilt })
  return app
}

function count(app: App, { parts }: Context): void {
  app.addHook("onResponse", async (request, reply) => {
    const { method } = request
    const route = request.routeOptions.url ?? "none"
    const labels = { method, route, status: `${reply.statusCode}` }
    parts.metrics.count("moru_http_requests_total", labels)
  })
}

function tooMany(_request: unknown, { after }: { after: string }): Problem {
  return new Problem(
    "too-many-requests",
    "request",
    `too many in a row, expected the next in ${after}`,
  )
}

function headers(tls: boolean): Parameters<typeof helmet>[1] {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Mantine and the page to try the API set styles from scripts; scripts themselves never stand in a page.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: tls ? { maxAge: 15_552_000 } : false,
    referrerPolicy: { policy: "no-referrer" },
    xFrameOptions: { action: "deny" },
  }
}
