import { Type } from "typebox"
import type { Completeness, DevicePart, GapPart } from "../../../historian/completeness.ts"
import type { Path } from "../../../model/path.ts"
import {
  type CompletenessView,
  completenessView,
  type DevicePartView,
  type ReportHeadView,
  type ReportView,
  reportBody,
  reportHeadView,
  reportView,
} from "../../api-completeness.ts"
import { completenessOf } from "../../report/completeness.ts"
import { type IssuedReport, Reports } from "../../report/reports.ts"
import { type Names, namesFor } from "../../view/record.ts"
import { type App, type Context, personOf } from "../context.ts"
import { equipmentAt, spanOf } from "./asked.ts"
import { answers, idParams, limitQuery, spanQuery } from "./schemas.ts"

const tags = ["completeness"]
const mostMs = 32 * 86_400_000
/** Every row of the interval is read. */
const readWithinMs = 600_000

export function completenessRoutes(app: App, { parts, people }: Context): void {
  const reports = new Reports(parts.store)
  const place = (path: string | undefined): Path | undefined =>
    path === undefined ? undefined : equipmentAt(path, parts)

  app.get(
    "/completeness",
    {
      handlerTimeout: readWithinMs,
      schema: {
        tags,
        summary: "What is missing in an interval and why, or that nothing is, with the evidence",
        description: "Reads every row of the interval; at most 32 days.",
        querystring: Type.Object({ ...spanQuery, equipment: Type.Optional(Type.String()) }),
        response: answers(completenessView),
      },
    },
    async ({ query, signal }) => {
      const span = spanOf(query, { clock: parts.clock, mostMs })
      const equipment = place(query.equipment)
      return completenessViewOf(await completenessOf({ span, equipment }, parts, signal))
    },
  )

  app.post(
    "/reports",
    {
      handlerTimeout: readWithinMs,
      schema: {
        tags,
        summary: "Issue a report on an interval: it is kept as it is, its digest in the ledger",
        body: reportBody,
        response: answers(reportView),
      },
    },
    async (request) => {
      const span = spanOf(request.body, { clock: parts.clock, mostMs })
      const equipment = place(request.body.equipment)
      // Of a request with a body the own signal aborts once the body is read.
      const late = AbortSignal.timeout(readWithinMs)
      const report = await completenessOf({ span, equipment }, parts, late)
      const by = personOf(request).id
      const head = { id: parts.ids(), at: parts.clock.now(), by, report }
      const issued = await reports.issue({ ...head, ...(equipment && { equipment }) })
      return reportViewOf(issued, await namesFor(request.visitor, people))
    },
  )

  app.get(
    "/reports",
    {
      schema: {
        tags,
        summary: "Issued reports, newest first",
        querystring: Type.Object({ limit: limitQuery(1000, 100) }),
        response: answers(Type.Array(reportHeadView)),
      },
    },
    async ({ query, visitor }) => {
      const { limit = 100 } = query
      const names = await namesFor(visitor, people)
      return (await reports.list()).slice(0, limit).map((issued) => headOf(issued, names))
    },
  )

  app.get(
    "/reports/:id",
    {
      schema: {
        tags,
        summary: "A report exactly as it was issued, with what came late since",
        params: idParams,
        response: answers(reportView),
      },
    },
    async ({ params, visitor }) =>
      reportViewOf(await reports.get(params.id), await namesFor(visitor, people)),
  )
}

function headOf(issued: IssuedReport, names: Names): ReportHeadView {
  const { id, at, by, equipment, digest, record = "", annotations, report } = issued
  const byName = names.get(by)
  return {
    ...{ id, at, by, digest, record },
    ...(byName !== undefined && { byName }),
    ...(equipment !== undefined && { equipment }),
    ...{ from: report.from, to: report.to, verdict: report.verdict },
    annotations: annotations.map((each) => ({ ...each })),
  }
}

function reportViewOf(issued: IssuedReport, names: Names): ReportView {
  return { ...headOf(issued, names), report: completenessViewOf(issued.report) }
}

function completenessViewOf({ devices, clock, ...head }: Completeness): CompletenessView {
  return { ...head, devices: devices.map(deviceOf), clock: clock.map(gapOf) }
}

function deviceOf(part: DevicePart): DevicePartView {
  return {
    ...part,
    equipment: [...part.equipment],
    doubts: [...part.doubts],
    silentTags: [...part.silentTags],
    sources: part.sources.map((source) => ({ ...source, holes: [...source.holes] })),
    cycles: [...part.cycles],
    gaps: part.gaps.map(gapOf),
    silences: [...part.silences],
  }
}

function gapOf(part: GapPart): CompletenessView["clock"][number] {
  return { ...part, left: [...part.left] }
}
