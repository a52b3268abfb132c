import { type Static, Type } from "typebox"

/** Shapes of `/api/v1`: one TypeBox schema serves validation, OpenAPI and the screens' types. Times are ms since 1970 UTC. */

const text = Type.Object({ en: Type.String(), ko: Type.Optional(Type.String()) })
const value = Type.Union([Type.Number(), Type.Boolean(), Type.String(), Type.Null()])
export const role = Type.Union([
  Type.Literal("viewer"),
  Type.Literal("operator"),
  Type.Literal("engineer"),
  Type.Literal("administrator"),
])
const evidence = Type.Object({
  tag: Type.String(),
  from: Type.Number(),
  to: Type.Number(),
  digest: Type.Optional(Type.String()),
  share: Type.Optional(Type.Number()),
  says: Type.Optional(text),
})

/** The person's name, where it was a person whom the asker may know. */
const byName = Type.Optional(Type.String())

export const problemBody = Type.Object({
  code: Type.String(),
  where: Type.String(),
  message: Type.String(),
  hint: Type.String(),
  retry: Type.Boolean(),
})
export type ProblemBody = Static<typeof problemBody>

/** GET /session */
export const session = Type.Object({
  person: Type.Optional(Type.Object({ id: Type.String(), name: Type.String(), role })),
  /** True where nobody has signed in but the example may be looked at. */
  lookAround: Type.Boolean(),
  /** True until the first administrator exists. */
  needsFirstAdministrator: Type.Boolean(),
  /** To send back as `x-csrf-token` with every change. */
  csrf: Type.String(),
})
export type Session = Static<typeof session>

export const person = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role,
  active: Type.Boolean(),
})
export type Person = Static<typeof person>

export const tagView = Type.Object({
  path: Type.String(),
  equipment: Type.String(),
  name: text,
  kind: Type.Union([Type.Literal("number"), Type.Literal("boolean"), Type.Literal("text")]),
  unit: Type.String(),
  symbol: Type.String(),
  decimals: Type.Number(),
  range: Type.Optional(Type.Array(Type.Number())),
  normal: Type.Optional(Type.Array(Type.Number())),
  staleAfterMs: Type.Number(),
  /** Words for the values, where the tag is an equipment's state. */
  states: Type.Optional(Type.Record(Type.String(), Type.String())),
  limits: Type.Array(
    Type.Object({ side: Type.String(), at: Type.Number(), priority: Type.Number() }),
  ),
  writable: Type.Optional(
    Type.Object({
      min: Type.Number(),
      max: Type.Number(),
      maxStep: Type.Number(),
      minIntervalMs: Type.Number(),
    }),
  ),
})
export type TagView = Static<typeof tagView>

export const equipmentView = Type.Object({
  path: Type.String(),
  level: Type.String(),
  name: text,
  type: Type.Optional(Type.String()),
  /** Equipment state now, where its state is configured; `unknown` without fresh data. */
  state: Type.Optional(Type.String()),
  stateSince: Type.Optional(Type.Number()),
  device: Type.Optional(Type.String()),
})
export type EquipmentView = Static<typeof equipmentView>

/** GET /plant */
export const plantView = Type.Object({
  name: text,
  timezone: Type.String(),
  /** Plant time now and how fast it runs. */
  now: Type.Number(),
  speed: Type.Number(),
  example: Type.Boolean(),
  equipment: Type.Array(equipmentView),
  tags: Type.Array(tagView),
  automaticStopped: Type.Boolean(),
  version: Type.String(),
})
export type PlantView = Static<typeof plantView>

/** One live value; `quality` is the name from the quality table. */
export const valueView = Type.Object({
  path: Type.String(),
  at: Type.Number(),
  value,
  quality: Type.String(),
})
export type ValueView = Static<typeof valueView>

/** GET /overview?from&to (the shift by default: the last 8 hours) */
export const overview = Type.Object({
  from: Type.Number(),
  to: Type.Number(),
  equipment: Type.Array(
    Type.Object({
      path: Type.String(),
      cycles: Type.Number(),
      bad: Type.Number(),
      trial: Type.Number(),
      /** Mean cycle length in seconds. */
      cycleSeconds: Type.Optional(Type.Number()),
      runningMs: Type.Number(),
      stoppedMs: Type.Number(),
      unknownMs: Type.Number(),
      states: Type.Array(
        Type.Object({ from: Type.Number(), to: Type.Number(), state: Type.String() }),
      ),
    }),
  ),
})
export type Overview = Static<typeof overview>

