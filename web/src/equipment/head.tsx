import { Link } from "@tanstack/react-router"
import type { EquipmentView } from "../../../src/serve/api.ts"
import { usePlantNow } from "../api/plant-clock.ts"
import { useDevices, useOverview } from "../api/queries.ts"
import { DeviceState } from "../connect/device-state.tsx"
import { sumUp } from "../overview/sums.ts"
import { State } from "../parts/glyph.tsx"
import { Age } from "../parts/live-value.tsx"
import { number } from "../text/format.ts"
import { sayLength, useTexts } from "../text/text.ts"

export function EquipmentHead({ unit }: { unit: EquipmentView }) {
  const { t, say } = useTexts()
  const now = usePlantNow()
  const device = useDevices().data?.find((each) => each.device === unit.device)
  const row = useOverview().data?.equipment.find((each) => each.path === unit.path)
  const sums = sumUp(row ? [row] : [])
  return (
    <section className="panel head">
      <div>
        <b className="name">{say(unit.name)}</b>
        <small>{unit.type}</small>
      </div>
      <div>
        <State state={unit.state} />
        <small>
          {unit.stateSince !== undefined &&
            t("state.for", { length: sayLength(t, now - unit.stateSince) })}
        </small>
      </div>
      {device && (
        <div>
          <DeviceState state={device.state} />
          <small>
            <Link to="/connect">{device.device}</Link> · {device.connector}
            {device.lastSampleAt !== undefined && (
              <>
                {" "}
                · <Age at={device.lastSampleAt} now={now} />
              </>
            )}
          </small>
        </div>
      )}
      <dl>
        <div>
          <dt>{t("head.cycles")}</dt>
          <dd className="num">{number(sums.cycles)}</dd>
        </div>
        <div>
          <dt>{t("kpi.defects")}</dt>
          <dd className="num">
            {sums.defects === undefined ? "–" : number(sums.defects * 100, 1)} <small>%</small>
          </dd>
        </div>
        <div>
          <dt>{t("kpi.cycle-time")}</dt>
          <dd className="num">
            {sums.cycleSeconds === undefined ? "–" : number(sums.cycleSeconds, 1)} <small>s</small>
          </dd>
        </div>
        <div>
          <dt>{t("kpi.running")}</dt>
          <dd className="num">
            {sums.running === undefined ? "–" : number(sums.running * 100, 1)} <small>%</small>
          </dd>
        </div>
      </dl>
    </section>
  )
}
