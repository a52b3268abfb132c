import { randomBytes } from "node:crypto"
import { connect, createServer } from "node:net"
import { freePort } from "../../../../test/support/free-port.ts"
import type { Connector } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import { startLine } from "../../testing/line.ts"
import type { LiveMachine } from "../../testing/live.ts"
import type { Rig } from "../../testing/rig.ts"
import { modbus } from "../modbus.ts"
import { addresses, Registers, serveTcp } from "./unit.ts"

/** A Modbus TCP device of a foreign library, behind a cable that can be cut. */
export async function make(_rig: Rig): Promise<LiveMachine> {
  const registers = new Registers()
  const port = await freePort()
  const babbler = await startBabbler(port)
  const line = await startLine(babbler.port)
  let stop: (() => Promise<void>) | undefined
  const kill = async () => {
    await stop?.()
    stop = undefined
  }
  const given = { host: "127.0.0.1", port: line.port, period: "50ms", timeout: "500ms", retries: 0 }
  return {
    connector: modbus as Connector,
    options: parseOptions(modbus, given, "test"),
    addresses,
    start: async () => {
      stop = await serveTcp(registers, port)
    },
    kill,
    set: async (values) => registers.set(values),
    written: () => registers.last,
    cut: () => line.cut(),
    stall: () => line.deaden(),
    mend: () => line.mend(),
    babble: async () => babbler.babble(),
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]()
      await babbler[Symbol.asyncDispose]()
      await kill()
    },
  }
}

/** Passes bytes to a server and back; once told so, it answers the next request itself with what is no Modbus. */
async function startBabbler(to: number) {
  let isBabbling = false
  const server = createServer((client) => {
    const machine = connect(to, "127.0.0.1")
    client.on("data", (bytes) => {
      const rubbish = Buffer.concat([Buffer.from("HTTP/1.1 400 Bad Request\r\n"), randomBytes(300)])
      if (isBabbling) client.write(rubbish)
      else machine.write(bytes)
      isBabbling = false
    })
    machine.on("data", (bytes) => client.write(bytes))
    for (const [one, other] of [
      [client, machine],
      [machine, client],
    ] as const) {
      one.on("error", () => other.destroy())
      one.on("close", () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const place = server.address()
  return {
    port: typeof place === "object" && place ? place.port : 0,
    babble: () => {
      isBabbling = true
    },
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
