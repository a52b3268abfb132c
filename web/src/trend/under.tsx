import { Link } from "@tanstack/react-router"
import {
  type Span,
  useAlarms,
  useDecisions,
  useFindings,
  usePlant,
  useStates,
} from "../api/queries.ts"
import { AlarmMark } from "../parts/glyph.tsx"
import { Icon } from "../parts/icon.tsx"
import { StateStrip } from "../parts/state-strip.tsx"
import { clockTime } from "../text/format.ts"
import { useTexts } from "../text/text.ts"

/** Laid under the line, on the same time: states, and the alarms, findings and decisions of the equipment. */
export function Under({ equipment, span }: { equipment: string; span: Span }) {
  const { say } = useTexts()
  const { timezone } = usePlant()
  const states = useStates(equipment, span).data ?? []
  const alarms = useAlarms().data ?? []
  const findings = useFindings().data ?? []
  const decisions = useDecisions().data ?? []
  const inside = (at: number | undefined): at is number =>
    at !== undefined && at >= span.from && at <= span.to
  const left = (at: number) => ({ left: `${((at - span.from) / (span.to - span.from)) * 100}%` })
  const title = (at: number, text: string) => `${clockTime(at, timezone)} ${text}`
  return (
    <div className="under">
      <StateStrip spans={states} span={span} zone={timezone} />
      <div className="marks">
        {alarms.map((alarm) =>
          alarm.equipment === equipment && inside(alarm.raisedAt) ? (
            <Link
              key={alarm.id}
              to="/alarms"
              search={{ equipment }}
              style={left(alarm.raisedAt)}
              title={title(alarm.raisedAt, say(alarm.text))}
            >
              <AlarmMark priority={alarm.priority} state={alarm.state} size={14} />
            </Link>
          ) : null,
        )}
        {findings.map((finding) =>
          finding.equipment === equipment && inside(finding.at) && finding.record ? (
            <Link
              key={finding.id}
              to="/ledger/$id"
              params={{ id: finding.record }}
              style={left(finding.at)}
              title={title(finding.at, say(finding.title))}
            >
              <Icon name="search" size={14} />
            </Link>
          ) : null,
        )}
        {decisions.map((decision) =>
          decision.subject === equipment && inside(decision.at) ? (
            <Link
              key={decision.id}
              to="/decisions/$id"
              params={{ id: decision.id }}
              style={left(decision.at)}
              title={title(decision.at, say(decision.title))}
            >
              <Icon name="decision" size={15} />
            </Link>
          ) : null,
        )}
      </div>
    </div>
  )
}
