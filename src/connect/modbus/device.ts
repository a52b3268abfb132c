import { readRequest } from "../../codec/modbus-frame.ts"
import { timedIds } from "../../kernel/ids.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import type { Deliver, Device, FoundPoint, Host, Point, ResumeFrom, Wanted } from "../connector.ts"
import { type LiveCount, LiveRows, liveCount, rowsInto } from "../live-rows.ts"
import { poll } from "../poll.ts"
import { browsePoints } from "./browse.ts"
import type { UnitRequest } from "./framing.ts"
import { type ModbusLine, openLine } from "./open.ts"
import { type ModbusOptions, placeOf } from "./options.ts"
import { Reader } from "./reader.ts"
import { writePoint } from "./write.ts"

/** One device, or all units of one gateway or serial line. */
export class ModbusDevice implements Device {
  readonly #options: ModbusOptions
  readonly #host: Host
  readonly #count: LiveCount
  #line: ModbusLine | undefined
  /** What the last following asked for; empty until then. */
  #greetings: readonly UnitRequest[] = []

  constructor(options: ModbusOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#count = liveCount(host, timedIds(host.clock, host.random)())
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#line = await openLine(this.#options, this.#host, signal)
    await this.#greet(this.#line, signal)
  }

  /**
   * Connected is a line on which somebody speaks Modbus. Before anything is known of the units, silence is left to the first
   * reading to judge: the default unit may be switched off while the others run.
   */
  async #greet(line: ModbusLine, signal: AbortSignal): Promise<void> {
    const byDefault = { unit: this.#options.unit, request: readRequest("holding", 0, 1) }
    const isKnown = this.#greetings.length > 0
    let silence: unknown
    for (const asked of isKnown ? this.#greetings : [byDefault]) {
      try {
        const { retries } = this.#options
        await line.ask(asked, { retries, signal, whom: `unit ${asked.unit}` })
        return
      } catch (thrown) {
        if (signal.aborted || line.lost.aborted) throw thrown
        silence = thrown
      }
    }
    if (isKnown) throw silence
  }

  async read(points: readonly Point[], into: BlockWriter, signal: AbortSignal): Promise<void> {
    const [line, host, options] = [this.#connected(), this.#host, this.#options]
    const rows = rowsInto(into, host)
    await new Reader({ line, host, options, points }).read(rows, signal)
    signal.throwIfAborted()
    await rows.deliver()
  }

  async follow(
    { points, records }: Wanted,
    deliver: Deliver,
    _resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const [line, host, options, count] = [this.#connected(), this.#host, this.#options, this.#count]
    const reader = new Reader({ line, host, options, points })
    this.#greetings = reader.greetings
    const unread = new LiveRows(host, count, deliver)
    unread.refuseRecords(records, "Modbus has no records")
    await unread.deliver()
    const read = (rows: LiveRows, s: AbortSignal) => reader.read(rows, s)
    await poll({ host, count, deliver, periodMs: parseDuration(options.period), read }, signal)
  }

  async write(point: Point, value: Value, signal: AbortSignal): Promise<void> {
    const [line, host, options] = [this.#connected(), this.#host, this.#options]
    await writePoint({ line, host, options, point, value }, signal)
  }

  async *browse(signal: AbortSignal): AsyncIterable<FoundPoint> {
    const where = `${this.#host.name} (${placeOf(this.#options)})`
    yield* browsePoints(this.#connected(), this.#options, { where, signal })
  }

  async close(): Promise<void> {
    const line = this.#line
    this.#line = undefined
    await line?.close()
  }

  #connected(): ModbusLine {
    if (this.#line && !this.#line.lost.aborted) return this.#line
    throw new Problem("connection-lost", this.#host.name, "the device is not connected")
  }
}
