import { getRouteApi, Link } from "@tanstack/react-router"
import { useEffect, useRef } from "react"
import type { LedgerView } from "../../../src/serve/api.ts"
import { useChain, useDecisions, usePlant } from "../api/queries.ts"
import { EvidenceList } from "../parts/evidence.tsx"
import { Loaded } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { dayTime } from "../text/format.ts"
import { useTexts, wordOf } from "../text/text.ts"
import { EvidenceCards } from "./evidence-cards.tsx"
import { evidenceIn, layersOf, ringsOf } from "./layers.ts"
import { detailOf } from "./record-detail.ts"
import { RecordGlyph } from "./record-glyph.tsx"
import { saySubject, titleIn } from "./record-words.ts"
import { VerifyButton } from "./verify.tsx"
import "./ledger.css"

const route = getRouteApi("/ledger/$id")

/** From evidence to effect: causes left, effects right, each record a card that leads on. */
export function ChainPage() {
  const { t } = useTexts()
  const { id } = route.useParams()
  const chain = useChain(id)
  return (
    <div className="page ledger chain-page">
      <Loaded query={chain}>
        {({ records }) => {
          const own = records.find((each) => each.id === id)
          return (
            <>
              <Panel
                title={t("chain.title")}
                sub={t("chain.sub", { n: records.length })}
                tools={<VerifyButton />}
              >
                <Flow records={records} id={id} />
              </Panel>
              {own && <Whole record={own} records={records} />}
            </>
          )
        }}
      </Loaded>
    </div>
  )
}

/** Layer by layer; every card names the records that led to it. */
function Flow({ records, id }: { records: readonly LedgerView[]; id: string }) {
  const own = useRef<HTMLAnchorElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another record is another place to look at
  useEffect(() => own.current?.scrollIntoView({ block: "nearest", inline: "center" }), [id])
  const near = ringsOf(records, id)
  return (
    <div className="flow">
      <EvidenceCards records={records} />
      {layersOf(records).map((layer) => (
        <div className="layer" key={layer[0]?.id}>
          {layer.map((record) => (
            <Card
              key={record.id}
              record={record}
              place={record.id === id ? "own" : (near.get(record.id) ?? "apart")}
              reference={record.id === id ? own : undefined}
            />
          ))}
        </div>
      ))}
    </div>
  )
}

function Card(props: {
  record: LedgerView
  place: string
  reference: React.Ref<HTMLAnchorElement> | undefined
}) {
  const texts = useTexts()
  const { t, say } = texts
  const plant = usePlant()
  const { record } = props
  const title = titleIn(record)
  const detail = detailOf(record, plant, texts)
  return (
    <Link
      to="/ledger/$id"
      params={{ id: record.id }}
      className={`card ${props.place}`}
      aria-current={props.place === "own"}
      {...(props.reference ? { ref: props.reference } : {})}
    >
      <span className="row">
        <RecordGlyph record={record} plant={plant} />
        <b>{wordOf(t, "kind", record.kind)}</b>
        <small className="push muted">{record.number}</small>
      </span>
      <span className="say">{title ? say(title) : saySubject(record, plant, texts)}</span>
      {detail && <b className="num">{detail}</b>}
      <small className="muted num">
        {dayTime(record.at, plant.timezone).slice(5)} · {record.byName ?? record.by}
      </small>
      <small className="code muted">{record.hash.slice(0, 16)}</small>
      {record.causes.length > 0 && (
        <small className="muted">
          {t("chain.because", {
            n: record.causes.map((each) => each.split(":").at(-1)).join(", "),
          })}
        </small>
      )}
    </Link>
  )
}

function Whole({ record, records }: { record: LedgerView; records: readonly LedgerView[] }) {
  const texts = useTexts()
  const { t } = texts
  const plant = usePlant()
  const decision = useDecisions().data?.find((each) => records.some((r) => r.id === each.record))
  const because = evidenceIn(record)
  const equipment = plant.equipment.some((each) => each.path === record.subject)
  return (
    <Panel title={`${record.number} · ${wordOf(t, "kind", record.kind)}`} sub={record.id}>
      <div className="body whole">
        <dl>
          <div>
            <dt>{t("ledger.about")}</dt>
            <dd>
              {equipment ? (
                <Link to="/equipment/$" params={{ _splat: record.subject }}>
                  {saySubject(record, plant, texts)}
                </Link>
              ) : (
                saySubject(record, plant, texts)
              )}
            </dd>
          </div>
          <div>
            <dt>{t("decision.time")}</dt>
            <dd className="num">{dayTime(record.at, plant.timezone)}</dd>
          </div>
          <div>
            <dt>{t("ledger.by")}</dt>
            <dd>{record.byName ?? record.by}</dd>
          </div>
          <div>
            <dt>{t("ledger.hash")}</dt>
            <dd className="code">{record.hash}</dd>
          </div>
          {decision && (
            <div>
              <dt>{t("nav.decisions")}</dt>
              <dd>
                <Link to="/decisions/$id" params={{ id: decision.id }}>
                  {texts.say(decision.title)}
                </Link>
              </dd>
            </div>
          )}
        </dl>
        {because.length > 0 && (
          <div>
            <h3>{t("decision.evidence")}</h3>
            <EvidenceList evidence={because} />
          </div>
        )}
        <details open>
          <summary>{t("ledger.body")}</summary>
          <pre className="code">{JSON.stringify(record.body, null, 2)}</pre>
        </details>
      </div>
    </Panel>
  )
}
