import { Link } from "@tanstack/react-router"
import { useGaps, usePlant } from "../api/queries.ts"
import { Icon } from "../parts/icon.tsx"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { dayTime, number } from "../text/format.ts"
import { sayLength, useTexts, wordOf } from "../text/text.ts"

export function Gaps() {
  const { t } = useTexts()
  const { timezone } = usePlant()
  const gaps = useGaps()
  return (
    <Panel
      title={t("gaps.title")}
      sub={t("gaps.sub")}
      tools={
        <Link to="/completeness" className="btn">
          <Icon name="check" size={14} />
          {t("complete.title")}
        </Link>
      }
    >
      <Loaded query={gaps}>
        {(all) =>
          all.length === 0 ? (
            <Notice tight icon="check" title={t("gaps.none")}>
              {t("gaps.none.why")}
            </Notice>
          ) : (
            <div className="scroll gap-list">
              <table className="table">
                <thead>
                  <tr>
                    <th>{t("gaps.device")}</th>
                    <th>{t("gaps.from")}</th>
                    <th>{t("gaps.length")}</th>
                    <th>{t("gaps.because")}</th>
                    <th className="r">{t("gaps.size")}</th>
                  </tr>
                </thead>
                <tbody>
                  {all.map((gap) => {
                    return (
                      <tr key={gap.id}>
                        <td>{gap.device}</td>
                        <td className="nowrap">{dayTime(gap.from, timezone)}</td>
                        <td className="nowrap">
                          {gap.to === undefined ? t("gaps.open") : sayLength(t, gap.to - gap.from)}
                        </td>
                        <td>
                          {wordOf(t, "gap", gap.because)}
                          {gap.filled && (
                            <small className="muted">
                              {" "}
                              {t("complete.filled", { n: number(gap.filled.rows) })}
                            </small>
                          )}
                        </td>
                        <td className="r">
                          {gap.size === undefined ? t("gaps.unknown") : number(gap.size)}
                        </td>
                      </tr>
                    )
                  })}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </Panel>
  )
}
