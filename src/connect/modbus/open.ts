import { once } from "node:events"
import type { Answer } from "../../codec/modbus-frame.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import { Problem } from "../../model/problem.ts"
import type { Host } from "../connector.ts"
import { Line, type OpenStream } from "../line/line.ts"
import { type Opening, opened, openSocket } from "../line/socket.ts"
import { within } from "../waiting.ts"
import { RtuFraming, TcpFraming, type UnitRequest } from "./framing.ts"
import { type ModbusOptions, placeOf } from "./options.ts"

export type ModbusLine = Line<UnitRequest, Answer>

/** Opens the socket or serial port. Whether a device speaks there shows at the first request. */
export async function openLine(
  options: ModbusOptions,
  host: Host,
  signal: AbortSignal,
): Promise<ModbusLine> {
  const { transport, timeout } = options
  checkPlace(options, host)
  const where = `${host.name} (${placeOf(options)})`
  const timeoutMs = parseDuration(timeout)
  const { clock } = host
  const late = () => new Problem("connection-timeout", where, `got no connection in ${timeout}`)
  const open = await within(
    timeoutMs,
    (s) =>
      transport === "rtu"
        ? openSerial(options, { where, signal: s })
        : openSocket({ host: options.host ?? "", port: options.port }, host, { where, signal: s }),
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

/** The library is loaded only where there is a serial port. */
async function openSerial(options: ModbusOptions, opening: Opening): Promise<OpenStream> {
  const { SerialPort } = await import("serialport")
  opening.signal.throwIfAborted()
  const port = new SerialPort({
    path: options.serial ?? "",
    baudRate: options.baud,
    parity: options.parity,
    dataBits: options["data-bits"] === 7 ? 7 : 8,
    stopBits: options["stop-bits"] === 2 ? 2 : 1,
  })
  const made = { stream: port, end: () => port.close(() => {}) }
  return opened(made, once(port, "open"), opening)
}
