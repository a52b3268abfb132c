import { Link, useRouterState } from "@tanstack/react-router"
import { useState } from "react"
import { roles } from "../../../src/model/command.ts"
import { useNewPerson, usePersonChange } from "../api/changes.ts"
import { usePeople, useSession } from "../api/queries.ts"
import { FormDialog } from "../parts/dialog.tsx"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { useTexts } from "../text/text.ts"

export function People() {
  const { t } = useTexts()
  const { person } = useSession()
  const [adding, setAdding] = useState(false)
  const back = useRouterState({ select: (state) => state.location.href })
  return (
    <Panel
      title={t("settings.people")}
      tools={
        person?.role === "administrator" && (
          <button type="button" className="btn" onClick={() => setAdding(true)}>
            {t("people.add")}
          </button>
        )
      }
    >
      {person?.role === "administrator" && <List />}
      {person && person.role !== "administrator" && (
        <Notice icon="person" title={t("people.admin")}>
          {t("people.admin.why")}
        </Notice>
      )}
      {!person && (
        <Notice
          icon="person"
          title={t("people.sign-in")}
          step={
            <Link className="btn" to="/sign-in" search={{ back }}>
              {t("sign-in.way")}
            </Link>
          }
        >
          {t("people.sign-in.why")}
        </Notice>
      )}
      {adding && <NewPerson close={() => setAdding(false)} />}
    </Panel>
  )
}

function List() {
  const { t } = useTexts()
  const people = usePeople()
  const { person } = useSession()
  const change = usePersonChange()
  return (
    <Loaded query={people}>
      {(all) => (
        <table className="table">
          <thead>
            <tr>
              <th>{t("people.name")}</th>
              <th>{t("people.role")}</th>
              <th className="wide">{t("people.may")}</th>
              <th>{t("people.active")}</th>
            </tr>
          </thead>
          <tbody>
            {all.map((each) => (
              <tr key={each.id} className={each.active ? "" : "muted"}>
                <td>
                  <b>{each.name}</b>
                </td>
                <td>
                  {each.id === person?.id ? (
                    t(`role.${each.role}`)
                  ) : (
                    <select
                      className="input"
                      aria-label={t("people.role")}
                      value={each.role}
                      onChange={(event) => change.mutate({ id: each.id, role: event.target.value })}
                    >
                      {roles.map((role) => (
                        <option key={role} value={role}>
                          {t(`role.${role}`)}
                        </option>
                      ))}
                    </select>
                  )}
                </td>
                <td className="muted wide">{t(`role.may.${each.role}`)}</td>
                <td className="nowrap">
                  {each.id === person?.id ? (
                    t("people.yes")
                  ) : (
                    <button
                      type="button"
                      className="btn"
                      disabled={change.isPending}
                      onClick={() => change.mutate({ id: each.id, active: !each.active })}
                    >
                      {t(each.active ? "people.deactivate" : "people.activate")}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Loaded>
  )
}

function NewPerson({ close }: { close: () => void }) {
  const { t } = useTexts()
  const change = useNewPerson()
  return (
    <FormDialog
      title={t("people.add")}
      answer={t("people.add")}
      close={close}
      busy={change.isPending}
      error={change.error}
      submit={(fields) =>
        change.mutate(
          {
            name: String(fields.get("name")),
            password: String(fields.get("password")),
            role: String(fields.get("role")),
          },
          { onSuccess: close },
        )
      }
    >
      <label className="field">
        {t("people.name")}
        <input
          className="input"
          name="name"
          maxLength={100}
          required
          autoComplete="off"
          data-autofocus
        />
      </label>
      <label className="field">
        {t("sign-in.password")}
        <input
          className="input"
          name="password"
          type="password"
          minLength={10}
          maxLength={200}
          required
          autoComplete="new-password"
        />
        <small className="muted">{t("first.password")}</small>
      </label>
      <label className="field">
        {t("people.role")}
        <select className="input" name="role" defaultValue="operator">
          {roles.map((role) => (
            <option key={role} value={role}>
              {t(`role.${role}`)}
            </option>
          ))}
        </select>
      </label>
    </FormDialog>
  )
}
