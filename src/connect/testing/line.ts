import { connect, createServer, type Socket } from "node:net"

/** A cable between a client and a server that can be cut, or go dead without a word. */
export interface Line extends AsyncDisposable {
  readonly port: number
  /** Breaks the connections there are; new ones are refused until `mend`. */
  cut(): void
  /** Nothing passes any more, and nobody is told. */
  deaden(): void
  /** The same, right after the client has sent something that holds these bytes. */
  deadenAfter(sent: Buffer): void
  mend(): void
}

export async function startLine(to: number): Promise<Line> {
  const sockets = new Set<Socket>()
  let state: "whole" | "cut" | "dead" = "whole"
  let last: Buffer | undefined
  const pass = (from: Socket, into: Socket) => {
    sockets.add(from)
    from.on("data", (chunk) => {
      if (state !== "dead") into.write(chunk)
      if (last !== undefined && chunk.includes(last)) state = "dead"
    })
    from.on("error", () => {})
    from.on("close", () => {
      sockets.delete(from)
      if (state !== "dead") into.destroy()
    })
  }
  const server = createServer((client) => {
    if (state === "cut") {
      client.destroy()
      return
    }
    const machine = connect(to, "127.0.0.1")
    pass(client, machine)
    pass(machine, client)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const place = server.address()
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof place === "object" && place ? place.port : 0,
    cut: () => {
      state = "cut"
      breakAll()
    },
    deaden: () => {
      state = "dead"
    },
    deadenAfter: (sent) => {
      last = sent
    },
    mend: () => {
      state = "whole"
      last = undefined
      breakAll()
    },
    [Symbol.asyncDispose]: async () => {
      breakAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
