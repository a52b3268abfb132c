import { type Role, roles } from "../model/command.ts"

/** Who asks: nobody known, a guest who may look around the example, or a person by role. */
export const visitorKinds = ["anonymous", "look-around", ...roles] as const

export type VisitorKind = (typeof visitorKinds)[number]

/** Each right with the least visitor who holds it; each visitor holds the rights of those before. */
export const rights = {
  /** What anybody may see: the screens' files, sign-in, whether Moru lives. */
  open: "anonymous",
  read: "look-around",
  /** What people do with their own sign-in. */
  self: "viewer",
  /** Names stand beside what people did, for their colleagues but not for guests. */
  "read-people": "viewer",
  acknowledge: "operator",
  shelve: "operator",
  approve: "operator",
  command: "operator",
  /** Counts, readings and verdicts by hand. */
  enter: "operator",
  /** A report that is issued is kept as it is. */
  "issue-report": "operator",
  "stop-automatic": "operator",
  "allow-automatic": "engineer",
  /** After a restore nothing is written until somebody says otherwise. */
  "allow-writes": "engineer",
  "out-of-service": "engineer",
  trust: "engineer",
  configure: "engineer",
  administer: "administrator",
} as const satisfies Record<string, VisitorKind>

export type Right = keyof typeof rights

export function holds(visitor: VisitorKind, right: Right): boolean {
  return visitorKinds.indexOf(visitor) >= visitorKinds.indexOf(rights[right])
}

/** Rights of a role, as the screens and the docs list them. */
export function rightsOf(role: Role): readonly Right[] {
  return (Object.keys(rights) as Right[]).filter((right) => holds(role, right))
}

/** The right of every route. The server refuses to start with a route that is not here. */
export const routes = {
  "GET /api/v1/health": "open",
  "GET /api/v1/session": "open",
  "POST /api/v1/session": "open",
  "DELETE /api/v1/session": "self",
  "POST /api/v1/session/password": "self",
  "POST /api/v1/first-administrator": "open",

  "GET /api/v1/people": "read-people",
  "POST /api/v1/people": "administer",
  "PATCH /api/v1/people/:id": "administer",
  "DELETE /api/v1/people/:id": "administer",

  "GET /api/v1/plant": "read",
  "GET /api/v1/values": "read",
  "GET /api/v1/live": "read",
  "GET /api/v1/overview": "read",
  "GET /api/v1/history": "read",
  "GET /api/v1/samples": "read",
  "GET /api/v1/export": "read",
  "GET /api/v1/export.csv": "read",
  // One at a time, walled in, with a limit on time and memory.
  "POST /api/v1/sql": "read",
  "GET /api/v1/cycles": "read",
  "GET /api/v1/states": "read",

  "GET /api/v1/completeness": "read",
  "GET /api/v1/reports": "read",
  "GET /api/v1/reports/:id": "read",
  "POST /api/v1/reports": "issue-report",

  "GET /api/v1/alarms": "read",
  "POST /api/v1/alarms/acknowledge": "acknowledge",
  "POST /api/v1/alarms/shelve": "shelve",
  "POST /api/v1/alarms/unshelve": "shelve",
  "POST /api/v1/alarms/out-of-service": "out-of-service",
  "POST /api/v1/alarms/return-to-service": "out-of-service",

  "GET /api/v1/findings": "read",
  "GET /api/v1/decisions": "read",
  "GET /api/v1/decisions/:id": "read",
  "POST /api/v1/decisions/:id/approve": "approve",
  "POST /api/v1/decisions/:id/reject": "approve",
  "POST /api/v1/decisions/:id/roll-back": "approve",

  "GET /api/v1/commands": "read",
  "GET /api/v1/commands/:id": "read",
  "POST /api/v1/commands": "command",
  "GET /api/v1/automatic": "read",
  // Allowing again needs `allow-automatic` besides, asked in the route since the body tells which it is.
  "POST /api/v1/automatic": "stop-automatic",
  "POST /api/v1/writes/allow": "allow-writes",

  "GET /api/v1/ledger": "read",
  "GET /api/v1/ledger/verify": "read",
  "GET /api/v1/ledger/:id": "read",
  "GET /api/v1/ledger/:id/chain": "read",

  "GET /api/v1/devices": "read",
  // It asks the machine itself, and shows what the plant's files leave out.
  "GET /api/v1/devices/:id/points": "configure",
  // The sender is a machine; its device asks for a credential of its own.
  "POST /api/v1/devices/:id/messages": "open",
  "POST /api/v1/entries": "enter",
  "GET /api/v1/edges": "read",
  "POST /api/v1/edges/:id/key": "administer",
  "DELETE /api/v1/edges/:id/key": "administer",
  // The sender is an edge; its key tells which.
  "POST /api/v1/edge/deliveries": "open",
  "GET /api/v1/gaps": "read",
  "GET /api/v1/certificates": "read",
  "POST /api/v1/certificates/trust": "trust",
  "POST /api/v1/certificates/refuse": "trust",
  "GET /api/v1/changes": "read",
  "POST /api/v1/changes/:id/confirm": "configure",
  "POST /api/v1/changes/:id/reject": "configure",

  // InfluxDB's own addresses; whose message it is, its credential tells.
  "POST /api/v2/write": "open",
  "POST /write": "open",
  "GET /query": "open",
  "POST /query": "open",
  "GET /ping": "open",
  "GET /health": "open",

  "GET /api/v1/storage": "read",
  // It holds everything: people, keys, the plant's files.
  "POST /api/v1/backup": "administer",

  "GET /metrics": "read",
  "GET /api/openapi.json": "open",
  "GET /api": "open",
  "GET /api/": "open",
  "GET /api/static/index.html": "open",
  "GET /api/static/swagger-initializer.js": "open",
  "GET /api/static/*": "open",
  "GET /api/json": "open",
  "GET /api/yaml": "open",
  "GET /*": "open",
} as const satisfies Record<string, Right>

/** The right of a route, or undefined where nobody named one. HEAD tells no more than its GET. */
export function rightOfRoute(method: string, url: string): Right | undefined {
  const key = `${method === "HEAD" ? "GET" : method} ${url}`
  return (routes as Readonly<Record<string, Right>>)[key]
}
