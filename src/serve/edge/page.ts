import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { DeviceHealth } from "../../connect/connector.ts"
import type { EdgeHealth } from "../../connect/edge.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Metrics } from "../../kernel/metrics.ts"
import { isLoopback } from "../../kernel/network.ts"
import { Problem } from "../../model/problem.ts"
import type { Language, Text } from "../../model/text.ts"
import type { CertificateSeen, Listen } from "../serve.ts"
import { pageOf } from "./html.ts"

export interface EdgePageParts {
  readonly listen: Listen
  readonly name: string
  readonly plant: Text
  readonly version: string
  readonly metrics: Metrics
  readonly edge: () => EdgeHealth
  readonly devices: () => readonly DeviceHealth[]
  readonly health: () => readonly { readonly name: string; readonly health: Health }[]
  readonly trust: { list(): Promise<readonly CertificateSeen[]> }
}

const json = "application/json; charset=utf-8"

/** How an edge does, for whoever stands before its computer: a page and the same as JSON, to be read only, on loopback only. */
export class EdgePage implements Component {
  readonly name = "page"
  readonly #parts: EdgePageParts
  #server: Server | undefined
  #url = ""

  constructor(parts: EdgePageParts) {
    this.#parts = parts
  }

  get url(): string {
    return this.#url
  }

  /** Throws `option-invalid` for another address than loopback, `port-taken` where the port is. */
  async start(): Promise<void> {
    const { host, port } = this.#parts.listen
    if (!isHere(host))
      throw new Problem("option-invalid", `host "${host}"`, "expected 127.0.0.1 for an edge's page")
    const server = createServer((request, response) => void this.#answer(request, response))
    await new Promise<void>((listens, failed) => {
      server.once("error", ({ message, code }: NodeJS.ErrnoException) => {
        if (code === "EADDRINUSE")
          failed(new Problem("port-taken", `port ${port}`, "another program listens there"))
        else failed(new Problem("option-invalid", `host "${host}"`, message))
      })
      server.listen(port, host, listens)
    })
    this.#server = server
    const address = server.address()
    const own = typeof address === "object" ? (address?.port ?? port) : port
    this.#url = `http://${host.includes(":") ? `[${host}]` : host}:${own}`
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    server.closeAllConnections()
    await new Promise<void>((closed) => server.close(() => closed()))
  }

  health(): Health {
    return { state: this.#server ? "running" : "stopped" }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host = "" } = request.headers
    const own = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1")
    // A page elsewhere whose name was made to point here (DNS rebinding) sends its own name.
    const found = isHere(own) && request.method === "GET" ? await this.#find(request) : undefined
    const { type, body } = found ?? { type: "text/plain", body: "not found" }
    response.writeHead(found ? 200 : 404, {
      "content-type": type,
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      "x-content-type-options": "nosniff",
    })
    response.end(body)
  }

  async #find({ url = "/", headers }: IncomingMessage) {
    const { metrics, edge, devices, version, trust } = this.#parts
    const { pathname, searchParams } = new URL(url, "http://edge")
    switch (pathname) {
      case "/": {
        const wanted = searchParams.get("lang") ?? headers["accept-language"] ?? ""
        const language: Language = wanted.startsWith("ko") ? "ko" : "en"
        const certificates = (await trust.list()).filter(({ state }) => state === "waiting")
        const shown = { ...this.#parts, edge: edge(), devices: devices(), certificates, language }
        return {
          type: "text/html; charset=utf-8",
          body: pageOf({ ...shown, health: this.#health() }),
        }
      }
      case "/api/v1/health":
        return { type: json, body: JSON.stringify({ ...this.#health(), version }) }
      case "/api/v1/edges":
        return { type: json, body: JSON.stringify([edge()]) }
      case "/api/v1/devices":
        return { type: json, body: JSON.stringify(devices()) }
      case "/metrics":
        edge()
        return { type: "text/plain; version=0.0.4; charset=utf-8", body: metrics.text() }
      default:
        return undefined
    }
  }

  #health() {
    const parts = this.#parts.health().map(({ name, health }) => ({ name, ...health }))
    const state = parts.every((part) => part.state === "running") ? "running" : "degraded"
    return { state, parts } as const
  }
}

function isHere(host: string): boolean {
  return host === "localhost" || isLoopback(host)
}
