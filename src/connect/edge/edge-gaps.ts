import type { EdgeGap } from "../../codec/delivery.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"
import type { GapCause, KnownGap } from "../gap.ts"

/** The gap of this house that stands for one of an edge's. */
interface GapMemory {
  readonly is: "edge-gap"
  readonly record: LedgerId
}

/** Keeps what edges tell of their gaps, each once, however often and in whatever order it is told. */
export class EdgeGaps {
  readonly #store: Pick<Store, "commit" | "get">

  constructor(store: Pick<Store, "commit" | "get">) {
    this.#store = store
  }

  async tell(edge: { name: string; epoch: string }, gap: EdgeGap): Promise<void> {
    const { id: told, device, to, ...rest } = gap
    const by = `part:edge/${edge.name}`
    const memory = `edge-gap/${edge.name}/${edge.epoch}/${told}`
    const draft = { subject: device, by }
    const because = gap.because as GapCause
    let record = (await this.#store.get<GapMemory>("memory", memory))?.record
    if (record === undefined) {
      const [opened] = await this.#store.commit({
        records: [{ ...draft, kind: "gap.opened", causes: [], body: { ...rest } }],
        puts: [{ collection: "memory", id: memory, document: { is: "edge-gap" }, record: 0 }],
      })
      record = opened?.id ?? ""
    }
    const known = await this.#store.get<KnownGap>("gap", record)
    if (known && (known.to !== undefined || to === undefined)) return
    const document: KnownGap = {
      ...{ ...known, ...rest, id: record, device, because },
      ...(to !== undefined && { to }),
    }
    const put = { collection: "gap" as const, id: record, document }
    if (to === undefined) await this.#store.commit({ puts: [put] })
    else
      await this.#store.commit({
        records: [{ ...draft, kind: "gap.closed", causes: [record], body: { ...rest, to } }],
        puts: [put],
      })
  }
}
