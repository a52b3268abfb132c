import type { Role } from "../../model/command.ts"
import type { ProblemBody, Session } from "../api.ts"

export interface Answer<Body> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

type Answered = Session & ProblemBody

/** Asks as a browser does: keeps the cookie and sends the CSRF token it was told. */
export class Browser {
  readonly #url: string
  cookie: string | undefined
  csrf = ""

  constructor(url: string) {
    this.#url = url
  }

  get<Body = Answered>(path: string): Promise<Answer<Body>> {
    return this.ask("GET", path)
  }

  post<Body = Answered>(path: string, body?: unknown): Promise<Answer<Body>> {
    return this.ask("POST", path, body)
  }

  async ask<Body = Answered>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(this.#url + path, {
      method,
      redirect: "manual",
      headers: {
        ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
        ...(this.csrf === "" ? {} : { "x-csrf-token": this.csrf }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const [set] = response.headers.getSetCookie()
    if (set !== undefined) this.cookie = set.split(";")[0]
    const text = await response.text()
    const json = response.headers.get("content-type")?.includes("json") && text !== ""
    return {
      status: response.status,
      headers: response.headers,
      body: (json ? JSON.parse(text) : text) as Body,
    }
  }

  /** Learns the CSRF token, as every page does first. */
  async open(): Promise<Session> {
    const { body } = await this.get<Session>("/api/v1/session")
    this.csrf = body.csrf
    return body
  }

  async signIn(name: string, password: string): Promise<Answer<Answered>> {
    await this.open()
    const answer = await this.post("/api/v1/session", { name, password })
    if (answer.status === 200) this.csrf = answer.body.csrf
    return answer
  }
}

export const password = "correct horse battery"

interface Served {
  readonly url: string
  readonly lines: readonly string[]
}

/** Makes the first administrator with the token that the console showed. */
export async function administratorOf({ url, lines }: Served): Promise<Browser> {
  const token = tokenIn(lines)
  const browser = new Browser(url)
  await browser.open()
  const { body } = await browser.post("/api/v1/first-administrator", {
    token,
    name: "Kim",
    password,
  })
  browser.csrf = body.csrf
  return browser
}

export function tokenIn(lines: readonly string[]): string {
  return /token=(\S+)/.exec(lines.join("\n"))?.[1] ?? ""
}

/** A browser with a person of this role signed in. */
export async function browserOf(role: Role, administrator: Browser, url: string): Promise<Browser> {
  await administrator.post("/api/v1/people", { name: `the ${role}`, password, role })
  const browser = new Browser(url)
  await browser.signIn(`the ${role}`, password)
  return browser
}
