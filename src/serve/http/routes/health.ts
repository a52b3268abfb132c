import { Type } from "typebox"
import { problemBody } from "../../api.ts"
import { type HealthView, healthView } from "../../health.ts"
import { holds } from "../../rights.ts"
import type { App, Context } from "../context.ts"
import { answers } from "./schemas.ts"

const tags = ["health"]

export function healthRoutes(app: App, { parts }: Context): void {
  app.get(
    "/health",
    {
      schema: {
        tags,
        summary: "Whether Moru works, for whoever watches over it",
        response: answers(healthView),
      },
    },
    async ({ visitor }): Promise<HealthView> => {
      const all = parts.health().map(({ name, health }) => ({ name, ...health }))
      const state = all.every((part) => part.state === "running") ? "running" : "degraded"
      const whole = { state, version: parts.version } as const
      return holds(visitor.kind, "read") ? { ...whole, parts: all } : whole
    },
  )
}

export function metricsRoute(app: App, { parts }: Context): void {
  app.get(
    "/metrics",
    {
      schema: {
        tags,
        summary: "Counts and gauges as Prometheus text",
        produces: ["text/plain"],
        response: { 200: Type.String(), default: problemBody },
      },
    },
    async (_request, reply) => {
      reply.type("text/plain; version=0.0.4; charset=utf-8")
      return parts.metrics.text()
    },
  )
}
