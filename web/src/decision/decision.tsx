import { getRouteApi, Link } from "@tanstack/react-router"
import type { DecisionView } from "../../../src/serve/api.ts"
import { usePlantNow } from "../api/plant-clock.ts"
import { useDecisions, useFindings, usePlant } from "../api/queries.ts"
import { EvidenceList } from "../parts/evidence.tsx"
import { valueText } from "../parts/live-value.tsx"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { dayTime } from "../text/format.ts"
import { sayLength, useTexts, wordOf } from "../text/text.ts"
import { CommandOutcome } from "./command-outcome.tsx"
import { DecisionButtons } from "./decision-buttons.tsx"
import { DecisionTrend } from "./decision-trend.tsx"
import { Effect } from "./effect.tsx"
import { Life } from "./life.tsx"
import "./decision.css"

const route = getRouteApi("/decisions/$id")

/** One proposal with all that it stands on, and what became of it. */
export function DecisionPage() {
  const { t } = useTexts()
  const { id } = route.useParams()
  const decisions = useDecisions()
  return (
    <div className="page decision">
      <Loaded query={decisions}>
        {(all) => {
          const decision = all.find((each) => each.id === id)
          if (decision) return <Whole decision={decision} />
          return (
            <Notice
              icon="search"
              title={t("decision.none")}
              step={<Link to="/decisions">{t("crumbs.all")}</Link>}
            />
          )
        }}
      </Loaded>
    </div>
  )
}

function Whole({ decision }: { decision: DecisionView }) {
  const { t, say } = useTexts()
  const { equipment, timezone } = usePlant()
  const now = usePlantNow()
  const findings = useFindings().data?.filter((each) => decision.findings.includes(each.id)) ?? []
  const subject = equipment.find((each) => each.path === decision.subject)
  const left = sayLength(t, decision.expiresAt - now)
  return (
    <>
      <section className="panel what">
        <div className="body">
          <div className="row wrap">
            <span className="chip">{wordOf(t, "decision.is", decision.state)}</span>
            <Link to="/equipment/$" params={{ _splat: decision.subject }}>
              {subject ? say(subject.name) : decision.subject}
            </Link>
            <span className="muted">{decision.decider}</span>
            <span className="push muted num">
              {dayTime(decision.at, timezone)}
              {decision.state === "proposed" && ` · ${t("decision.left", { length: left })}`}
            </span>
          </div>
          <h2>{say(decision.title)}</h2>
          <p>{say(decision.why)}</p>
          <div className="act">
            <Writes decision={decision} />
            <DecisionButtons decision={decision} />
            <small className="muted">{t(`policy.${policyOf(decision.policy)}`)}</small>
          </div>
        </div>
      </section>
      <div className="stack pair">
        <Panel title={t("decision.effect")} sub={t("decision.effect.sub")}>
          <Effect decision={decision} />
        </Panel>
        <DecisionTrend decision={decision} />
        <Panel title={t("decision.evidence")} sub={t("decision.evidence.sub")}>
          <div className="body">
            {findings.map((finding) => (
              <p key={finding.id}>
                {finding.record ? (
                  <Link to="/ledger/$id" params={{ id: finding.record }}>
                    {say(finding.title)}
                  </Link>
                ) : (
                  say(finding.title)
                )}
              </p>
            ))}
            <EvidenceList evidence={decision.because} />
          </div>
        </Panel>
      </div>
      <div className="stack">
        <Panel title={t("decision.otherwise")}>
          <div className="body otherwise">
            <h3>{t("decision.ignored")}</h3>
            <p>{say(decision.ifIgnored)}</p>
            {decision.alternatives.length > 0 && (
              <>
                <h3>{t("decision.alternatives")}</h3>
                <ul>
                  {decision.alternatives.map((each) => (
                    <li key={each.en}>{say(each)}</li>
                  ))}
                </ul>
              </>
            )}
          </div>
        </Panel>
        <Panel
          title={t("decision.life")}
          tools={
            <Link to="/ledger/$id" params={{ id: decision.record }}>
              {t("chain.way")}
            </Link>
          }
        >
          <Life decision={decision} />
        </Panel>
        {decision.command && (
          <Panel title={t("decision.command")}>
            <CommandOutcome command={decision.command} />
          </Panel>
        )}
      </div>
    </>
  )
}

/** Policies come from files, so a new one is no crash. */
function policyOf(policy: string) {
  return policy === "automatic" || policy === "advise" ? policy : "approve"
}

function Writes({ decision }: { decision: DecisionView }) {
  const { t, say } = useTexts()
  const { tags } = usePlant()
  if (decision.request) return <p className="request">{decision.request}</p>
  return (
    <ul className="writes num">
      {decision.writes.map((write) => {
        const tag = tags.find((each) => each.path === write.target)
        const shown = (value: typeof write.value) =>
          tag ? `${valueText(tag, value, t)} ${tag.symbol}` : String(value)
        return (
          <li key={write.target}>
            <span>{tag ? say(tag.name) : write.target}</span>
            {write.expect !== undefined && <span>{shown(write.expect)} →</span>}
            <b>{shown(write.value)}</b>
          </li>
        )
      })}
    </ul>
  )
}
