import type { FormEvent } from "react"
import { useNewPassword } from "../api/changes.ts"
import { RefusedLine } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { useTexts } from "../text/text.ts"

/** A person's own password; other places where they are signed in are signed out by it. */
export function Password() {
  const { t } = useTexts()
  const change = useNewPassword()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const fields = new FormData(form)
    change.mutate(
      { password: String(fields.get("password")), next: String(fields.get("next")) },
      { onSuccess: () => form.reset() },
    )
  }
  return (
    <Panel title={t("password.title")}>
      <form className="body form" onSubmit={submit}>
        <label className="field">
          {t("password.present")}
          <input
            className="input"
            name="password"
            type="password"
            maxLength={200}
            required
            autoComplete="current-password"
          />
        </label>
        <label className="field">
          {t("password.next")}
          <input
            className="input"
            name="next"
            type="password"
            minLength={10}
            maxLength={200}
            required
            autoComplete="new-password"
          />
          <small className="muted">{t("first.password")}</small>
        </label>
        <RefusedLine error={change.error} />
        {change.isSuccess && <b role="status">{t("password.done")}</b>}
        <div>
          <button type="submit" className="btn" disabled={change.isPending}>
            {t("password.do")}
          </button>
        </div>
      </form>
    </Panel>
  )
}
