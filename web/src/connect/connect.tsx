import type { DeviceView } from "../../../src/serve/api.ts"
import { usePlantNow } from "../api/plant-clock.ts"
import { useDevices, usePlant } from "../api/queries.ts"
import { Age } from "../parts/live-value.tsx"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { dayTime, number } from "../text/format.ts"
import { useTexts } from "../text/text.ts"
import { Certificates } from "./certificates.tsx"
import { Changes } from "./changes.tsx"
import { DeviceState } from "./device-state.tsx"
import { Edges } from "./edges.tsx"
import { Gaps } from "./gaps.tsx"
import { Refused } from "./refused.tsx"

/** How the machines are reached, and what waits for an engineer. */
export function ConnectPage() {
  const { t } = useTexts()
  const devices = useDevices()
  const well = devices.data?.filter((each) => each.state === "connected").length ?? 0
  return (
    <div className="page connect">
      <div className="stack">
        <Edges />
        <Panel
          title={t("devices.title")}
          sub={devices.data && t("devices.sub", { n: devices.data.length, well })}
        >
          <Loaded query={devices}>
            {(all) =>
              all.length === 0 ? (
                <Notice icon="connect" title={t("devices.none")}>
                  {t("devices.none.why")}
                </Notice>
              ) : (
                <div className="devices">
                  {all.map((device) => (
                    <Device key={device.device} device={device} />
                  ))}
                </div>
              )
            }
          </Loaded>
        </Panel>
      </div>
      <div className="stack">
        <Certificates />
        <Changes />
        <Gaps />
      </div>
    </div>
  )
}

function Device({ device }: { device: DeviceView }) {
  const { t } = useTexts()
  const { timezone } = usePlant()
  const now = usePlantNow()
  const { problem } = device
  return (
    <article className={`device ${device.state}`}>
      <div className="row">
        <b>{device.device}</b>
        <span className="muted">{device.connector}</span>
        {device.edge !== undefined && (
          <span className="muted">{t("devices.edge", { edge: device.edge })}</span>
        )}
        <span className="push">
          <DeviceState state={device.state} />
        </span>
      </div>
      <dl className="num">
        <div>
          <dt>{t("devices.samples")}</dt>
          <dd>{number(device.samples)}</dd>
        </div>
        <div>
          <dt>{t("head.cycles")}</dt>
          <dd>{number(device.cycles)}</dd>
        </div>
        <div>
          <dt>{t("devices.refused")}</dt>
          <dd>{number(device.refused)}</dd>
        </div>
        <div>
          <dt>{t("devices.reconnects")}</dt>
          <dd>{number(device.reconnects)}</dd>
        </div>
        <div>
          <dt>{t("devices.last")}</dt>
          <dd>
            {device.lastSampleAt === undefined ? "–" : <Age at={device.lastSampleAt} now={now} />}
          </dd>
        </div>
      </dl>
      <small className="muted num">
        {t("devices.since", { time: dayTime(device.since, timezone) })} ·{" "}
        {t(device.writable ? "devices.writable" : "devices.read-only")}
      </small>
      {problem && <Refused problem={problem} />}
    </article>
  )
}
