import { Link } from "@tanstack/react-router"
import type { LedgerView } from "../../../src/serve/api.ts"
import { usePlant } from "../api/queries.ts"
import { dayTime } from "../text/format.ts"
import { useTexts, wordOf } from "../text/text.ts"
import { detailOf } from "./record-detail.ts"
import { RecordGlyph } from "./record-glyph.tsx"
import { saySubject, titleIn } from "./record-words.ts"
import "./ledger.css"

export function Records({ records }: { records: readonly LedgerView[] }) {
  const texts = useTexts()
  const { t, say } = texts
  const plant = usePlant()
  return (
    <table className="table records">
      <thead>
        <tr>
          <th className="r wide">{t("ledger.number")}</th>
          <th>{t("decision.time")}</th>
          <th>{t("ledger.kind")}</th>
          <th>{t("ledger.about")}</th>
          <th className="wide">{t("ledger.by")}</th>
          <th className="wide">{t("ledger.hash")}</th>
        </tr>
      </thead>
      <tbody>
        {records.map((record) => {
          const title = titleIn(record)
          const detail = title ? say(title) : detailOf(record, plant, texts)
          return (
            <tr key={record.id}>
              <td className="r muted wide">{record.number}</td>
              <td>{dayTime(record.at, plant.timezone)}</td>
              <td>
                <Link to="/ledger/$id" params={{ id: record.id }} className="row kind">
                  <RecordGlyph record={record} plant={plant} />
                  {wordOf(t, "kind", record.kind)}
                </Link>
              </td>
              <td>
                {saySubject(record, plant, texts)}
                {detail && <small> {detail}</small>}
              </td>
              <td className="muted wide">{record.byName ?? record.by}</td>
              <td className="code muted wide">{record.hash.slice(0, 12)}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
