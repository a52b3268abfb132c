import { useAllowWrites } from "../api/changes.ts"
import { plantSpeed } from "../api/plant-clock.ts"
import { useAutomatic, usePlant, useSession } from "../api/queries.ts"
import { ReasonField } from "../parts/dialog.tsx"
import { RefusedLine } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { AutomaticSwitch } from "../shell/automatic-switch.tsx"
import { useTexts } from "../text/text.ts"
import { Password } from "./password.tsx"
import { People } from "./people.tsx"
import { Storage } from "./storage.tsx"
import "./settings.css"

export function SettingsPage() {
  const { t, say } = useTexts()
  const plant = usePlant()
  const { person } = useSession()
  const automatic = useAutomatic().data
  return (
    <div className="page settings">
      <div className="stack">
        <People />
        <Storage />
      </div>
      <div className="stack">
        <Panel title={t("automatic.title")}>
          <div className="body form">
            <p>
              <b>{t(plant.automaticStopped ? "automatic.stopped" : "automatic.allowed")}</b>
            </p>
            <p className="muted">{t("automatic.stop.what")}</p>
            <div>
              <AutomaticSwitch />
            </div>
            {automatic?.readOnly && <WritesLocked />}
          </div>
        </Panel>
        {person && <Password />}
        <Panel title={t("about.title")}>
          <dl className="body about">
            <dt>{t("about.plant")}</dt>
            <dd>{say(plant.name)}</dd>
            <dt>{t("about.version")}</dt>
            <dd>Moru {plant.version}</dd>
            <dt>{t("about.zone")}</dt>
            <dd>{plant.timezone}</dd>
            <dt>{t("about.speed")}</dt>
            <dd>×{plantSpeed()}</dd>
            <dt>{t("about.equipment")}</dt>
            <dd>{plant.equipment.filter((each) => each.device !== undefined).length}</dd>
            <dt>{t("about.tags")}</dt>
            <dd>{plant.tags.length}</dd>
            <dt>API</dt>
            <dd>
              <a href="/api/openapi.json">OpenAPI</a>
            </dd>
          </dl>
        </Panel>
      </div>
    </div>
  )
}

/** After a restore, until a person has looked that files and machines agree. */
function WritesLocked() {
  const { t } = useTexts()
  const allow = useAllowWrites()
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        allow.mutate(String(new FormData(event.currentTarget).get("reason")))
      }}
    >
      <b>{t("writes.locked")}</b>
      <ReasonField />
      <RefusedLine error={allow.error} />
      <button type="submit" className="btn pri" disabled={allow.isPending}>
        {t("writes.allow")}
      </button>
    </form>
  )
}
