import type { Path } from "../../model/path.ts"
import type { Evidence, LedgerDraft, LedgerId, LedgerKind } from "../../store/ledger.ts"
import type { Put, Store } from "../../store/store.ts"
import type { LateNews } from "../late.ts"

/** What a person saw stands on these samples. */
interface Standing {
  readonly id: string
  readonly record?: LedgerId
  readonly because?: readonly Evidence[]
}

/** A report on an interval, as it was issued; `annotations` grow. */
interface Issued {
  readonly id: string
  readonly record?: LedgerId
  readonly report: {
    readonly from: number
    readonly to: number
    readonly devices: readonly { readonly equipment: readonly Path[] }[]
  }
  readonly annotations: readonly Annotation[]
}

interface Annotation {
  readonly at: number
  /** The record `late.arrived`. */
  readonly late: LedgerId
  readonly from: number
  readonly to: number
  readonly rows: number
}

/** Alarms of one tag in an interval that are annotated at most. */
const mostAlarms = 200

/**
 * Past alarms, findings, decisions and issued reports that stand on an interval into which data came late: each gets a
 * record beside it, and none is rewritten. Commands follow from decisions and are found through them.
 */
export async function annotate(news: LateNews, store: Store, now: number): Promise<number> {
  const drafts = [
    ...(await standing("finding", await store.list<Standing>("finding"), { news, store })),
    ...(await standing("decision", await decisionsIn(store), { news, store })),
    ...(await alarms(news, store)),
  ]
  const puts: Put[] = []
  for (const issued of await store.list<Issued>("report")) {
    if (!standsOn(issued, news)) continue
    const { record: late, from, to, rows } = news
    drafts.push(draftOf("report.annotated", "plant", { of: issued, news }))
    const annotations = [...issued.annotations, { at: now, late, from, to, rows }]
    puts.push({ collection: "report", id: issued.id, document: { ...issued, annotations } })
  }
  if (drafts.length > 0) await store.commit({ records: drafts, puts })
  return drafts.length
}

async function decisionsIn(store: Store): Promise<readonly Standing[]> {
  const all = await store.list<{ id: string; record?: LedgerId; decision: Standing }>("decision")
  return all.map(({ id, record, decision }) => ({
    id,
    ...(record !== undefined && { record }),
    because: decision.because ?? [],
  }))
}

async function standing(
  what: "finding" | "decision",
  all: readonly Standing[],
  { news, store }: { news: LateNews; store: Store },
): Promise<LedgerDraft[]> {
  const drafts: LedgerDraft[] = []
  for (const one of all) {
    const touched = one.because?.filter(({ tag, from, to }) => isIn(news, { tag, from, to })) ?? []
    if (touched.length === 0 || one.record === undefined) continue
    const record = await store.ledger.get(one.record)
    if (!record) continue
    const kind = `${what}.annotated` as const
    drafts.push(draftOf(kind, record.subject, { of: one, news, evidence: touched }))
  }
  return drafts
}

async function alarms(news: LateNews, store: Store): Promise<LedgerDraft[]> {
  const drafts: LedgerDraft[] = []
  for (const path of news.paths) {
    const { from, to } = news
    const filter = { kinds: ["alarm.raised"], subject: path, from, to, limit: mostAlarms } as const
    for (const record of await store.ledger.list(filter))
      if (record.subject === path)
        drafts.push(draftOf("alarm.annotated", path, { of: { record: record.id }, news }))
  }
  return drafts
}

function draftOf(
  kind: LedgerKind,
  subject: string,
  given: { of: { id?: string; record?: LedgerId }; news: LateNews; evidence?: readonly Evidence[] },
): LedgerDraft {
  const { of, news, evidence } = given
  const { from, to, rows } = news
  return {
    ...{ kind, subject, by: "part:analyse" },
    causes: [...(of.record === undefined ? [] : [of.record]), news.record],
    body: {
      ...(of.id !== undefined && { of: of.id }),
      ...{ from, to, rows },
      ...(evidence && { evidence }),
    },
  }
}

function isIn(news: LateNews, { tag, from, to }: { tag: Path; from: number; to: number }): boolean {
  return news.paths.has(tag) && news.from < to && news.to > from
}

function standsOn({ report }: Issued, news: LateNews): boolean {
  if (news.from >= report.to || news.to <= report.from) return false
  return report.devices.some((device) => device.equipment.some((path) => news.equipment.has(path)))
}
