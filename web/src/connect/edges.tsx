import type { EdgeView } from "../../../src/serve/api.ts"
import { usePlantNow } from "../api/plant-clock.ts"
import { useEdges } from "../api/queries.ts"
import { Age } from "../parts/live-value.tsx"
import { Panel } from "../parts/panel.tsx"
import { number, storageSize } from "../text/format.ts"
import { sayLength, useTexts } from "../text/text.ts"
import { DeviceState } from "./device-state.tsx"
import { Refused } from "./refused.tsx"

/** Computers beside the machines: how far behind they are and how full their logs. Absent where the plant has none. */
export function Edges() {
  const { t } = useTexts()
  const edges = useEdges().data ?? []
  if (edges.length === 0) return null
  const well = edges.filter(({ state }) => state === "connected").length
  return (
    <Panel title={t("edges.title")} sub={t("devices.sub", { n: edges.length, well })}>
      <div className="devices">
        {edges.map((edge) => (
          <Edge key={edge.edge} edge={edge} />
        ))}
      </div>
    </Panel>
  )
}

function Edge({ edge }: { edge: EdgeView }) {
  const { t } = useTexts()
  const now = usePlantNow()
  const { problem, bytes, budgetBytes } = edge
  const share = budgetBytes > 0 ? Math.min(1, bytes / budgetBytes) : 0
  return (
    <article className={`device ${edge.state}`}>
      <div className="row">
        <b>{edge.edge}</b>
        <span className="push">
          <DeviceState state={edge.state} />
        </span>
      </div>
      <dl className="num">
        <div>
          <dt>{t("edges.lag")}</dt>
          <dd>{edge.lagMs < 2000 ? t("edges.lag.none") : sayLength(t, edge.lagMs)}</dd>
        </div>
        <div>
          <dt>{t("edges.buffer")}</dt>
          <dd>
            {t("edges.buffer.of", { size: storageSize(bytes), most: storageSize(budgetBytes) })}
          </dd>
        </div>
        {edge.lastsDays !== undefined && (
          <div>
            <dt>{t("edges.lasts")}</dt>
            <dd>{t("length.d", { n: number(edge.lastsDays, edge.lastsDays < 10 ? 1 : 0) })}</dd>
          </div>
        )}
        {edge.lost > 0 && (
          <div>
            <dt>{t("edges.lost")}</dt>
            <dd>{number(edge.lost)}</dd>
          </div>
        )}
        <div>
          <dt>{t("edges.heard")}</dt>
          <dd>{edge.heardAt === undefined ? "–" : <Age at={edge.heardAt} now={now} />}</dd>
        </div>
      </dl>
      <progress className="edge-log" value={share} max={1} aria-label={t("edges.buffer")} />
      {problem && <Refused problem={problem} />}
    </article>
  )
}
