import type { EdgeGap } from "../../codec/delivery.ts"
import type { Store } from "../../store/store.ts"
import type { KnownGap } from "../gap.ts"

type GapStore = Pick<Store, "commit" | "list">

/**
 * The edge's store, with every gap that is put into it told to the centre, too. Told first: a gap that the centre knows and the
 * edge forgot is told again, never the other way round.
 */
export function tellingGaps(
  store: GapStore,
  tell: (gaps: readonly EdgeGap[]) => Promise<void>,
): GapStore {
  return {
    list: (collection) => store.list(collection),
    commit: async (change) => {
      const gaps = (change.puts ?? []).flatMap(({ collection, document }) =>
        collection === "gap" && document ? [document as KnownGap] : [],
      )
      if (gaps.length > 0) await tell(gaps)
      return store.commit(change)
    },
  }
}
