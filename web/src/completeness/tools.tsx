import { getRouteApi } from "@tanstack/react-router"
import { useIssueReport } from "../api/changes.ts"
import { plantNow } from "../api/plant-clock.ts"
import { type Span, usePlant } from "../api/queries.ts"
import { Icon } from "../parts/icon.tsx"
import { RefusedLine } from "../parts/notice.tsx"
import { useTexts } from "../text/text.ts"
import { dayOf, fieldText, instantOf, lastShift, type Shift, shifts } from "./spans.ts"

const route = getRouteApi("/completeness")

interface AskedProps {
  readonly span: Span
  readonly equipment: string | undefined
}

/** Which time and whose: a shift by its clock times, a day, or any. */
function Asked({ span, equipment }: AskedProps) {
  const { t, say } = useTexts()
  const plant = usePlant()
  const zone = plant.timezone
  const navigate = route.useNavigate()
  const ask = (next: Partial<Span> & { equipment?: string | undefined }) =>
    void navigate({ search: { ...span, equipment, ...next }, replace: true })
  const field = (end: "from" | "to") => (
    <label className="field-time">
      <span>{t(`complete.${end}`)}</span>
      <input
        className="input"
        type="datetime-local"
        value={fieldText(span[end], zone)}
        onChange={(event) => {
          const at = instantOf(event.target.value, zone)
          const next = { ...span, ...(at !== undefined && { [end]: at }) }
          if (next.from < next.to) ask(next)
        }}
      />
    </label>
  )
  const quick = (text: string, make: (now: number) => Span) => {
    const next = make(plantNow())
    const isOn = next.from === span.from && Math.abs(next.to - span.to) < 120_000
    return (
      <button
        key={text}
        type="button"
        className={isOn ? "btn on" : "btn"}
        aria-pressed={isOn}
        onClick={() => ask(next)}
      >
        {text}
      </button>
    )
  }
  return (
    <div className="asked no-print">
      <span className="group">
        {(Object.keys(shifts) as Shift[]).map((name) =>
          quick(t(`complete.shift.${name}`), (now) => lastShift(name, now, zone)),
        )}
      </span>
      <span className="group">
        {quick(t("complete.today"), (now) => dayOf(0, now, zone))}
        {quick(t("complete.yesterday"), (now) => dayOf(1, now, zone))}
      </span>
      {field("from")}
      {field("to")}
      <select
        className="input"
        aria-label={t("complete.equipment")}
        value={equipment ?? ""}
        onChange={(event) => ask({ equipment: event.target.value || undefined })}
      >
        <option value="">{t("complete.equipment.all")}</option>
        {plant.equipment.map((each) => (
          <option key={each.path} value={each.path}>
            {say(each.name)}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Issuing and printing. */
function Acts({ span, equipment }: AskedProps) {
  const { t } = useTexts()
  const navigate = route.useNavigate()
  const issue = useIssueReport()
  return (
    <div className="row no-print">
      <RefusedLine error={issue.error} />
      <button type="button" className="btn" onClick={() => window.print()}>
        {t("complete.print")}
      </button>
      <button
        type="button"
        className="btn pri"
        disabled={issue.isPending}
        onClick={() =>
          issue.mutate(
            { ...span, ...(equipment !== undefined && { equipment }) },
            { onSuccess: ({ id }) => void navigate({ search: { report: id } }) },
          )
        }
      >
        <Icon name="ledger" size={14} />
        {t("complete.issue")}
      </button>
    </div>
  )
}

export const Tools = { Asked, Acts }
