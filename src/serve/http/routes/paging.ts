import type { FastifyReply, FastifyRequest } from "fastify"

/** Names the next page in the header `Link` (RFC 8288), so that a list stays a plain array. */
export function linkNext(
  request: Pick<FastifyRequest, "url" | "query">,
  reply: Pick<FastifyReply, "header">,
  change: Readonly<Record<string, string>>,
): void {
  const [path = ""] = request.url.split("?")
  const query = new URLSearchParams(request.query as Record<string, string>)
  for (const [name, value] of Object.entries(change)) query.set(name, value)
  reply.header("link", `<${path}?${query}>; rel="next"`)
}
