import { Link } from "@tanstack/react-router"
import type { DecisionView } from "../../../src/serve/api.ts"
import { usePlantNow } from "../api/plant-clock.ts"
import { useDecisions, usePlant } from "../api/queries.ts"
import { DecisionButtons } from "../decision/decision-buttons.tsx"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { shortTime, signed } from "../text/format.ts"
import { sayLength, useTexts } from "../text/text.ts"
import "./side.css"

export function Inbox() {
  const { t } = useTexts()
  const decisions = useDecisions()
  const waiting = decisions.data?.filter((each) => each.state === "proposed") ?? []
  return (
    <Panel
      title={t("inbox.title")}
      sub={t("inbox.sub", { n: waiting.length })}
      tools={<Link to="/decisions">{t("all")}</Link>}
      className="inbox"
    >
      <div className="scroll">
        <Loaded query={decisions}>
          {() =>
            waiting.length === 0 ? (
              <Notice tight icon="check" title={t("inbox.none")}>
                {t("inbox.none.why")}
              </Notice>
            ) : (
              waiting.map((decision) => <Waiting key={decision.id} decision={decision} />)
            )
          }
        </Loaded>
      </div>
    </Panel>
  )
}

function Waiting({ decision }: { decision: DecisionView }) {
  const { t, say } = useTexts()
  const { timezone, tags } = usePlant()
  const now = usePlantNow()
  const left = sayLength(t, decision.expiresAt - now)
  const { expected } = decision
  const measure = tags.find((tag) => tag.path === expected?.measure)
  return (
    <article className="dec">
      <div className="h">
        <Link to="/decisions/$id" params={{ id: decision.id }}>
          {say(decision.title)}
        </Link>
        <time className="tm">{shortTime(decision.at, now, timezone)}</time>
      </div>
      <p>{say(decision.why)}</p>
      <div className="imp num">
        {expected && (
          <span>
            {measure && say(measure.name)}{" "}
            <b>
              {signed(expected.change, measure?.decimals)} {expected.symbol}
            </b>{" "}
            ({signed(expected.low, measure?.decimals)} … {signed(expected.high, measure?.decimals)})
          </span>
        )}
        <span>{t("decision.left", { length: left })}</span>
      </div>
      <DecisionButtons decision={decision} evidence />
    </article>
  )
}
