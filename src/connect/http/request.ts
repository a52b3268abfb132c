import { type IncomingMessage, type RequestOptions, request, STATUS_CODES } from "node:http"
import { request as secureRequest } from "node:https"
import { isIP } from "node:net"
import { pipeline, type Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import type { Network } from "../../kernel/network.ts"
import { Problem } from "../../model/problem.ts"

export interface Ask {
  readonly url: URL
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** PEM of the certificate authority; the system's where absent. */
  readonly ca?: string
  readonly mostBytes: number
  readonly network: Network
  /** For problems. */
  readonly where: string
}

export interface Answer {
  /** Absent where the document did not change (304). */
  readonly body?: Uint8Array
  readonly etag?: string
}

const mostRedirects = 3

/**
 * One request over a connection of its own. Redirects of a GET are followed, each after its address passed the network's
 * policy; credentials never go to another origin, nor anything from https to http. Throws a Problem that says what the server said.
 */
export async function ask(wanted: Ask, signal: AbortSignal): Promise<Answer> {
  let next = wanted
  for (let redirects = 0; ; redirects++) {
    const response = await send(next, signal)
    const { statusCode: status = 0, headers } = response
    if (status >= 300 && status < 400 && status !== 304 && headers.location !== undefined) {
      response.destroy()
      next = redirected(next, headers.location, redirects)
      continue
    }
    if (status === 304 || status === 204) response.destroy()
    if (status === 304) return {}
    if (status !== 200) {
      response.destroy()
      throw statusProblem(status, next.where)
    }
    const body = await bodyOf(response, next)
    return { body, ...(headers.etag !== undefined && { etag: headers.etag }) }
  }
}

async function send(wanted: Ask, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, method, headers, body, ca, network, where } = wanted
  const isSecure = url.protocol === "https:"
  const port = Number(url.port || (isSecure ? 443 : 80))
  const reached = await network.reach({ host: url.hostname, port }, where)
  const { address, family, host } = reached
  signal.throwIfAborted()
  const options: RequestOptions = {
    ...{ host: address, family, port, method, signal, agent: false },
    path: `${url.pathname}${url.search}`,
    headers: { accept: "application/json", "accept-encoding": "gzip", ...headers, host: url.host },
  }
  return new Promise((resolve, reject) => {
    const tls = { ...(isIP(host) === 0 && { servername: host }), ...(ca !== undefined && { ca }) }
    const asked = isSecure ? secureRequest({ ...options, ...tls }) : request(options)
    asked.on("response", resolve)
    asked.on("error", (thrown) => reject(lineProblem(thrown, where)))
    asked.end(body)
  })
}

function redirected(from: Ask, location: string, redirects: number): Ask {
  const { url, method, where } = from
  const refused = (what: string) => new Problem("protocol-error", where, what)
  const to = URL.canParse(location, url.href) ? new URL(location, url) : undefined
  if (method !== "GET") throw refused("got a redirect for a POST, expected an answer")
  if (redirects >= mostRedirects)
    throw refused(`got more than ${mostRedirects} redirects, expected a document`)
  const isLess = url.protocol === "https:" && to?.protocol === "http:"
  if (!to || !/^https?:$/.test(to.protocol) || isLess)
    throw refused(`got a redirect to "${location.slice(0, 100)}", which is not followed`)
  return { ...from, url: to, headers: to.origin === url.origin ? from.headers : {} }
}

async function bodyOf(response: IncomingMessage, { mostBytes, where }: Ask): Promise<Uint8Array> {
  const isPacked = /gzip/i.test(response.headers["content-encoding"] ?? "")
  const plain: Readable = isPacked ? pipeline(response, createGunzip(), () => {}) : response
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of plain) {
      pieces.push(piece)
      length += piece.length
      if (length <= mostBytes) continue
      throw new Problem("protocol-error", where, `got an answer of more than ${mostBytes} bytes`)
    }
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown
    throw lineProblem(thrown, where)
  } finally {
    response.destroy()
  }
  return Buffer.concat(pieces)
}

function statusProblem(status: number, where: string): Problem {
  const says = `got status ${status} (${STATUS_CODES[status] ?? "unknown"}), expected 200`
  if (status === 401 || status === 403) return new Problem("credentials-refused", where, says)
  if (status === 429 || status >= 500) return new Problem("connection-lost", where, says)
  return new Problem("protocol-error", where, says)
}

const unreachable = ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]

function lineProblem(thrown: unknown, where: string): Problem {
  const { code = "", message = String(thrown) } = thrown as { code?: string; message?: string }
  const says = `got "${message.split("\n")[0]}"`
  const cause = { cause: thrown }
  if (unreachable.includes(code)) return new Problem("connection-refused", where, says, cause)
  if (/^HPE_|^Z_/.test(code)) return new Problem("protocol-error", where, says, cause)
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) {
    const what = `${says}, expected a certificate that this computer or \`ca\` vouches for`
    return new Problem("protocol-error", where, what, cause)
  }
  return new Problem("connection-lost", where, says, cause)
}
