import { Problem, type ProblemCode, problems } from "../../model/problem.ts"
import type { PlantView, ProblemBody, Session, ValueView } from "../../serve/api.ts"
import type { CompletenessView } from "../../serve/api-completeness.ts"
import type { EdgeKey } from "../../serve/api-edges.ts"
import type { SqlView } from "../../serve/api-sql.ts"

/** The longest answer, to a query, is given up by Moru itself after 30 s. */
const answerMs = 45_000

/** Asks a running Moru as the screens do. Every call throws the problem that Moru answers, or `connection-refused`. */
export class MoruClient {
  readonly #url: string
  readonly #signal: AbortSignal
  #cookie: string | undefined
  #csrf = ""

  constructor(url: string, signal: AbortSignal) {
    this.#url = url.replace(/\/+$/, "")
    this.#signal = signal
  }

  plant(): Promise<PlantView> {
    return this.#ask("GET", "/plant")
  }

  values(pattern: string): Promise<readonly ValueView[]> {
    return this.#ask("GET", `/values?pattern=${encodeURIComponent(pattern)}`)
  }

  /** Every row of the interval is read for it, so it may take long. */
  completeness(asked: { from: number; to: number; equipment?: string }): Promise<CompletenessView> {
    const { from, to, equipment } = asked
    const query = new URLSearchParams({ from: `${from}`, to: `${to}` })
    if (equipment !== undefined) query.set("equipment", equipment)
    return this.#ask("GET", `/completeness?${query}`)
  }

  async session(): Promise<Session> {
    const session = await this.#ask<Session>("GET", "/session")
    this.#csrf = session.csrf
    return session
  }

  async signIn(name: string, password: string): Promise<void> {
    this.#csrf = (await this.#ask<Session>("POST", "/session", { name, password })).csrf
  }

  /** `token` is the one that the machine's console shows while there is no administrator. */
  async becomeFirst(token: string, person: { name: string; password: string }): Promise<void> {
    const body = { ...person, token }
    this.#csrf = (await this.#ask<Session>("POST", "/first-administrator", body)).csrf
  }

  /** A new key for an edge of the plant; the one before it ends. */
  async makeEdgeKey(edge: string): Promise<string> {
    const path = `/edges/${encodeURIComponent(edge)}/key`
    return (await this.#ask<EdgeKey>("POST", path, {})).key
  }

  sql(question: {
    readonly sql: string
    readonly [option: string]: string | number | undefined
  }): Promise<SqlView> {
    return this.#ask("POST", "/sql", question)
  }

  /** A file as it comes: reading it on is the caller's. */
  async download(path: string, body?: unknown): Promise<ReadableStream<Uint8Array>> {
    const method = body === undefined ? "GET" : "POST"
    const response = await this.#fetch({ method, path, body, signal: this.#signal })
    if (response.ok && response.body) return response.body
    throw problemIn(await answerOf(response), this.#url)
  }

  async #ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(answerMs)])
    const response = await this.#fetch({ method, path, body, signal })
    const answer = await answerOf(response)
    if (response.ok && answer !== undefined) return answer as Body
    throw problemIn(answer, this.#url)
  }

  async #fetch({ method, path, body, signal }: Asked): Promise<Response> {
    const headers = {
      ...(this.#cookie !== undefined && { cookie: this.#cookie }),
      ...(method === "POST" && { "x-csrf-token": this.#csrf, "content-type": "application/json" }),
    }
    const asked = {
      method,
      headers,
      signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }
    const response = await fetch(`${this.#url}/api/v1${path}`, asked).catch((thrown) => {
      this.#signal.throwIfAborted()
      throw new Problem(
        "connection-refused",
        this.#url,
        `got ${reasonOf(thrown)}, expected a running Moru (moru run)`,
      )
    })
    const [cookie] = response.headers.getSetCookie()
    if (cookie !== undefined) this.#cookie = cookie.split(";")[0]
    return response
  }
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly signal: AbortSignal
}

/** Undefined for what is no JSON. */
function answerOf(response: Response): Promise<Partial<ProblemBody> | undefined> {
  return response.json().then(
    (answer) => answer as Partial<ProblemBody>,
    () => undefined,
  )
}

function reasonOf(thrown: unknown): string {
  const { cause, message } = thrown as { cause?: { code?: string }; message?: string }
  return cause?.code ?? message ?? String(thrown)
}

function problemIn(answer: Partial<ProblemBody> = {}, url: string): Problem {
  const { code = "", where = url, message = "" } = answer
  if (!(code in problems))
    return new Problem("protocol-error", url, "got an answer that is not Moru's, expected Moru")
  return new Problem(code as ProblemCode, where, message.replace(`${where}: `, ""))
}
