import { Link } from "@tanstack/react-router"
import { usePlant, useReports } from "../api/queries.ts"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { dayTime } from "../text/format.ts"
import { useTexts } from "../text/text.ts"
import { VerdictMark, verdictText } from "./verdict.tsx"

/** Reports that people issued, as they were. */
export function IssuedReports({ shown }: { shown: string | undefined }) {
  const { t } = useTexts()
  const { timezone } = usePlant()
  const reports = useReports()
  const time = (at: number) => dayTime(at, timezone).slice(0, 16)
  return (
    <Panel title={t("complete.issued")} sub={t("complete.issued.sub")} className="no-print">
      <Loaded query={reports}>
        {(all) =>
          all.length === 0 ? (
            <Notice tight icon="ledger" title={t("complete.issued.none")}>
              {t("complete.issued.none.why")}
            </Notice>
          ) : (
            <ul className="issued">
              {all.map((each) => (
                <li key={each.id} className={each.id === shown ? "on" : ""}>
                  <Link to="/completeness" search={{ report: each.id }}>
                    <VerdictMark verdict={each.verdict} />
                    <span>
                      <b className="num">
                        {time(each.from)} – {time(each.to).slice(11)}
                      </b>
                      <small>
                        {t(verdictText(each.verdict))} · {time(each.at)} · {each.byName ?? each.by}
                      </small>
                      {each.annotations.length > 0 && (
                        <small>{t("complete.issued.late", { n: each.annotations.length })}</small>
                      )}
                      <small className="code muted">{each.digest.slice(0, 24)}</small>
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  )
}
