import { Type } from "typebox"
import type { KnownState, StateSpan } from "../../../analyse/state.ts"
import type { Cycle } from "../../../model/cycle.ts"
import type { Path } from "../../../model/path.ts"
import type { Plant } from "../../../model/plant.ts"
import { type Overview, overview, stateSpans } from "../../api.ts"
import type { ServeParts } from "../../serve.ts"
import type { App, Context } from "../context.ts"
import { equipmentAt, type Span, spanOf } from "./asked.ts"
import { answers, spanQuery } from "./schemas.ts"

const tags = ["plant"]
const mostMs = 32 * 86_400_000

export function overviewRoutes(app: App, { parts }: Context): void {
  app.get(
    "/overview",
    {
      schema: {
        tags,
        summary: "Cycles, verdicts and states of each equipment in a span of time",
        querystring: Type.Object(spanQuery),
        response: answers(overview),
      },
    },
    async (request) => {
      const span = spanOf(request.query, { clock: parts.clock, mostMs })
      const rows = []
      for (const path of watched(parts.plant()))
        rows.push(await rowOf(path, span, { parts, signal: request.signal }))
      return { ...span, equipment: rows }
    },
  )

  app.get(
    "/states",
    {
      schema: {
        tags,
        summary: "What an equipment did, without holes",
        querystring: Type.Object({ equipment: Type.String(), ...spanQuery }),
        response: answers(stateSpans),
      },
    },
    async (request) => {
      const span = spanOf(request.query, { clock: parts.clock, mostMs })
      const path = equipmentAt(request.query.equipment, parts)
      return [...(await parts.states.spans(path, span, request.signal))]
    },
  )
}

/** Equipment whose cycles or states the plant's files name. */
function watched(plant: Plant): ReadonlySet<Path> {
  return new Set([...plant.cycles, ...plant.states].map(({ equipment }) => equipment))
}

async function rowOf(
  path: Path,
  span: Span,
  { parts, signal }: { parts: ServeParts; signal: AbortSignal },
): Promise<Overview["equipment"][number]> {
  const cycles = await parts.cycles.read({ equipment: path, ...span })
  const states = await parts.states.spans(path, span, signal)
  const seconds = meanSeconds(cycles)
  return {
    path,
    cycles: cycles.length,
    bad: cycles.filter(({ verdict }) => verdict === "bad").length,
    trial: cycles.filter(({ verdict }) => verdict === "trial").length,
    ...(seconds === undefined ? {} : { cycleSeconds: seconds }),
    runningMs: lengthOf(states, (state) => state === "running"),
    stoppedMs: lengthOf(states, (state) => state !== "running" && state !== "unknown"),
    unknownMs: lengthOf(states, (state) => state === "unknown"),
    states: [...states],
  }
}

function meanSeconds(cycles: readonly Cycle[]): number | undefined {
  if (cycles.length === 0) return undefined
  const total = cycles.reduce((sum, { start, end }) => sum + (end - start), 0)
  return total / cycles.length / 1000
}

function lengthOf(spans: readonly StateSpan[], counts: (state: KnownState) => boolean): number {
  return spans
    .filter(({ state }) => counts(state))
    .reduce((sum, { from, to }) => sum + (to - from), 0)
}
