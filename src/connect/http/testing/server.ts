import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createSecure } from "node:https"

type Handle = (request: IncomingMessage, response: ServerResponse) => void

export interface Served extends AsyncDisposable {
  readonly port: number
  readonly url: string
}

/** A web server on 127.0.0.1; stopping it breaks the connections there are. */
export async function serve(
  handle: Handle,
  at: { port?: number; tls?: { key: string; cert: string } } = {},
): Promise<Served> {
  const server: Server = at.tls ? createSecure(at.tls, handle) : createServer(handle)
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(at.port ?? 0, "127.0.0.1", resolve)
  })
  const place = server.address()
  const port = typeof place === "object" && place ? place.port : 0
  return {
    port,
    url: `${at.tls ? "https" : "http"}://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
