import { timedIds } from "../../kernel/ids.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import type { Deliver, Device, Host, Point, ResumeFrom, Wanted } from "../connector.ts"
import { type LiveCount, LiveRows, liveCount, rowsInto } from "../live-rows.ts"
import { poll } from "../poll.ts"
import type { S7Options } from "./options.ts"
import { Reader } from "./reader.ts"
import { openSession, type Session } from "./session.ts"
import { writePoint } from "./write.ts"

/** One controller. */
export class S7Device implements Device {
  readonly #options: S7Options
  readonly #host: Host
  readonly #count: LiveCount
  #session: Session | undefined

  constructor(options: S7Options, host: Host) {
    this.#options = options
    this.#host = host
    this.#count = liveCount(host, timedIds(host.clock, host.random)())
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#session = await openSession(this.#options, this.#host, signal)
  }

  async read(points: readonly Point[], into: BlockWriter, signal: AbortSignal): Promise<void> {
    const [session, host, options] = [this.#connected(), this.#host, this.#options]
    const rows = rowsInto(into, host)
    await new Reader({ session, host, options, points }).read(rows, signal)
    await rows.deliver()
  }

  async follow(
    { points, records }: Wanted,
    deliver: Deliver,
    _resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const session = this.#connected()
    const [host, options, count] = [this.#host, this.#options, this.#count]
    const reader = new Reader({ session, host, options, points })
    const unread = new LiveRows(host, count, deliver)
    unread.refuseRecords(records, "S7 has no records")
    await unread.deliver()
    const read = async (rows: LiveRows, s: AbortSignal) => {
      await reader.read(rows, s).catch((thrown) => {
        if (!s.aborted) throw thrown
      })
    }
    await poll({ host, count, deliver, periodMs: parseDuration(options.period), read }, signal)
  }

  async write(point: Point, value: Value, signal: AbortSignal): Promise<void> {
    const [session, host] = [this.#connected(), this.#host]
    await writePoint({ session, host, point, value }, signal)
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.close()
  }

  #connected(): Session {
    if (this.#session && !this.#session.lost.aborted) return this.#session
    throw new Problem("connection-lost", this.#host.name, "the controller is not connected")
  }
}
