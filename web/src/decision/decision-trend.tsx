import { lazy, Suspense, useMemo } from "react"
import type { DecisionView } from "../../../src/serve/api.ts"
import { plantNow, usePlantNow } from "../api/plant-clock.ts"
import { useHistory, usePlant } from "../api/queries.ts"
import { Panel } from "../parts/panel.tsx"
import { type Translate, useTexts } from "../text/text.ts"
import type { Notes } from "../trend/notes.ts"
import { Under } from "../trend/under.tsx"

const Chart = lazy(async () => ({ default: (await import("../trend/chart.tsx")).Chart }))
const buckets = 400
const stepMs = 60_000

/** What the decision is measured by: from well before its evidence to the end of its effect, or to now. */
export function DecisionTrend({ decision }: { decision: DecisionView }) {
  const { t, say } = useTexts()
  const { tags, timezone } = usePlant()
  const now = usePlantNow()
  const { expected, effect, because } = decision
  const path = effect?.measure ?? expected?.measure ?? because[0]?.tag
  const tag = tags.find((each) => each.path === path && each.kind === "number")
  const first = Math.min(
    decision.at,
    effect?.before?.from ?? decision.at,
    ...because.map((each) => each.from),
  )
  const last =
    effect?.after?.to ?? Math.min(now, decision.at + 6 * (decision.at - first) + 3_600_000)
  const room = Math.max(300_000, (last - first) * 0.2)
  const span = {
    from: Math.floor((first - room) / stepMs) * stepMs,
    to: Math.ceil((last + (effect?.after ? room * 0.2 : 0)) / stepMs) * stepMs,
  }
  const history = useHistory(tag ? [tag.path] : [], span, buckets)
  const notes = useMemo(() => notesOf(decision, t), [decision, t])
  if (!tag) return null
  return (
    <Panel title={t("nav.trend")} sub={say(tag.name)} className="decision-trend">
      <div className="chart-box">
        <Suspense fallback={<div className="loading" />}>
          <Chart
            tag={tag}
            zone={timezone}
            span={span}
            history={history.data}
            now={plantNow()}
            notes={notes}
            still
          />
        </Suspense>
      </div>
      <Under equipment={decision.subject} span={span} />
    </Panel>
  )
}

/** When it was proposed and written, and the windows that were compared. */
function notesOf({ at, command, effect }: DecisionView, t: Translate): Notes {
  const written = command?.writes.some((write) => write.outcome.state === "done")
  return {
    marks: [
      { at, text: t("life.proposed") },
      ...(command && written ? [{ at: command.at, text: t("life.written.short") }] : []),
    ],
    windows: [
      ...(effect?.before ? [{ ...effect.before, text: t("effect.before") }] : []),
      ...(effect?.after ? [{ ...effect.after, text: t("effect.after") }] : []),
    ],
  }
}
