import { Link } from "@tanstack/react-router"
import { usePlantNow } from "../api/plant-clock.ts"
import { useLedger, usePlant } from "../api/queries.ts"
import { RecordGlyph } from "../ledger/record-glyph.tsx"
import { sayRecord } from "../ledger/record-words.ts"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { shortTime } from "../text/format.ts"
import { useTexts } from "../text/text.ts"

export function RecentEvents() {
  const texts = useTexts()
  const { t } = texts
  const plant = usePlant()
  const now = usePlantNow()
  const ledger = useLedger({ limit: 40 })
  return (
    <Panel
      title={t("events.title")}
      sub={t("events.sub")}
      tools={<Link to="/ledger">{t("all")}</Link>}
      className="events"
    >
      <div className="scroll">
        <Loaded query={ledger}>
          {(records) =>
            records.length === 0 ? (
              <Notice tight icon="ledger" title={t("events.none")}>
                {t("events.none.why")}
              </Notice>
            ) : (
              records.map((record) => (
                <Link key={record.id} to="/ledger/$id" params={{ id: record.id }} className="ev">
                  <time>{shortTime(record.at, now, plant.timezone).slice(-5)}</time>
                  <RecordGlyph record={record} plant={plant} />
                  <span className="clip">{sayRecord(record, plant, texts)}</span>
                </Link>
              ))
            )
          }
        </Loaded>
      </div>
    </Panel>
  )
}