/** GET /history?tags=a,b&from&to&buckets: each tag's min/max/mean/last; null marks an empty bucket (a gap). */
export const history = Type.Object({
  from: Type.Number(),
  bucketMs: Type.Number(),
  series: Type.Array(
    Type.Object({
      path: Type.String(),
      count: Type.Array(Type.Number()),
      min: Type.Array(Type.Union([Type.Number(), Type.Null()])),
      max: Type.Array(Type.Union([Type.Number(), Type.Null()])),
      mean: Type.Array(Type.Union([Type.Number(), Type.Null()])),
      last: Type.Array(Type.Union([Type.Number(), Type.Null()])),
    }),
  ),
})
export type HistoryView = Static<typeof history>

/** GET /samples?tag&from&to&limit: raw samples, oldest first, text in words. */
export const samples = Type.Object({
  path: Type.String(),
  samples: Type.Array(
    Type.Object({
      at: Type.Number(),
      value,
      quality: Type.String(),
      source: Type.String(),
      sequence: Type.Number(),
    }),
  ),
  more: Type.Boolean(),
  /** Where there are more: to send as `after`, with the rest of the query unchanged. */
  next: Type.Optional(Type.String()),
})
export type SamplesView = Static<typeof samples>

/** GET /cycles?equipment&from&to&limit (newest first) */
export const cycleView = Type.Object({
  id: Type.String(),
  equipment: Type.String(),
  sequence: Type.Number(),
  start: Type.Number(),
  end: Type.Number(),
  tool: Type.Optional(Type.String()),
  verdict: Type.Optional(Type.String()),
  values: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()])),
})
export type CycleView = Static<typeof cycleView>

/** GET /states?equipment&from&to */
export const stateSpans = Type.Array(
  Type.Object({ from: Type.Number(), to: Type.Number(), state: Type.String() }),
)

export const alarmView = Type.Object({
  id: Type.String(),
  tag: Type.String(),
  equipment: Type.String(),
  side: Type.String(),
  limit: Type.Number(),
  priority: Type.Number(),
  state: Type.String(),
  text,
  raisedAt: Type.Optional(Type.Number()),
  value: Type.Optional(Type.Number()),
  acknowledgedBy: Type.Optional(Type.String()),
  acknowledgedByName: byName,
  acknowledgedAt: Type.Optional(Type.Number()),
  returnedAt: Type.Optional(Type.Number()),
  shelvedUntil: Type.Optional(Type.Number()),
  reason: Type.Optional(Type.String()),
  record: Type.Optional(Type.String()),
})
export type AlarmView = Static<typeof alarmView>

export const findingView = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  analyser: Type.String(),
  equipment: Type.String(),
  at: Type.Number(),
  title: text,
  because: Type.Array(evidence),
  confidence: Type.Number(),
  measures: Type.Record(Type.String(), Type.Number()),
  open: Type.Boolean(),
  closedAt: Type.Optional(Type.Number()),
  record: Type.Optional(Type.String()),
})
export type FindingView = Static<typeof findingView>

const outcome = Type.Object({
  state: Type.String(),
  readBack: Type.Optional(value),
  because: Type.Optional(text),
  guard: Type.Optional(Type.String()),
})

export const commandView = Type.Object({
  id: Type.String(),
  state: Type.String(),
  at: Type.Number(),
  by: Type.String(),
  byName,
  decision: Type.Optional(Type.String()),
  writes: Type.Array(
    Type.Object({ target: Type.String(), value, before: Type.Optional(value), outcome }),
  ),
  record: Type.String(),
})
export type CommandView = Static<typeof commandView>

const window = Type.Object({
  from: Type.Number(),
  to: Type.Number(),
  cycles: Type.Number(),
  mean: Type.Number(),
})

