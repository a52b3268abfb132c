import { Type } from "typebox"
import type { FoundPoint } from "../../../connect/connector.ts"
import type { WaitingChange } from "../../../kernel/config.ts"
import { certificateView, deviceView, type PendingChange, pendingChange } from "../../api.ts"
import { type PointsView, pointsView } from "../../points.ts"
import { certificateAct, reasonBody } from "../../requests.ts"
import { deviceViewOf } from "../../view/device.ts"
import { type App, type Context, personOf } from "../context.ts"
import { answers, idParams, limitQuery, noAnswer } from "./schemas.ts"

const tags = ["connect"]
/** A large machine on a slow line. */
const browseWithinMs = 120_000

export function connectRoutes(app: App, { parts }: Context): void {
  app.get(
    "/devices",
    {
      schema: {
        tags,
        summary: "Each configured connection and how it does",
        response: answers(Type.Array(deviceView)),
      },
    },
    async () => parts.devices.list().map(deviceViewOf),
  )

  app.get(
    "/devices/:id/points",
    {
      handlerTimeout: browseWithinMs,
      schema: {
        tags,
        summary: "Browse a connected machine: its values with their addresses",
        params: idParams,
        querystring: Type.Object({ limit: limitQuery(20_000, 2000) }),
        response: answers(pointsView),
      },
    },
    async (request) => {
      const { limit = 2000 } = request.query
      const found: FoundPoint[] = []
      const late = AbortSignal.timeout(browseWithinMs)
      for await (const point of parts.devices.browse(request.params.id, late)) {
        if (found.length === limit) return pointsViewOf(found, true)
        found.push(point)
      }
      return pointsViewOf(found, false)
    },
  )

  app.get(
    "/certificates",
    {
      schema: {
        tags,
        summary: "Certificates that machines showed",
        response: answers(Type.Array(certificateView)),
      },
    },
    async () =>
      (await parts.trust.list()).map(({ fingerprint, device, subject, seenAt, state }) => ({
        fingerprint,
        device,
        subject,
        seenAt,
        state,
      })),
  )

  for (const act of ["trust", "refuse"] as const)
    app.post(
      `/certificates/${act}`,
      {
        schema: {
          tags,
          summary:
            act === "trust" ? "Trust a machine's certificate" : "Refuse a machine's certificate",
          body: certificateAct,
          response: noAnswer,
        },
      },
      async (request, reply) => {
        await parts.trust[act](request.body.fingerprint, personOf(request).id)
        return reply.code(204).send(null)
      },
    )
}

export function changeRoutes(app: App, { parts }: Context): void {
  const { config } = parts

  app.get(
    "/changes",
    {
      schema: {
        tags,
        summary: "Changes of the plant's files that bear on safety and wait for an engineer",
        response: answers(Type.Array(pendingChange)),
      },
    },
    async () => config.pending().map(changeViewOf),
  )

  app.post(
    "/changes/:id/confirm",
    { schema: { tags, summary: "Put it in force", params: idParams, response: noAnswer } },
    async (request, reply) => {
      await config.confirm(request.params.id, personOf(request).id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    "/changes/:id/reject",
    {
      schema: {
        tags,
        summary: "Leave what is in force as it is",
        params: idParams,
        body: reasonBody,
        response: noAnswer,
      },
    },
    async (request, reply) => {
      await config.reject(request.params.id, personOf(request).id, request.body.reason)
      return reply.code(204).send(null)
    },
  )
}

function pointsViewOf(found: readonly FoundPoint[], more: boolean): PointsView {
  return {
    points: found.map(({ range, ...point }) => ({ ...point, ...(range && { range: [...range] }) })),
    more,
  }
}

/** Files stand in the heads of the diff; what of them bears on safety is the reason. */
function changeViewOf({ id, at, changes, diff }: WaitingChange): PendingChange {
  const files = [...diff.matchAll(/^\+\+\+ (?:b\/)?(\S+)/gm)].map(([, file]) => file)
  const waits = changes.filter((change) => change.class === "waits")
  const because = waits.map(({ subject, what }) => `${subject}: ${what}`)
  return { id, at, file: files.join(", "), because: because.join("; "), diff }
}
