import type { ProblemBody } from "../../../src/serve/api.ts"

/** What the server answered instead: a code with a place and a remedy. */
export class Refused extends Error {
  readonly problem: ProblemBody
  readonly status: number

  constructor(status: number, problem: ProblemBody) {
    super(problem.message)
    this.status = status
    this.problem = problem
  }
}

let csrf = ""

/** The session's answer brings it; every change sends it back. */
export function keepCsrf(token: string): void {
  csrf = token
}

type Query = Readonly<Record<string, string | number | undefined>>

export function get<Answer>(path: string, query: Query = {}, signal?: AbortSignal) {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) search.set(name, String(value))
  const tail = search.size > 0 ? `?${search}` : ""
  return ask<Answer>(path + tail, signal ? { signal } : {})
}

export function send<Answer>(method: "POST" | "PATCH" | "DELETE", path: string, body?: unknown) {
  return ask<Answer>(path, {
    method,
    headers: {
      "x-csrf-token": csrf,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`/api/v1${path}`, init)
  const text = await response.text()
  const body = text === "" ? undefined : (JSON.parse(text) as unknown)
  if (response.ok) return body as Answer
  throw new Refused(response.status, problemFrom(body, path, response.status))
}

function problemFrom(body: unknown, path: string, status: number): ProblemBody {
  if (typeof body === "object" && body !== null && "code" in body) return body as ProblemBody
  return { code: "unexpected", where: path, message: `HTTP ${status}`, hint: "", retry: false }
}
