import type { SourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"
import type { Gap } from "../connector.ts"

/** A gap as a document: open while `to` is absent. */
export interface KnownGap {
  readonly id: LedgerId
  readonly device: string
  readonly source: SourceId
  readonly because: Gap["because"]
  readonly from: Instant
  readonly to?: Instant
  readonly size?: number
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
      records: [{ kind: "gap.opened", subject: device, by: "part:connect", causes: [], body }],
    })
    const known = { id: record?.id ?? "", ...gap }
    await this.#store.commit({ puts: [{ collection: "gap", id: known.id, document: known }] })
    return known
  }

  async close(gap: KnownGap, to: Instant): Promise<void> {
    const { id, device, ...rest } = gap
    const body = { ...rest, to }
    await this.#store.commit({
      records: [{ kind: "gap.closed", subject: device, by: "part:connect", causes: [id], body }],
      puts: [{ collection: "gap", id, document: { ...gap, to } }],
    })
  }

  /** A gap that was over when it was noticed. */
  async record(device: string, { to, ...gap }: Gap): Promise<void> {
    await this.close(await this.open({ device, ...gap }), to)
  }
}
