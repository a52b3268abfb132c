import type { IncomingMessage } from "node:http"

/** What a client asks an agent for. */
export type Asked =
  | { readonly what: "probe" }
  | { readonly what: "current"; readonly at?: number }
  | {
      readonly what: "sample"
      readonly from?: number
      readonly count: number
      /** Present where a stream is wanted. */
      readonly intervalMs?: number
      readonly heartbeatMs: number
    }
  | { readonly what: "asset"; readonly ids: readonly string[] }

/** An answer of kind error. */
export class AgentRefusal extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, status: number, message: string) {
    super(message)
    this.code = code
    this.status = status
  }
}

const mostCount = 10_000
const parameters = {
  current: ["at"],
  sample: ["from", "count", "interval", "heartbeat"],
} as const

/** Reads `/probe`, `/current`, `/sample` and `/asset`, each also beneath the device's name. Throws an AgentRefusal. */
export function askedIn(request: IncomingMessage, device: string): Asked {
  if (request.method !== "GET")
    throw new AgentRefusal("UNSUPPORTED", 405, "this agent only answers GET")
  const url = new URL(request.url ?? "/", "http://agent")
  const names = url.pathname.split("/").filter(Boolean).map(decoded)
  const isOfDevice = names[0] === device
  const [what = "probe", ...more] = isOfDevice ? names.slice(1) : names
  if ((what === "asset" || what === "assets") && more.length <= 1)
    return { what: "asset", ids: (more[0] ?? "").split(";").filter(Boolean) }
  if (!isOfDevice && more.length > 0) throw new AgentRefusal("NO_DEVICE", 404, `no device ${what}`)
  if (more.length > 0 || !isKnown(what))
    throw new AgentRefusal("INVALID_URI", 404, `nothing at ${url.pathname}`)
  if (what === "probe") return { what }
  checkNames(url.searchParams, parameters[what])
  if (what === "current") return { what, ...optional("at", wholeIn(url.searchParams, "at", 0)) }
  return sampleIn(url.searchParams)
}

function sampleIn(asked: URLSearchParams): Asked {
  const count = wholeIn(asked, "count", 1) ?? 100
  if (count > mostCount)
    throw new AgentRefusal("OUT_OF_RANGE", 404, `'count' must be from 1 to ${mostCount}`)
  return {
    ...{ what: "sample", count },
    ...optional("from", wholeIn(asked, "from", 0)),
    ...optional("intervalMs", wholeIn(asked, "interval", 0)),
    heartbeatMs: wholeIn(asked, "heartbeat", 1) ?? 10_000,
  }
}

function isKnown(what: string): what is "probe" | "current" | "sample" {
  return what === "probe" || what === "current" || what === "sample"
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** `path` is left out: this agent has one small device. */
function checkNames(asked: URLSearchParams, known: readonly string[]): void {
  for (const name of asked.keys())
    if (!known.includes(name))
      throw new AgentRefusal("UNSUPPORTED", 400, `this agent has no parameter '${name}'`)
}

function wholeIn(asked: URLSearchParams, name: string, least: number): number | undefined {
  const text = asked.get(name)
  if (text === null) return undefined
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least) return value
  throw new AgentRefusal("INVALID_REQUEST", 400, `'${name}' must be a whole number from ${least}`)
}

function optional<Name extends string>(
  name: Name,
  value: number | undefined,
): Partial<Record<Name, number>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, number>)
}
