import { getRouteApi, Link } from "@tanstack/react-router"
import type { DecisionView } from "../../../src/serve/api.ts"
import { usePlantNow } from "../api/plant-clock.ts"
import { useDecisions, usePlant } from "../api/queries.ts"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { shortTime, signed } from "../text/format.ts"
import { sayLength, useTexts, wordOf } from "../text/text.ts"
import { Deciders } from "./deciders.tsx"
import { DecisionButtons } from "./decision-buttons.tsx"
import "./decision.css"

const route = getRouteApi("/decisions")
const shows = ["all", "acted", "rejected", "advice"] as const

/** What waits for a person, and what became of all before. */
export function DecisionsPage() {
  const { t } = useTexts()
  const decisions = useDecisions()
  const { show = "all" } = route.useSearch()
  return (
    <div className="page decisions">
      <Loaded query={decisions}>
        {(all) => {
          const newest = all.toSorted((a, b) => b.at - a.at)
          const waiting = newest.filter((each) => each.state === "proposed")
          const past = newest.filter((each) => each.state !== "proposed" && isShown(each, show))
          return (
            <>
              <Panel title={t("inbox.title")} sub={t("inbox.sub", { n: waiting.length })}>
                {waiting.map((decision) => (
                  <Waiting key={decision.id} decision={decision} />
                ))}
                {waiting.length === 0 && (
                  <Notice icon="check" title={t("inbox.none")}>
                    {t("inbox.none.why")}
                  </Notice>
                )}
              </Panel>
              <Panel
                title={t("decisions.past")}
                tools={
                  <span className="group">
                    {shows.map((each) => (
                      <Link
                        key={each}
                        to="/decisions"
                        search={{ show: each === "all" ? undefined : each }}
                        className={show === each ? "btn on" : "btn"}
                      >
                        {t(`decisions.${each}`)}
                      </Link>
                    ))}
                  </span>
                }
              >
                <Past decisions={past} />
              </Panel>
              <Deciders decisions={all} />
            </>
          )
        }}
      </Loaded>
    </div>
  )
}

function isShown({ state, policy }: DecisionView, show: string): boolean {
  if (show === "rejected") return state === "rejected" || state === "expired"
  if (show === "advice") return state === "advice" || policy === "advise"
  if (show === "acted") return !["rejected", "expired", "advice"].includes(state)
  return true
}

function Waiting({ decision }: { decision: DecisionView }) {
  const { t, say } = useTexts()
  const { equipment } = usePlant()
  const now = usePlantNow()
  const subject = equipment.find((each) => each.path === decision.subject)
  const left = sayLength(t, decision.expiresAt - now)
  return (
    <article className="waiting">
      <div>
        <Link to="/decisions/$id" params={{ id: decision.id }} className="title">
          {say(decision.title)}
        </Link>
        <small className="muted">
          {subject ? say(subject.name) : decision.subject} · {t("decision.left", { length: left })}
        </small>
      </div>
      <p>{say(decision.why)}</p>
      <DecisionButtons decision={decision} evidence />
    </article>
  )
}

function Past({ decisions }: { decisions: readonly DecisionView[] }) {
  const { t, say } = useTexts()
  const { equipment, tags, timezone } = usePlant()
  const now = usePlantNow()
  if (decisions.length === 0)
    return (
      <Notice icon="decision" title={t("decisions.none")}>
        {t("decisions.none.why")}
      </Notice>
    )
  return (
    <div className="scroll">
      <table className="table">
        <thead>
          <tr>
            <th>{t("decision.time")}</th>
            <th>{t("decision.what")}</th>
            <th className="wide">{t("lines.equipment")}</th>
            <th>{t("decision.state")}</th>
            <th className="r wide">{t("decision.expected")}</th>
            <th className="r">{t("decision.measured")}</th>
          </tr>
        </thead>
        <tbody>
          {decisions.map((each) => {
            const subject = equipment.find((candidate) => candidate.path === each.subject)
            const { expected, effect } = each
            const measure = tags.find((tag) => tag.path === (effect?.measure ?? expected?.measure))
            return (
              <tr key={each.id}>
                <td className="nowrap muted">{shortTime(each.at, now, timezone)}</td>
                <td>
                  <Link to="/decisions/$id" params={{ id: each.id }}>
                    {say(each.title)}
                  </Link>
                </td>
                <td className="nowrap wide">{subject ? say(subject.name) : each.subject}</td>
                <td className="nowrap">{wordOf(t, "decision.is", each.state)}</td>
                <td className="r nowrap wide">
                  {expected &&
                    `${signed(expected.change, measure?.decimals ?? 1)} ${expected.symbol}`}
                </td>
                <td className="r nowrap">
                  {effect?.change !== undefined ? (
                    <b>
                      {signed(effect.change, measure?.decimals ?? 1)} {effect.symbol}
                    </b>
                  ) : (
                    effect && <span className="muted">{t("effect.not-measurable")}</span>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
