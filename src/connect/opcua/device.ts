import { timedIds } from "../../kernel/ids.ts"
import type { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import type { Deliver, Device, FoundPoint, Host, Point, ResumeFrom, Wanted } from "../connector.ts"
import { liveCount } from "../live-rows.ts"
import type { Kept } from "./follow.ts"
import type { OpcUaOptions } from "./options.ts"
import type { Session } from "./session.ts"

/** One server. Everything that needs the library is loaded at the first connect: it takes a second and 100 MB. */
export class OpcUaDevice implements Device {
  readonly #options: OpcUaOptions
  readonly #host: Host
  /** Outlives the line: the count of live samples goes on, and the server's queues may still be there. */
  readonly #kept: Kept
  #line: Session | undefined

  constructor(options: OpcUaOptions, host: Host) {
    this.#options = options
    this.#host = host
    const live = liveCount(host, timedIds(host.clock, host.random)())
    this.#kept = { live, lastNumber: 0, rings: new Map() }
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    const { openSession } = await import("./session.ts")
    this.#line = await openSession(this.#options, this.#host, signal)
  }

  async read(points: readonly Point[], into: BlockWriter, signal: AbortSignal): Promise<void> {
    const line = this.#connected()
    const { readPoints } = await import("./read.ts")
    await readPoints({ line, host: this.#host, points, into }, signal)
  }

  async follow(
    wanted: Wanted,
    deliver: Deliver,
    resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const line = this.#connected()
    const { follow } = await import("./follow.ts")
    const [options, host, kept] = [this.#options, this.#host, this.#kept]
    await follow({ line, options, host, kept, wanted, deliver, resumeFrom }, signal)
  }

  async write(point: Point, value: Value, signal: AbortSignal): Promise<void> {
    const line = this.#connected()
    const { writePoint } = await import("./write.ts")
    await writePoint({ line, host: this.#host, point, value }, signal)
  }

  async *browse(signal: AbortSignal): AsyncIterable<FoundPoint> {
    const line = this.#connected()
    const { browsePoints } = await import("./browse.ts")
    yield* browsePoints(line, signal)
  }

  async close(): Promise<void> {
    const line = this.#line
    this.#line = undefined
    await line?.close()
  }

  #connected(): Session {
    if (this.#line) return this.#line
    throw new Problem("connection-lost", this.#host.name, "the machine is not connected")
  }
}
