import type { DecisionView } from "../../../src/serve/api.ts"
import { Panel } from "../parts/panel.tsx"
import { useTexts } from "../text/text.ts"

/** What each decider proposed and what of it was proven. */
export function Deciders({ decisions }: { decisions: readonly DecisionView[] }) {
  const { t } = useTexts()
  const names = [...new Set(decisions.map((each) => each.decider))].sort()
  if (names.length === 0) return null
  return (
    <Panel title={t("deciders.title")} sub={t("deciders.sub")}>
      <table className="table">
        <thead>
          <tr>
            <th>{t("deciders.name")}</th>
            <th className="r">{t("deciders.proposed")}</th>
            <th className="r">{t("deciders.approved")}</th>
            <th className="r">{t("deciders.rejected")}</th>
            <th className="r">{t("deciders.measured")}</th>
            <th className="r">{t("deciders.proven")}</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const own = decisions.filter((each) => each.decider === name)
            const count = (is: (each: DecisionView) => boolean) => own.filter(is).length
            return (
              <tr key={name}>
                <td>{name}</td>
                <td className="r">{own.length}</td>
                <td className="r">{count((each) => each.command !== undefined)}</td>
                <td className="r">
                  {count((each) => each.state === "rejected" || each.state === "expired")}
                </td>
                <td className="r">{count((each) => each.effect?.change !== undefined)}</td>
                <td className="r">{count((each) => each.effect?.proven === true)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Panel>
  )
}
