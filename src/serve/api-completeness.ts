import { type Static, Type } from "typebox"

/** Shapes of `/api/v1/completeness`, `/reports` and `/gaps`. Times are ms since 1970 UTC. */

const span = { from: Type.Number(), to: Type.Number() }

/** GET /gaps */
export const gapView = Type.Object({
  id: Type.String(),
  source: Type.String(),
  device: Type.String(),
  because: Type.String(),
  from: Type.Number(),
  to: Type.Optional(Type.Number()),
  size: Type.Optional(Type.Number()),
  /** By how much the computer's clock was set. */
  setByMs: Type.Optional(Type.Number()),
  equipment: Type.Optional(Type.Array(Type.String())),
  /** What late data left missing; absent while none came. */
  left: Type.Optional(Type.Array(Type.Object(span))),
  filled: Type.Optional(Type.Object({ rows: Type.Number(), at: Type.Number() })),
})
export type GapView = Static<typeof gapView>

const verdict = Type.Union([
  Type.Literal("complete"),
  Type.Literal("missing"),
  Type.Literal("unknown"),
])

const gapPart = Type.Object({
  id: Type.String(),
  because: Type.String(),
  source: Type.String(),
  from: Type.Number(),
  to: Type.Optional(Type.Number()),
  size: Type.Optional(Type.Number()),
  setByMs: Type.Optional(Type.Number()),
  /** What of it lies in the interval and is missing still. */
  left: Type.Array(Type.Object(span)),
  filledRows: Type.Optional(Type.Number()),
})

const sourcePart = Type.Object({
  source: Type.String(),
  /** `machine`: the machine's own count; `machine-sparse`: of more than was wanted; `house`: Moru's, from the receipt on. */
  numberedBy: Type.String(),
  rows: Type.Number(),
  first: Type.Number(),
  last: Type.Number(),
  firstAt: Type.Number(),
  lastAt: Type.Number(),
  missing: Type.Number(),
  holes: Type.Array(Type.Object({ first: Type.Number(), last: Type.Number() })),
  beginsLate: Type.Boolean(),
})

const devicePart = Type.Object({
  device: Type.String(),
  connector: Type.String(),
  equipment: Type.Array(Type.String()),
  verdict,
  /** What stands in the way of the proof: `no-rows`, `silence`, `begins-late`, `not-over`. */
  doubts: Type.Array(Type.String()),
  rows: Type.Number(),
  /** SHA-256 over the rows of all its tags in the interval. */
  digest: Type.String(),
  tags: Type.Number(),
  silentTags: Type.Array(Type.String()),
  sources: Type.Array(sourcePart),
  cycles: Type.Array(
    Type.Object({
      equipment: Type.String(),
      source: Type.String(),
      cycles: Type.Number(),
      first: Type.Number(),
      last: Type.Number(),
      missing: Type.Number(),
    }),
  ),
  gaps: Type.Array(gapPart),
  silences: Type.Array(Type.Object(span)),
})
export type DevicePartView = Static<typeof devicePart>

/** GET /completeness?from&to&equipment */
export const completenessView = Type.Object({
  ...span,
  verdict,
  devices: Type.Array(devicePart),
  clock: Type.Array(gapPart),
})
export type CompletenessView = Static<typeof completenessView>

/** POST /reports */
export const reportBody = Type.Object(
  { ...span, equipment: Type.Optional(Type.String({ maxLength: 300 })) },
  { additionalProperties: false },
)

const reportHead = {
  id: Type.String(),
  at: Type.Number(),
  by: Type.String(),
  byName: Type.Optional(Type.String()),
  ...span,
  equipment: Type.Optional(Type.String()),
  verdict,
  /** SHA-256 over the report's canonical JSON; it stands in the ledger's record, too. */
  digest: Type.String(),
  record: Type.String(),
  /** Late data that came into its interval after it was issued. */
  annotations: Type.Array(
    Type.Object({
      at: Type.Number(),
      late: Type.String(),
      ...span,
      rows: Type.Number(),
    }),
  ),
}

/** GET /reports, newest first */
export const reportHeadView = Type.Object(reportHead)
export type ReportHeadView = Static<typeof reportHeadView>

/** GET /reports/:id: exactly as it was issued. */
export const reportView = Type.Object({ ...reportHead, report: completenessView })
export type ReportView = Static<typeof reportView>
