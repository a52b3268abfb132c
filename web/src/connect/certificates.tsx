import { useCertificateChange } from "../api/changes.ts"
import { useCertificates, usePlant } from "../api/queries.ts"
import { Loaded, Notice, RefusedLine } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { dayTime } from "../text/format.ts"
import { useTexts } from "../text/text.ts"

export function Certificates() {
  const { t } = useTexts()
  const { timezone } = usePlant()
  const certificates = useCertificates()
  const change = useCertificateChange()
  return (
    <Panel title={t("certificates.title")} sub={t("certificates.sub")}>
      <Loaded query={certificates}>
        {(all) =>
          all.length === 0 ? (
            <Notice tight icon="shield" title={t("certificates.none")}>
              {t("certificates.none.why")}
            </Notice>
          ) : (
            <ul>
              {all.map((each) => (
                <li key={each.fingerprint} className="entry">
                  <div className="row wrap">
                    <b>{each.device}</b>
                    <span className="clip">{each.subject}</span>
                    <span className="chip push">{t(`certificates.${each.state}`)}</span>
                  </div>
                  <p className="code">{each.fingerprint}</p>
                  <div className="row wrap">
                    <small className="muted num">{dayTime(each.seenAt, timezone)}</small>
                    {each.state !== "trusted" && (
                      <button
                        type="button"
                        className="btn push"
                        disabled={change.isPending}
                        onClick={() =>
                          change.mutate({ fingerprint: each.fingerprint, act: "trust" })
                        }
                      >
                        {t("certificates.trust")}
                      </button>
                    )}
                    {each.state !== "refused" && (
                      <button
                        type="button"
                        className={each.state === "trusted" ? "btn push" : "btn"}
                        disabled={change.isPending}
                        onClick={() =>
                          change.mutate({ fingerprint: each.fingerprint, act: "refuse" })
                        }
                      >
                        {t("certificates.refuse")}
                      </button>
                    )}
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <RefusedLine error={change.error} />
    </Panel>
  )
}
