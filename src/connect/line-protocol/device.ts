import { LineReader, type LineReport, type Precision } from "../../codec/line-protocol.ts"
import { timedIds } from "../../kernel/ids.ts"
import { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { Bucket } from "../broker/bucket.ts"
import type {
  Deliver,
  Device,
  FoundPoint,
  Host,
  Receipt,
  Received,
  ResumeFrom,
  Wanted,
} from "../connector.ts"
import { isSameSecret, secretIn } from "../credential.ts"
import { type LiveCount, LiveRows, liveCount } from "../live-rows.ts"
import { shown } from "../values.ts"
import { aborted } from "../waiting.ts"
import { Columns } from "./columns.ts"
import type { LineProtocolOptions } from "./options.ts"

/** The way in for messages, while the device is followed. */
interface Inlet {
  readonly wanted: Wanted
  readonly deliver: Deliver
  columns: Columns
}

/** One sender of line protocol, such as a Telegraf. */
export class LineProtocolDevice implements Device {
  readonly #options: LineProtocolOptions
  readonly #host: Host
  readonly #count: LiveCount
  readonly #reader: LineReader
  readonly #rows = new BlockWriter(8192)
  readonly #bucket: Bucket
  #inlet: Inlet | undefined
  /** How many series without a point were complained of. */
  #complained = 0

  constructor(options: LineProtocolOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#count = liveCount(host, timedIds(host.clock, host.random)())
    this.#reader = new LineReader(options["max-series"])
    this.#bucket = new Bucket(host.clock, options["max-samples-per-second"])
  }

  /** Nobody is called: the sender comes. */
  async connect(): Promise<void> {
    this.#reader.forget()
    this.#complained = 0
  }

  async follow(
    wanted: Wanted,
    deliver: Deliver,
    _: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const unread = new LiveRows(this.#host, this.#count, deliver)
    unread.refuseRecords(wanted.records, "line protocol has no records")
    await unread.deliver()
    this.#inlet = { wanted, deliver, columns: this.#columnsFor(wanted) }
    try {
      await aborted(signal)
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    } finally {
      this.#inlet = undefined
    }
  }

  knows(authorization: string | undefined): boolean {
    return isSameSecret(secretIn(authorization), this.#options.token)
  }

  async receive({ authorization, body, precision = "ns" }: Received): Promise<Receipt> {
    const { name } = this.#host
    if (!this.knows(authorization))
      throw new Problem("credentials-refused", name, "got another token than its own")
    const inlet = this.#inlet
    if (!inlet) throw new Problem("connection-lost", name, "messages are not taken now")
    const waitMs = this.#bucket.owedMs()
    if (waitMs > 0) {
      const most = this.#options["max-samples-per-second"]
      const what = `got more than ${most} samples a second, expected the next in ${waitMs} ms`
      throw new Problem("too-many-requests", name, what)
    }
    return this.#take(inlet, { body, unit: precisionOf(precision, name) })
  }

  async *browse(): AsyncIterable<FoundPoint> {
    if (this.#inlet) yield* this.#inlet.columns.found()
  }

  async close(): Promise<void> {
    this.#inlet = undefined
  }

  #columnsFor({ points }: Wanted): Columns {
    const { template } = this.#options
    return new Columns({ reader: this.#reader, host: this.#host, template, points })
  }

  /** Up to the delivery nothing waits, since the reader's rows are those of the last message alone. */
  async #take(inlet: Inlet, of: { body: Uint8Array; unit: Precision }): Promise<Receipt> {
    const reader = this.#reader
    if (reader.isFull) {
      reader.forget()
      inlet.columns = this.#columnsFor(inlet.wanted)
    }
    const report = reader.read(of.body, of.unit)
    this.#bucket.take(reader.rows.length)
    const { columns } = inlet
    const values = columns.addTo(this.#rows)
    const refused = [...this.#problemsOf(report), ...values]
    const { source, next: sequence } = this.#count
    const block = this.#rows.take({ source, sequence, received: this.#host.clock.now() })
    this.#count.next += block.length
    const { unmapped } = columns
    const unlisted = report.bad + columns.refused - refused.length
    const complaint = this.#complaint(columns)
    const told = complaint ? [...refused, complaint] : refused
    if (block.length + told.length + unmapped > 0)
      await inlet.deliver({ block, refused: told, unlisted, unmapped, kept: true })
    return { stored: block.length, refused, bad: report.bad }
  }

  #problemsOf({ faults }: LineReport): Problem[] {
    return faults.map(({ line, got, expected }) => {
      const where = `${this.#host.name} line ${line}`
      return new Problem("value-refused", where, `got ${shown(got)}, expected ${expected}`)
    })
  }

  /** When there are more of them than the last time. */
  #complaint(columns: Columns): Problem | undefined {
    const { strangers } = columns
    if (strangers <= this.#complained) return undefined
    this.#complained = strangers
    return columns.complaint()
  }
}

/** As InfluxDB 1 and 2 write them. */
const units: Readonly<Record<string, Precision>> = {
  ...{ ns: "ns", n: "ns", us: "us", u: "us", µ: "us", ms: "ms", s: "s", m: "m", h: "h" },
}

function precisionOf(given: string, where: string): Precision {
  const unit = Object.hasOwn(units, given) ? units[given] : undefined
  if (unit) return unit
  const what = `got precision ${shown(given)}, expected ns, us, ms, s, m or h`
  throw new Problem("request-invalid", where, what)
}
