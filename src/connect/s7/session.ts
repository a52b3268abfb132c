import {
  agreedLength,
  connectRequest,
  type ItemResult,
  type MemoryRange,
  type Message,
  readParameter,
  readResults,
  setupParameter,
  writeData,
  writeParameter,
  writeResult,
} from "../../codec/s7-frame.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import { Problem } from "../../model/problem.ts"
import type { Host } from "../connector.ts"
import { Line } from "../line/line.ts"
import { openSocket } from "../line/socket.ts"
import { within } from "../waiting.ts"
import { type S7Answer, S7Framing, type S7Request } from "./framing.ts"
import type { S7Options } from "./options.ts"

/** Longest message that Moru takes; controllers offer 240 to 960 bytes. */
const longestMessage = 960

/** An open connection to a controller. */
export class Session {
  readonly #line: Line<S7Request, S7Answer>
  readonly #where: string
  /** Longest message of both sides. */
  readonly longest: number

  constructor(line: Line<S7Request, S7Answer>, where: string, longest: number) {
    this.#line = line
    this.#where = where
    this.longest = longest
  }

  get lost(): AbortSignal {
    return this.#line.lost
  }

  /** A result for each range, in their order; they must fit in one message. */
  async read(ranges: readonly MemoryRange[], signal: AbortSignal): Promise<ItemResult[]> {
    const message = await this.#job({ parameter: readParameter(ranges) }, signal)
    const lengths = ranges.map(({ length }) => length)
    return readResults(message, lengths) ?? this.#misfit()
  }

  /** Gives the controller's result code. Sent once and never again. */
  async write(range: MemoryRange, bytes: Uint8Array, signal: AbortSignal): Promise<number> {
    const request = { parameter: writeParameter(range), data: writeData(range, bytes) }
    return writeResult(await this.#job(request, signal)) ?? this.#misfit()
  }

  async #job(request: S7Request, signal: AbortSignal): Promise<Message> {
    const message = await job(this.#line, request, { where: this.#where, signal })
    if (message.error === 0) return message
    const code = message.error.toString(16).padStart(4, "0")
    const what = `got error ${code}, expected an answer: on an S7-1200 or S7-1500 allow access by PUT/GET`
    throw new Problem("protocol-error", this.#where, what)
  }

  #misfit(): never {
    throw new Problem("protocol-error", this.#where, "got an answer that does not fit the request")
  }

  close(): Promise<void> {
    return this.#line.close()
  }
}

export async function openSession(
  options: S7Options,
  host: Host,
  signal: AbortSignal,
): Promise<Session> {
  const { host: name, port, timeout } = options
  const where = `${host.name} (${name}:${port})`
  const timeoutMs = parseDuration(timeout)
  const { clock } = host
  const late = () => new Problem("connection-timeout", where, `got no connection in ${timeout}`)
  const open = await within(
    timeoutMs,
    (s) => openSocket({ host: name, port }, host, { where, signal: s }),
    { clock, signal, late },
  )
  const line = new Line({ ...open, framing: new S7Framing(), clock, where, timeoutMs })
  try {
    await line.ask({ connect: connectRequest(pointsOf(options)) }, { signal })
    const setup = { parameter: setupParameter(longestMessage) }
    const length = agreedLength(await job(line, setup, { where, signal })) ?? 0
    // The shortest that any controller offers is 112.
    if (length < 64)
      throw new Problem("protocol-error", where, `got messages of ${length} bytes, expected more`)
    return new Session(line, where, Math.min(length, longestMessage))
  } catch (thrown) {
    await line.close()
    throw thrown
  }
}

async function job(
  line: Line<S7Request, S7Answer>,
  request: S7Request,
  { where, signal }: { where: string; signal: AbortSignal },
): Promise<Message> {
  const answer = await line.ask(request, { signal })
  if (answer !== "connected") return answer
  throw new Problem("protocol-error", where, "got a second connection, expected an answer")
}

/** The controller's transport point for programming devices names rack and slot. */
function pointsOf(options: S7Options): { calling: number; called: number } {
  const { rack, slot, "local-tsap": local, "remote-tsap": remote } = options
  const read = (text: string) => Number.parseInt(text.replace(".", ""), 16)
  return {
    calling: local === undefined ? 0x0100 : read(local),
    called: remote === undefined ? 0x0100 + 32 * rack + slot : read(remote),
  }
}
