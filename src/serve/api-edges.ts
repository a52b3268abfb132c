import { type Static, Type } from "typebox"

/** GET /edges: computers beside the machines, how far behind they are and how full their logs. */
export const edgeView = Type.Object({
  edge: Type.String(),
  state: Type.Union([Type.Literal("connected"), Type.Literal("lost"), Type.Literal("unheard")]),
  heardAt: Type.Optional(Type.Number()),
  /** Age of the oldest sample that has not come yet; 0 where all has. */
  lagMs: Type.Number(),
  /** What waits on the edge's disk, and how much may. */
  bytes: Type.Number(),
  budgetBytes: Type.Number(),
  /** Days of a cut line that the budget lasts at the present rate. */
  lastsDays: Type.Optional(Type.Number()),
  /** Samples of which only one-minute summaries, or nothing, are left. */
  lost: Type.Number(),
  refused: Type.Number(),
  clockAheadMs: Type.Number(),
  hasKey: Type.Boolean(),
  problem: Type.Optional(
    Type.Object({ code: Type.String(), message: Type.String(), hint: Type.String() }),
  ),
})
export type EdgeView = Static<typeof edgeView>

/** POST /edges/:id/key: shown once. */
export const edgeKey = Type.Object({ key: Type.String() })
export type EdgeKey = Static<typeof edgeKey>

/** POST /edge/deliveries */
export const edgeAnswer = Type.Object({
  accepted: Type.Boolean(),
  session: Type.String(),
  refused: Type.Number(),
})
