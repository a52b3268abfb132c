import type { Socket } from "node:net"

/** A part is some hundred bytes. */
const longestLine = 65_536

/** Hands each JSON line of a socket on; a line that is too long or no JSON ends the connection. */
export function readLines(socket: Socket, take: (message: unknown) => void): void {
  let rest = ""
  socket.setEncoding("utf8")
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n")
    rest = lines.pop() ?? ""
    try {
      for (const line of lines) take(JSON.parse(line))
    } catch (thrown) {
      socket.destroy(thrown instanceof Error ? thrown : undefined)
    }
    if (rest.length > longestLine) socket.destroy()
  })
}

export function sendLine(socket: Socket, message: unknown): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
}
