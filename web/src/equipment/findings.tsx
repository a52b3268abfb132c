import { Link } from "@tanstack/react-router"
import { usePlantNow } from "../api/plant-clock.ts"
import { useFindings, usePlant } from "../api/queries.ts"
import { EvidenceList } from "../parts/evidence.tsx"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { number, shortTime } from "../text/format.ts"
import { useTexts } from "../text/text.ts"

export function Findings({ equipment }: { equipment: string }) {
  const { t, say } = useTexts()
  const { timezone } = usePlant()
  const now = usePlantNow()
  const findings = useFindings()
  return (
    <Panel title={t("findings.title")} sub={t("findings.sub")}>
      <Loaded query={findings}>
        {(all) => {
          const open = all.filter((each) => each.open && each.equipment === equipment)
          if (open.length === 0)
            return (
              <Notice tight icon="check" title={t("findings.none")}>
                {t("findings.none.why")}
              </Notice>
            )
          return open.map((finding) => (
            <article className="body finding" key={finding.id}>
              <div className="row">
                <b>{say(finding.title)}</b>
                <time className="push muted">{shortTime(finding.at, now, timezone)}</time>
              </div>
              <EvidenceList evidence={finding.because} />
              <div className="row muted">
                <small>{t("findings.sure", { n: number(finding.confidence * 100) })}</small>
                {finding.record && (
                  <Link className="push" to="/ledger/$id" params={{ id: finding.record }}>
                    {t("chain.way")}
                  </Link>
                )}
              </div>
            </article>
          ))
        }}
      </Loaded>
    </Panel>
  )
}
