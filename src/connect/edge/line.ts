import { type IncomingMessage, Agent as PlainAgent, request } from "node:http"
import { Agent as SecureAgent, request as secureRequest } from "node:https"
import { isIP } from "node:net"
import { promisify } from "node:util"
import { constants, zstdCompress } from "node:zlib"
import type { Lane } from "../../codec/delivery.ts"
import type { Network } from "../../kernel/network.ts"
import { Problem, type ProblemCode, problems } from "../../model/problem.ts"
import type { CentralLine, EdgeAnswer } from "../edge.ts"

export interface LineOptions {
  /** Of the centre, such as `https://moru.plant.local:4400`. */
  readonly to: URL
  readonly key: string
  /** PEM of the certificate authority; the system's where absent. */
  readonly ca?: string
  readonly network: Network
}

const compress = promisify(zstdCompress)
const level = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
const mostAnswerBytes = 64 * 1024
const where = "edge"

/** The way to the centre over HTTP: one connection a lane, kept open, so that neither waits for the other. */
export class HttpLine implements CentralLine {
  readonly #options: LineOptions
  readonly #isSecure: boolean
  readonly #agents: Readonly<Record<Lane, PlainAgent>>

  constructor(options: LineOptions) {
    this.#options = options
    this.#isSecure = options.to.protocol === "https:"
    const agent = () => {
      const kept = { keepAlive: true, maxSockets: 1 }
      return this.#isSecure ? new SecureAgent(kept) : new PlainAgent(kept)
    }
    this.#agents = { live: agent(), late: agent() }
  }

  async send(message: Uint8Array, lane: Lane, signal: AbortSignal): Promise<EdgeAnswer> {
    const body = await compress(message, level)
    const response = await this.#post(body, lane, signal)
    const text = await textOf(response)
    const answer = jsonOf(text)
    if (response.statusCode !== 200) throw problemOf(response.statusCode ?? 0, answer)
    const { accepted, session, refused } = answer as Partial<EdgeAnswer>
    if (typeof accepted !== "boolean" || typeof session !== "string" || typeof refused !== "number")
      throw new Problem("protocol-error", where, "got an answer that is not Moru's, expected Moru")
    return { accepted, session, refused }
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  async #post(body: Uint8Array, lane: Lane, signal: AbortSignal): Promise<IncomingMessage> {
    const { to, key, ca, network } = this.#options
    const port = Number(to.port || (this.#isSecure ? 443 : 80))
    const reached = await network.reach({ host: to.hostname, port }, where)
    signal.throwIfAborted()
    const options = {
      ...{ host: reached.address, family: reached.family, port, method: "POST", signal },
      ...{ agent: this.#agents[lane], path: "/api/v1/edge/deliveries" },
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/vnd.moru.edge",
        "content-encoding": "zstd",
        "content-length": body.length,
        host: to.host,
      },
      ...(isIP(reached.host) === 0 && { servername: reached.host }),
      ...(ca !== undefined && { ca }),
    }
    return new Promise((resolve, reject) => {
      const asked = this.#isSecure ? secureRequest(options) : request(options)
      asked.on("response", resolve)
      asked.on("error", (thrown) => reject(lineProblem(thrown)))
      asked.end(body)
    })
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of response) {
      pieces.push(piece)
      length += piece.length
      if (length > mostAnswerBytes)
        throw new Error(`an answer of more than ${mostAnswerBytes} bytes`)
    }
  } catch (thrown) {
    throw lineProblem(thrown)
  }
  return Buffer.concat(pieces).toString()
}

function jsonOf(text: string): object {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

/** The centre's own words, where they are Moru's. */
function problemOf(status: number, answer: { code?: string; message?: string }): Problem {
  const { code = "", message = "" } = answer
  if (code in problems) return new Problem(code as ProblemCode, "centre", message)
  const says = `got status ${status}, expected 200`
  if (status === 429 || status >= 500) return new Problem("connection-lost", "centre", says)
  return new Problem("protocol-error", "centre", says)
}

const unreachable = ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]

function lineProblem(thrown: unknown): Problem {
  const { code = "", message = String(thrown) } = thrown as { code?: string; message?: string }
  const says = `got "${message.split("\n")[0]}"`
  const cause = { cause: thrown }
  if (unreachable.includes(code)) return new Problem("centre-unreachable", where, says, cause)
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code))
    return new Problem("certificate-refused", where, says, cause)
  return new Problem("centre-unreachable", where, says, cause)
}
