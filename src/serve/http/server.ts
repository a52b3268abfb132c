import { join } from "node:path"
import type { Component, Health } from "../../kernel/component.ts"
import { Problem } from "../../model/problem.ts"
import { LiveHub } from "../live/hub.ts"
import { FirstAdministrator } from "../people/first.ts"
import { Passwords } from "../people/passwords.ts"
import { Patience } from "../people/patience.ts"
import { People } from "../people/people.ts"
import { Sessions } from "../people/sessions.ts"
import type { Listen, ServeParts } from "../serve.ts"
import { type AppOptions, buildApp } from "./app.ts"
import type { App, Context } from "./context.ts"
import { isLoopback } from "./guard.ts"

const mostConnections = 500

/** The API, the live stream and the screens' files. */
export class HttpServer implements Component {
  readonly name = "serve"
  readonly #parts: ServeParts
  readonly #context: Context
  #app: App | undefined
  #url = ""
  #health: Health = { state: "stopped" }

  constructor(parts: ServeParts) {
    this.#parts = parts
    this.#context = contextOf(parts)
  }

  /** Throws `option-invalid` where the network would be served without TLS, `port-taken` where the port is. */
  async start(): Promise<void> {
    this.#health = { state: "starting" }
    const { listen, files, webFolder } = this.#parts
    const tls = await this.#tls(listen)
    const screensBuilt = (await files.read(join(webFolder, "index.html"))) !== undefined
    const app = await buildApp(this.#context, { screensBuilt, ...(tls ? { tls } : {}) })
    app.server.maxConnections = mostConnections
    const port = await this.#listen(app, listen)
    this.#app = app
    const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host
    this.#url = `${tls ? "https" : "http"}://${host}:${port}`
    this.#context.live.start()
    await this.#announceFirst()
    this.#health = { state: "running" }
  }

  async stop(): Promise<void> {
    this.#health = { state: "stopping" }
    await this.#context.live.stop()
    await this.#app?.close()
    this.#health = { state: "stopped" }
  }

  health(): Health {
    return this.#health
  }

  /** Where it listens, such as `http://127.0.0.1:4400`. */
  get url(): string {
    return this.#url
  }

  async #tls({ host, tls }: Listen): Promise<AppOptions["tls"]> {
    if (!tls) {
      if (isLoopback(host)) return undefined
      throw new Problem(
        "option-invalid",
        `host "${host}"`,
        "got no TLS, expected a certificate and its key, since only 127.0.0.1 is served without",
      )
    }
    return {
      cert: await this.#file("certificate", tls.cert),
      key: await this.#file("key", tls.key),
    }
  }

  async #file(what: string, path: string): Promise<Buffer> {
    const bytes = await this.#parts.files.read(path)
    if (bytes) return Buffer.from(bytes)
    throw new Problem("option-invalid", `TLS ${what}`, `got "${path}", expected a PEM file`)
  }

  async #listen(app: App, { host, port }: Listen): Promise<number> {
    try {
      await app.listen({ host, port })
    } catch (thrown) {
      await app.close()
      const { code } = thrown as NodeJS.ErrnoException
      if (code === "EADDRINUSE")
        throw new Problem("port-taken", `port ${port}`, "another program listens there")
      if (code === "EACCES" || code === "EADDRNOTAVAIL")
        throw new Problem("option-invalid", `host "${host}"`, `got ${code} for port ${port}`)
      throw thrown
    }
    const address = app.server.address()
    return typeof address === "object" ? (address?.port ?? port) : port
  }

  async #announceFirst(): Promise<void> {
    const token = await this.#context.first.token()
    if (token !== undefined)
      this.#parts.announce(`First administrator: ${this.#url}/sign-in?token=${token}`)
  }
}

export function contextOf(parts: ServeParts): Context {
  const passwords = new Passwords()
  const people = new People({ store: parts.store, ids: parts.ids, passwords })
  return {
    parts,
    people,
    passwords,
    sessions: new Sessions(parts.store, parts.wall),
    patience: new Patience(parts.wall),
    first: new FirstAdministrator(people),
    live: new LiveHub(parts),
  }
}
