import { type Static, Type } from "typebox"
import { problemBody } from "./api.ts"

/** POST /entries: one for each entry, in their order; `problem` where it was not stored. */
export const entriesView = Type.Object({
  entries: Type.Array(Type.Object({ path: Type.String(), problem: Type.Optional(problemBody) })),
  /** The ledger's record of what was stored. */
  record: Type.Optional(Type.String()),
})
export type EntriesView = Static<typeof entriesView>

/** POST /devices/:id/messages */
export const receiptView = Type.Object({
  stored: Type.Number(),
  refused: Type.Array(problemBody),
})
export type ReceiptView = Static<typeof receiptView>