export const decisionView = Type.Object({
  id: Type.String(),
  decider: Type.String(),
  kind: Type.String(),
  subject: Type.String(),
  at: Type.Number(),
  title: text,
  why: text,
  because: Type.Array(evidence),
  findings: Type.Array(Type.String()),
  writes: Type.Array(Type.Object({ target: Type.String(), value, expect: Type.Optional(value) })),
  request: Type.Optional(Type.String()),
  expected: Type.Optional(
    Type.Object({
      measure: Type.String(),
      unit: Type.String(),
      symbol: Type.String(),
      change: Type.Number(),
      low: Type.Number(),
      high: Type.Number(),
      settleCycles: Type.Number(),
      windowCycles: Type.Number(),
    }),
  ),
  ifIgnored: text,
  alternatives: Type.Array(text),
  policy: Type.String(),
  expiresAt: Type.Number(),
  state: Type.String(),
  decidedBy: Type.Optional(Type.String()),
  decidedByName: byName,
  decidedAt: Type.Optional(Type.Number()),
  reason: Type.Optional(Type.String()),
  /** Why it could not be carried out. */
  failure: Type.Optional(text),
  command: Type.Optional(commandView),
  effect: Type.Optional(
    Type.Object({
      state: Type.String(),
      because: Type.Optional(text),
      measure: Type.Optional(Type.String()),
      symbol: Type.Optional(Type.String()),
      change: Type.Optional(Type.Number()),
      low: Type.Optional(Type.Number()),
      high: Type.Optional(Type.Number()),
      before: Type.Optional(window),
      after: Type.Optional(window),
      proven: Type.Optional(Type.Boolean()),
      method: Type.Optional(text),
      record: Type.Optional(Type.String()),
    }),
  ),
  record: Type.String(),
})
export type DecisionView = Static<typeof decisionView>

export const ledgerView = Type.Object({
  id: Type.String(),
  number: Type.Number(),
  at: Type.Number(),
  kind: Type.String(),
  subject: Type.String(),
  by: Type.String(),
  byName,
  causes: Type.Array(Type.String()),
  body: Type.Record(Type.String(), Type.Unknown()),
  hash: Type.String(),
})
export type LedgerView = Static<typeof ledgerView>

/** GET /ledger/:id/chain: causes before effects. */
export const chainView = Type.Object({ id: Type.String(), records: Type.Array(ledgerView) })
export type ChainView = Static<typeof chainView>

export type { EdgeView } from "./api-edges.ts"

export const deviceView = Type.Object({
  device: Type.String(),
  /** The edge that reads it; absent where this Moru does. */
  edge: Type.Optional(Type.String()),
  connector: Type.String(),
  state: Type.String(),
  since: Type.Number(),
  problem: Type.Optional(
    Type.Object({ code: Type.String(), message: Type.String(), hint: Type.String() }),
  ),
  samples: Type.Number(),
  cycles: Type.Number(),
  refused: Type.Number(),
  reconnects: Type.Number(),
  lastSampleAt: Type.Optional(Type.Number()),
  writable: Type.Boolean(),
})
export type DeviceView = Static<typeof deviceView>

export const certificateView = Type.Object({
  fingerprint: Type.String(),
  device: Type.String(),
  subject: Type.String(),
  seenAt: Type.Number(),
  state: Type.Union([Type.Literal("waiting"), Type.Literal("trusted"), Type.Literal("refused")]),
})
export type CertificateView = Static<typeof certificateView>

/** A change of the plant's files that waits for an engineer. */
export const pendingChange = Type.Object({
  id: Type.String(),
  at: Type.Number(),
  file: Type.String(),
  because: Type.String(),
  diff: Type.String(),
})
export type PendingChange = Static<typeof pendingChange>

/** GET /automatic: whether Moru's own writes are stopped; `readOnly` after a restore, when nobody may write. */
export const automaticView = Type.Object({ stopped: Type.Boolean(), readOnly: Type.Boolean() })
export type AutomaticView = Static<typeof automaticView>

/** GET /ledger/verify: where the chain does not hold; empty where it is whole. */
const breakFields = { number: Type.Number(), kind: Type.String(), says: Type.String() }
export const ledgerBreak = Type.Object(breakFields)
export type LedgerBreakView = Static<typeof ledgerBreak>

/** GET /live?pattern=...: server-sent events; `event: <kind>`, `data: <JSON>`. Values are coalesced for each client. */
export interface LiveEvents {
  readonly values: readonly ValueView[]
  readonly alarm: AlarmView
  readonly finding: FindingView
  readonly decision: DecisionView
  readonly device: DeviceView
  readonly automatic: { readonly stopped: boolean }
  /** At least each second, so that a screen can tell a dead line from a quiet plant. */
  readonly tick: { readonly now: number }
}

export type { StorageView } from "./api-storage.ts"
