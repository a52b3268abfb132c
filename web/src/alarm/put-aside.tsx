import { useState } from "react"
import type { AlarmView } from "../../../src/serve/api.ts"
import { useAlarmChange } from "../api/changes.ts"
import { plantNow } from "../api/plant-clock.ts"
import { usePlant } from "../api/queries.ts"
import { FormDialog, ReasonField } from "../parts/dialog.tsx"
import { dayTime } from "../text/format.ts"
import { sayLength, useTexts } from "../text/text.ts"
import type { Aside } from "./alarm-list.tsx"

const hours = [0.5, 1, 2, 8, 24] as const

/** Shelving ends by itself; out of service lasts until somebody returns it. Both need a reason. */
export function PutAside(props: { alarm: AlarmView; act: Aside; close: () => void }) {
  const { t, say } = useTexts()
  const { alarm, act, close } = props
  const { timezone } = usePlant()
  const change = useAlarmChange()
  const [length, setLength] = useState<number>(1)
  const until = plantNow() + length * 3_600_000
  return (
    <FormDialog
      title={t(`alarm.${act}`)}
      answer={t(`alarm.${act}`)}
      close={close}
      busy={change.isPending}
      error={change.error}
      submit={(fields) =>
        change.mutate(
          {
            act,
            id: alarm.id,
            reason: String(fields.get("reason")),
            ...(act === "shelve" ? { until } : {}),
          },
          { onSuccess: close },
        )
      }
    >
      <p>{say(alarm.text)}</p>
      {act === "shelve" && (
        <div className="field">
          {t("alarm.how-long")}
          <span className="group">
            {hours.map((each) => (
              <button
                key={each}
                type="button"
                className={each === length ? "btn on" : "btn"}
                aria-pressed={each === length}
                onClick={() => setLength(each)}
              >
                {sayLength(t, each * 3_600_000)}
              </button>
            ))}
          </span>
          <small className="num">{t("alarm.until", { time: dayTime(until, timezone) })}</small>
        </div>
      )}
      <ReasonField />
    </FormDialog>
  )
}
