import { once } from "node:events"
import { connect } from "node:net"
import { Problem } from "../../model/problem.ts"
import type { Host } from "../connector.ts"
import type { OpenStream } from "./line.ts"

export interface Opening {
  /** Device and place, for problems. */
  readonly where: string
  readonly signal: AbortSignal
}

/** Opens a TCP connection to a place that the plant's policy lets devices reach. Throws `connection-refused` or `address-forbidden`. */
export async function openSocket(
  place: { readonly host: string; readonly port: number },
  { network }: Host,
  { where, signal }: Opening,
): Promise<OpenStream> {
  const { address, family, port } = await network.reach(place, where)
  signal.throwIfAborted()
  const socket = connect({ host: address, port, family, noDelay: true, keepAlive: true })
  const made = { stream: socket, end: () => socket.destroy() }
  return opened(made, once(socket, "connect"), { where, signal })
}

/** What opens although nobody waits for it any more is closed again. */
export async function opened(
  made: OpenStream,
  opening: Promise<unknown>,
  { where, signal }: Opening,
): Promise<OpenStream> {
  const { stream, end } = made
  stream.on("error", () => {})
  try {
    await opening
  } catch (thrown) {
    end()
    const says = thrown instanceof Error ? thrown.message : String(thrown)
    const remedy = /permission denied/i.test(says)
      ? "; let this user use serial ports (on Debian the group dialout)"
      : ""
    throw new Problem("connection-refused", where, `got "${says}"${remedy}`, { cause: thrown })
  }
  if (signal.aborted) end()
  signal.throwIfAborted()
  return made
}
