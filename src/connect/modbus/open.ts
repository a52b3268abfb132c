import { once } from "node:events"
import { connect } from "node:net"
import { parseDuration } from "../../kernel/tag-file.ts"
import { Problem } from "../../model/problem.ts"
import type { Host } from "../connector.ts"
import { within } from "../waiting.ts"
import { RtuFraming, TcpFraming } from "./framing.ts"
import { Line, type OpenStream } from "./line.ts"
import { type ModbusOptions, placeOf } from "./options.ts"

/** Opens the socket or serial port. Whether a device speaks there shows at the first request. */
export async function openLine(
  options: ModbusOptions,
  host: Host,
  signal: AbortSignal,
): Promise<Line> {
  const { transport, timeout } = options
  checkPlace(options, host)
  const where = `${host.name} (${placeOf(options)})`
  const timeoutMs = parseDuration(timeout)
  const { clock } = host
  const late = () => new Problem("connection-timeout", where, `got no connection in ${timeout}`)
  const open = await within(
    timeoutMs,
    (s) => (transport === "rtu" ? openSerial(options, where, s) : openSocket(options, host, s)),
    { clock, signal, late },
  )
  const framing = transport === "tcp" ? new TcpFraming() : new RtuFraming()
  return new Line({ ...open, framing, clock, where, timeoutMs, pauseMs: pauseOf(options) })
}

function checkPlace({ transport, host, serial }: ModbusOptions, { name }: Host): void {
  const [option, given] = transport === "rtu" ? ["serial", serial] : ["host", host]
  if (given !== undefined) return
  const what = `option "${option}" is missing, expected it with transport ${transport}`
  throw new Problem("option-invalid", name, what)
}

/** MODBUS over Serial Line V1.02, 2.5.1.1: 3.5 characters of 11 bits, above 19200 bits a second 1.75 ms. */
function pauseOf({ transport, baud }: ModbusOptions): number {
  if (transport === "tcp") return 0
  return Math.max(1.75, (3.5 * 11 * 1000) / baud)
}

async function openSocket(
  options: ModbusOptions,
  host: Host,
  signal: AbortSignal,
): Promise<OpenStream> {
  const { host: name = "", port } = options
  const where = `${host.name} (${placeOf(options)})`
  const { address, family } = await host.network.reach({ host: name, port }, where)
  signal.throwIfAborted()
  const socket = connect({ host: address, port, family, noDelay: true, keepAlive: true })
  const made = { stream: socket, end: () => socket.destroy() }
  return opened(made, once(socket, "connect"), { where, signal })
}

/** The library is loaded only where there is a serial port. */
async function openSerial(
  options: ModbusOptions,
  where: string,
  signal: AbortSignal,
): Promise<OpenStream> {
  const { SerialPort } = await import("serialport")
  signal.throwIfAborted()
  const port = new SerialPort({
    path: options.serial ?? "",
    baudRate: options.baud,
    parity: options.parity,
    dataBits: options["data-bits"] === 7 ? 7 : 8,
    stopBits: options["stop-bits"] === 2 ? 2 : 1,
  })
  const made = { stream: port, end: () => port.close(() => {}) }
  return opened(made, once(port, "open"), { where, signal })
}

/** What opens although nobody waits for it any more is closed again. */
async function opened(
  made: OpenStream,
  opening: Promise<unknown>,
  { where, signal }: { where: string; signal: AbortSignal },
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
