import type { Instant } from "../../model/instant.ts"
import type { LedgerDraft, LedgerId } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"
import type { KnownGap, Span } from "../gap.ts"

/** What late data left of a gap. */
export interface Fill {
  readonly left: readonly Span[]
  readonly rows: number
  readonly at: Instant
}

/** Keeps what is missing, and why, in the ledger and as documents, so that a shift can be proven complete. */
export class GapBook {
  readonly #store: Pick<Store, "commit" | "list">

  constructor(store: Pick<Store, "commit" | "list">) {
    this.#store = store
  }

  list(): Promise<readonly KnownGap[]> {
    return this.#store.list<KnownGap>("gap")
  }

  async open(gap: Omit<KnownGap, "id" | "to">): Promise<KnownGap> {
    const { device, ...body } = gap
    const [record] = await this.#store.commit({
      records: [draft("gap.opened", device, { causes: [], body })],
    })
    const known = { id: record?.id ?? "", ...gap }
    await this.#store.commit({ puts: [{ collection: "gap", id: known.id, document: known }] })
    return known
  }

  /** `size` where it is known only now. */
  async close(gap: KnownGap, to: Instant, size = gap.size): Promise<KnownGap> {
    const { left, ...known } = { ...gap, ...(size !== undefined && { size }) }
    const closed: KnownGap = { ...known, to, ...(left && { left: leftUntil(to, left, gap) }) }
    const { id, device, ...body } = closed
    await this.#store.commit({
      records: [draft("gap.closed", device, { causes: [id], body })],
      puts: [{ collection: "gap", id, document: closed }],
    })
    return closed
  }

  /** A gap that was over when it was noticed. */
  async record(gap: Omit<KnownGap, "id" | "to">, to: Instant): Promise<void> {
    await this.close(await this.open(gap), to)
  }

  /** Late data came: the gap is smaller, or filled. What was recorded before stays in the ledger. */
  async fill(gap: KnownGap, fill: Fill, late: LedgerId): Promise<KnownGap> {
    const { left, rows, at } = fill
    const filled: KnownGap = { ...gap, left, filled: { rows, at } }
    const kind = left.length === 0 && gap.to !== undefined ? "gap.filled" : "gap.shrunk"
    const { id, device, ...body } = filled
    await this.#store.commit({
      records: [draft(kind, device, { causes: [id, late], body })],
      puts: [{ collection: "gap", id, document: filled }],
    })
    return filled
  }
}

function draft(
  kind: LedgerDraft["kind"],
  subject: string,
  rest: Pick<LedgerDraft, "causes"> & { body: object },
): LedgerDraft {
  return { kind, subject, by: "part:connect", causes: rest.causes, body: { ...rest.body } }
}

/** An open gap was looked at before its end: the time since then is missing, too. */
function leftUntil(to: Instant, left: readonly Span[], { filled }: KnownGap): readonly Span[] {
  const seen = filled?.at ?? to
  const before = left.map((span) => ({ ...span, to: Math.min(span.to, to) }))
  const last = before.at(-1)
  if (seen >= to) return before.filter((span) => span.from < span.to)
  return last && last.to >= seen
    ? [...before.slice(0, -1), { ...last, to }]
    : [...before, { from: seen, to }]
}
