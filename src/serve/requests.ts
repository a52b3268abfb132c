import { type Static, Type } from "typebox"
import { role } from "./api.ts"

/** Bodies with a key that nobody knows are refused, so that a slip of the pen is seen. */
const closed = { additionalProperties: false }

/** POST /session */
export const signIn = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    password: Type.String({ minLength: 1, maxLength: 200 }),
  },
  closed,
)
export type SignIn = Static<typeof signIn>

/** POST /first-administrator */
export const firstAdministrator = Type.Object(
  {
    token: Type.String({ maxLength: 100 }),
    name: Type.String({ minLength: 1, maxLength: 100 }),
    password: Type.String({ minLength: 10, maxLength: 200 }),
  },
  closed,
)
export type FirstAdministrator = Static<typeof firstAdministrator>

/** POST /people */
export const newPerson = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    password: Type.String({ minLength: 10, maxLength: 200 }),
    role,
  },
  closed,
)

/** PATCH /people/:id */
export const changedPerson = Type.Object(
  {
    role: Type.Optional(role),
    active: Type.Optional(Type.Boolean()),
    /** A new password, where the person has lost theirs. */
    password: Type.Optional(Type.String({ minLength: 10, maxLength: 200 })),
  },
  closed,
)

/** POST /session/password */
export const newPassword = Type.Object(
  {
    password: Type.String({ minLength: 1, maxLength: 200 }),
    next: Type.String({ minLength: 10, maxLength: 200 }),
  },
  closed,
)

/** POST /alarms/shelve; ids travel in the body since they hold slashes. */
export const alarmAct = Type.Object(
  {
    id: Type.String(),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    until: Type.Optional(Type.Number()),
  },
  closed,
)

/** POST /decisions/:id/reject */
export const rejectBody = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500 }) },
  closed,
)

/** POST /commands: a set point by hand. */
export const commandBody = Type.Object(
  {
    target: Type.String(),
    value: Type.Union([Type.Number(), Type.Boolean(), Type.String()]),
    expect: Type.Optional(Type.Union([Type.Number(), Type.Boolean(), Type.String()])),
  },
  closed,
)

/** POST /entries: what a person counted, read or judged, and when it was seen (now where absent). */
export const entriesBody = Type.Object(
  {
    entries: Type.Array(
      Type.Object(
        {
          path: Type.String({ maxLength: 300 }),
          value: Type.Union([Type.Number(), Type.Boolean(), Type.String({ maxLength: 500 })]),
          at: Type.Optional(Type.Number()),
        },
        closed,
      ),
      { minItems: 1, maxItems: 200 },
    ),
  },
  closed,
)

/** POST /sql: one SELECT over the samples of some tags (all where absent) and the cycles of a span (the last 8 h). */
export const sqlBody = Type.Object(
  {
    sql: Type.String({ minLength: 1, maxLength: 20_000 }),
    tags: Type.Optional(
      Type.String({ minLength: 1, maxLength: 8000, description: "Paths or patterns, by commas" }),
    ),
    from: Type.Optional(Type.Number()),
    to: Type.Optional(Type.Number()),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 })),
    after: Type.Optional(
      Type.Integer({ minimum: 0, default: 0, description: "Rows to leave out first" }),
    ),
  },
  closed,
)

/** POST /automatic */
export const automaticBody = Type.Object(
  {
    stopped: Type.Boolean(),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  },
  closed,
)

/** POST /changes/:id/reject and POST /writes/allow */
export const reasonBody = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500 }) },
  closed,
)

/** POST /certificates/trust and /certificates/refuse */
export const certificateAct = Type.Object({ fingerprint: Type.String({ maxLength: 200 }) }, closed)
