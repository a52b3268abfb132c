import type { StorageView } from "../../../src/serve/api.ts"
import { usePlant, useStorage } from "../api/queries.ts"
import { AlarmMark } from "../parts/glyph.tsx"
import { Loaded } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { day, number, storageSize } from "../text/format.ts"
import { useTexts } from "../text/text.ts"

const kinds = ["samples", "journal", "catalog", "records", "other"] as const
const tiers = ["raw", "minutes", "hours"] as const
const ages = ["rawMs", "minutesMs", "hoursMs"] as const
const dayMs = 86_400_000

/** How full the data folder is, when it will be, and what is kept for how long. */
export function Storage() {
  const { t } = useTexts()
  const storage = useStorage()
  return (
    <Panel title={t("storage.title")}>
      <Loaded query={storage}>{(view) => <Fill view={view} />}</Loaded>
    </Panel>
  )
}

function Fill({ view }: { view: StorageView }) {
  const { t } = useTexts()
  const { timezone } = usePlant()
  const { usedBytes, budgetBytes, freeBytes, oldestSample, daysUntilFull } = view
  const share = Math.min(1, usedBytes / budgetBytes)
  return (
    <div className="body form storage">
      {view.state !== "good" && (
        <p
          className={`row storage-state ${view.state}`}
          role={view.state === "full" ? "alert" : "status"}
        >
          <AlarmMark priority={view.state === "full" ? 1 : 3} size={16} />
          <b>{t(`storage.state.${view.state}`)}</b>
        </p>
      )}
      <div>
        <p className="row storage-used">
          <b>
            {t("storage.used", { used: storageSize(usedBytes), budget: storageSize(budgetBytes) })}
          </b>
          <span className="muted push">{number(share * 100, share < 0.1 ? 1 : 0)} %</span>
        </p>
        <Bar view={view} />
      </div>
      <div className="storage-facts">
        <dl className="about">
          <dt>{t("storage.free")}</dt>
          <dd>{storageSize(freeBytes)}</dd>
          <dt>{t("storage.days")}</dt>
          <dd>{daysText()}</dd>
          <dt>{t("storage.oldest")}</dt>
          <dd>{oldestSample === undefined ? "–" : day(oldestSample, timezone)}</dd>
          {tiers.map((tier) => (
            <Row key={tier} name={t(`storage.tier.${tier}`)} bytes={view.tiers[tier]} />
          ))}
        </dl>
        <Retention rules={view.retention} />
      </div>
    </div>
  )

  function daysText(): string {
    if (daysUntilFull === undefined) return t("storage.days.unknown")
    return daysUntilFull > 3650
      ? t("storage.days.years")
      : t("storage.days.n", { n: number(daysUntilFull) })
  }
}

function Row({ name, bytes }: { name: string; bytes: number }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{storageSize(bytes)}</dd>
    </>
  )
}

/** Its parts from left to right are named beneath it, in the same order and brightness. */
function Bar({ view }: { view: StorageView }) {
  const { t } = useTexts()
  const { budgetBytes, usedBytes } = view
  const whole = Math.max(budgetBytes, usedBytes)
  const shown = kinds.filter((kind) => view.kinds[kind] > 0)
  return (
    <>
      <div className="storage-bar" aria-hidden="true">
        {shown.map((kind) => (
          <i
            key={kind}
            className={kind}
            style={{ width: `${(view.kinds[kind] / whole) * 100}%` }}
          />
        ))}
      </div>
      <ul className="storage-kinds">
        {shown.map((kind) => (
          <li key={kind} className={kind}>
            {t(`storage.kind.${kind}`)}{" "}
            <span className="muted">{storageSize(view.kinds[kind])}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Retention({ rules }: { rules: StorageView["retention"] }) {
  const { t } = useTexts()
  if (rules.length === 0) return <p className="muted">{t("storage.keeps-all")}</p>
  const said = (ms: number | undefined) => {
    if (ms === undefined) return t("storage.for-good")
    const days = ms / dayMs
    return days % 365 === 0
      ? t("storage.years.n", { n: number(days / 365) })
      : t("storage.days.n", { n: number(days) })
  }
  return (
    <div className="storage-rules">
      <table className="table">
        <thead>
          <tr>
            <th>{t("storage.tags")}</th>
            {tiers.map((tier) => (
              <th key={tier}>{t(`storage.tier.${tier}`)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <tr key={rule.tags}>
              <td className="clip">{rule.tags}</td>
              {ages.map((age) => (
                <td key={age} className="nowrap">
                  {said(rule[age])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
