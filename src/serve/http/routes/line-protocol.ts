import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify"
import type { Receipt } from "../../../connect/connector.ts"
import { Problem } from "../../../model/problem.ts"
import type { App, Context } from "../context.ts"
import { bodyOf, known } from "../problems.ts"

/*
 * What programs that write to InfluxDB ask of it: `/api/v2/write` of its version 2, `/write` and `/query` of 1, and both
 * ways to ask whether it is there (docs.influxdata.com, "InfluxDB OSS v2 API" and "InfluxDB 1.8 API reference").
 */

const largestPacked = 10_000_000
const largestPlain = 32_000_000
/** Bodies of all senders together that are not stored yet. */
const mostUnderWay = 128_000_000
/** A full or slow store is asked again after so many seconds. */
const againAfter = 10
/** Of InfluxDB, whose way of writing is spoken. */
const spokenVersion = "1.8.10"

const unpack = promisify(gunzip)

type Query = Readonly<Record<string, string | undefined>>

/** Hidden from the API's document: they are InfluxDB's, and answer in its way. */
const common = { config: { fromMachine: true }, schema: { hide: true }, helmet: false } as const

export function lineProtocolRoutes(app: App, { parts }: Context): void {
  app.register(async (senders: App) => {
    senders.removeAllContentTypeParsers()
    const asBytes = { parseAs: "buffer", bodyLimit: largestPacked } as const
    senders.addContentTypeParser("*", asBytes, (_request, body, done) => done(null, body))
    senders.setErrorHandler(answerAsInflux)
    let underWay = 0

    const write = async (request: FastifyRequest, reply: FastifyReply) => {
      const { precision } = request.query as Query
      const authorization = credentialOf(request)
      const packed = request.body instanceof Uint8Array ? request.body : new Uint8Array()
      const size = packed.length
      if (underWay + size > mostUnderWay)
        throw new Problem("store-failed", "write", "got more than is stored in time")
      underWay += size
      try {
        const body = await plainBody(packed, request.headers["content-encoding"])
        const message = { body, ...(precision !== undefined && { precision }), authorization }
        answerReceipt(reply, await parts.devices.receiveKnown(message))
      } finally {
        underWay -= size
      }
      return reply
    }
    // Nobody's body is read before it is known whose it is.
    const onRequest = async (request: FastifyRequest) => {
      // InfluxDB's own client sends an empty type; whatever is sent, it is lines.
      request.raw.headers["content-type"] = "text/plain"
      if (!parts.devices.knows(credentialOf(request)))
        throw new Problem("credentials-refused", "write", "got a token that no device has")
    }
    for (const url of ["/api/v2/write", "/write"])
      senders.post(url, { ...common, bodyLimit: largestPacked, onRequest }, write)
    for (const method of ["GET", "POST"] as const)
      senders.route({ method, url: "/query", ...common, handler: answerQuery })
    const alive = async (_request: FastifyRequest, reply: FastifyReply) =>
      reply
        .headers({ "x-influxdb-version": spokenVersion, "x-influxdb-build": "Moru" })
        .code(204)
        .send()
    senders.get("/ping", common, alive)
    senders.get("/health", common, async () => ({
      ...{ name: "influxdb", message: "ready for writes", status: "pass", checks: [] },
      version: spokenVersion,
    }))
  })
}

/** InfluxDB 1 also takes name and password from the address. */
function credentialOf({ headers, query }: FastifyRequest): string {
  const { u = "", p } = query as Query
  if (headers.authorization !== undefined) return headers.authorization
  return p === undefined ? "" : `Basic ${Buffer.from(`${u}:${p}`).toString("base64")}`
}

async function plainBody(body: Uint8Array, encoding = "identity"): Promise<Uint8Array> {
  if (encoding === "identity") return body
  if (encoding !== "gzip")
    throw new Problem("request-invalid", "write", `got encoding "${encoding}", expected gzip`)
  try {
    return await unpack(body, { maxOutputLength: largestPlain })
  } catch (thrown) {
    const what = `got a body that is no gzip, or more than ${largestPlain} bytes unpacked`
    throw new Problem("request-invalid", "write", what, { cause: thrown })
  }
}

/** 204 where all lines were read; else 400, by which a sender knows that sending them again is of no use. */
function answerReceipt(reply: FastifyReply, { refused, bad = 0 }: Receipt): void {
  if (bad === 0) {
    reply.code(204).send()
    return
  }
  const [first] = refused
  const message = `partial write: unable to parse: ${first?.message ?? "a line"} dropped=${bad}`
  const body = { code: "invalid", message, error: message, problems: refused.map(bodyOf) }
  reply.code(400).header("x-influxdb-error", header(message)).send(body)
}

const codes: Readonly<Record<number, string>> = {
  ...{ 400: "invalid", 401: "unauthorized", 404: "not found", 413: "request too large" },
  ...{ 429: "too many requests", 503: "unavailable" },
}

/** A problem in the shapes of both versions: `code` and `message` of 2, `error` of 1. */
function answerAsInflux(
  thrown: FastifyError | Problem,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const found = known(thrown, `${request.method} ${request.url.split("?")[0]}`)
  if (!found) throw thrown
  const { problem, status } = found
  const { message } = problem
  if (problem.retry && status >= 429) reply.header("retry-after", againAfter)
  const code = codes[status] ?? "internal error"
  reply
    .code(status)
    .header("x-influxdb-error", header(message))
    .send({ code, message, error: message, problem: bodyOf(problem) })
}

/** As much of a message as may stand in a header. */
function header(message: string): string {
  return message.replace(/[^\x20-\x7e]/g, "?").slice(0, 500)
}

/** Telegraf makes its database when it starts, and the command line looks for it: both may do so, and nothing is done. */
async function answerQuery(request: FastifyRequest): Promise<object> {
  const { q = formOf(request.body).get("q") ?? "" } = request.query as Query
  if (/^\s*CREATE DATABASE\b/i.test(q)) return { results: [{ statement_id: 0 }] }
  if (/^\s*SHOW DATABASES\b/i.test(q)) {
    const series = [{ name: "databases", columns: ["name"], values: [["moru"]] }]
    return { results: [{ statement_id: 0, series }] }
  }
  const what = `got "${q.slice(0, 60)}", expected SHOW DATABASES or CREATE DATABASE: values are read by /api/v1`
  throw new Problem("request-invalid", "query", what)
}

function formOf(body: unknown): URLSearchParams {
  return new URLSearchParams(body instanceof Uint8Array ? Buffer.from(body).toString() : "")
}
