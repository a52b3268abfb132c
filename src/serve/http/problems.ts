import { STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify"
import type { Log } from "../../kernel/log.ts"
import { Problem, type ProblemCode } from "../../model/problem.ts"
import type { ProblemBody } from "../api.ts"

/** HTTP's word (RFC 9110, 15) for problems that are the asker's or the moment's; all others are the server's: 500. */
const statuses: Partial<Record<ProblemCode, number>> = {
  "path-invalid": 400,
  "request-invalid": 400,
  "option-invalid": 400,
  "value-refused": 400,
  "query-refused": 400,
  "query-too-large": 400,
  "part-missing": 501,
  "config-invalid": 400,
  "sign-in-needed": 401,
  "sign-in-refused": 401,
  "credentials-refused": 401,
  "edge-refused": 401,
  "right-missing": 403,
  "read-only": 403,
  "not-found": 404,
  "point-unknown": 404,
  "decision-closed": 409,
  "automatic-stopped": 409,
  "write-failed": 409,
  "config-unsafe-change": 409,
  "config-waits": 409,
  "too-many-requests": 429,
  "store-failed": 503,
  "storage-full": 503,
  "connection-refused": 503,
  "connection-lost": 503,
  "connection-timeout": 503,
}

export function statusOf(code: ProblemCode): number {
  return statuses[code] ?? 500
}

export function bodyOf({ code, where, message, hint, retry }: Problem): ProblemBody {
  return { code, where, message, hint, retry }
}

/** Every failure leaves as a problem. What nobody expected is told to the log alone, with the request's id for both. */
export function answerProblems(log: Log) {
  return (thrown: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply) => {
    const where = `${request.method} ${request.url.split("?")[0]}`
    const { problem, status } = known(thrown, where) ?? {
      problem: new Problem("unexpected", where, `the server failed, see ${request.id} in its log`),
      status: 500,
    }
    // Who leaves before the answer, as every page that is turned does, is no failure.
    const left = thrown.name === "AbortError" && request.signal.aborted
    if (problem.code === "unexpected" && !left)
      log.error("a request failed", { where, id: request.id, thrown: thrown.stack ?? thrown })
    if (problem.retry && status >= 429 && !reply.hasHeader("retry-after"))
      reply.header("retry-after", 10)
    return reply.code(status).type("application/json; charset=utf-8").send(bodyOf(problem))
  }
}

/** Undefined for what nobody expected. */
export function known(thrown: FastifyError | Problem, where: string) {
  if (thrown instanceof Problem)
    return thrown.code === "unexpected"
      ? undefined
      : { problem: thrown, status: statusOf(thrown.code) }
  const { statusCode: status = 500, code } = thrown
  if (code === "FST_ERR_HANDLER_TIMEOUT")
    return { problem: new Problem("unexpected", where, "it took too long and was ended"), status }
  if (status < 400 || status >= 500) return undefined
  const problemCode = status === 404 ? "not-found" : "request-invalid"
  return { problem: new Problem(problemCode, where, thrown.message), status }
}

/** For what is no HTTP at all, where there is neither request nor reply. */
export function answerNoHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy()
    return
  }
  const status = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400
  const body = JSON.stringify(
    bodyOf(new Problem("request-invalid", "request", `got no readable HTTP (${error.code})`)),
  )
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
