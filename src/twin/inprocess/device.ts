import type {
  Deliver,
  Device,
  Host,
  Point,
  RecordBuffer,
  ResumeFrom,
  Wanted,
} from "../../connect/connector.ts"
import { deliveryOf, type RecordRun } from "../../connect/records.ts"
import { BlockWriter, type SourceId, sourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { Value } from "../../model/tag.ts"
import { DieCasting, judge, type Shot } from "../machines/die-casting/die-casting.ts"

export interface InProcessOptions {
  readonly seed: number
  readonly mould?: string
  /** Shots made before the device is connected for the first time. */
  readonly historyShots?: number
  /** Plant time between two deliveries of live values. */
  readonly periodMs?: number
  /**
   * `suppress`: a written set point shows its new value and changes nothing in the process (a placebo), so that a
   * measured effect can only come from the measuring.
   */
  readonly writes?: "carry-out" | "suppress"
}

/** A die-casting machine as a device without sockets, for whole plants in simulated time. */
export class InProcessDevice implements Device {
  /** The machine itself, for faults and for what no sensor shows. */
  readonly machine: DieCasting
  readonly #host: Host
  readonly #options: Required<InProcessOptions>
  readonly #shots: Shot[] = []
  /** What suppressed writes show. */
  readonly #shown = new Map<string, number | boolean>()
  #isLost = false
  #next = 0

  constructor(options: InProcessOptions, host: Host) {
    this.#host = host
    this.#options = {
      mould: "8722",
      historyShots: 0,
      periodMs: 1000,
      writes: "carry-out",
      ...options,
    }
    const { seed, mould, historyShots } = this.#options
    this.machine = new DieCasting({ seed, mould, at: host.clock.now() - historyShots * 121_000 })
  }

  /** Cuts the line, or puts it back: the fault `connection-lost`. */
  set isLost(isLost: boolean) {
    this.#isLost = isLost
  }

  async connect(): Promise<void> {
    if (this.#isLost) throw new Problem("connection-refused", this.#host.name, "the line is cut")
  }

  async read(points: readonly Point[], into: BlockWriter): Promise<void> {
    this.#run()
    this.#addRows(points, into)
  }

  async follow(
    wanted: Wanted,
    deliver: Deliver,
    resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, name } = this.#host
    const live = sourceId({ name, epoch: "live" })
    const rings = wanted.records.map((buffer) => ({ buffer, source: this.#ring(buffer), done: 0 }))
    for (const ring of rings) ring.done = await resumeFrom(ring.source)
    const rows = new BlockWriter()
    while (!signal.aborted) {
      this.#run()
      this.#addRows(wanted.points, rows)
      const block = rows.take({ source: live, sequence: this.#next, received: clock.now() })
      this.#next += block.length
      if (block.length > 0) await deliver({ block })
      for (const ring of rings) {
        const run = this.#recordsAfter(ring)
        if (run.count > 0) await deliver(deliveryOf(run, this.#host.registry))
        ring.done += run.count
      }
      await clock.sleep(this.#options.periodMs, signal).catch(() => {})
    }
  }

  async write(point: Point, value: Value): Promise<void> {
    this.#run()
    const address = addressIn(point.address)
    const wanted = point.tag.kind === "boolean" ? Boolean(value) : value
    const isSuppressed = this.#options.writes === "suppress"
    const answer = isSuppressed ? judge(address, wanted) : this.machine.set(address, wanted)
    if (answer !== "ok")
      throw new Problem("write-failed", `${this.#host.name} ${address}`, `got ${answer}`)
    if (isSuppressed && typeof wanted !== "string") this.#shown.set(address, wanted)
  }

  async close(): Promise<void> {}

  /** Brings the machine to the present. */
  #run(): void {
    if (this.#isLost) throw new Problem("connection-lost", this.#host.name, "the line is cut")
    this.machine.step(this.#host.clock.now() - this.machine.at)
    this.#shots.push(...this.machine.shots.splice(0))
  }

  #addRows(points: readonly Point[], into: BlockWriter): void {
    const now = this.machine.tags()
    for (const [address, value] of this.#shown) now[address] = value
    for (const { id, address } of points) {
      const value = now[addressIn(address)]
      if (value === undefined) into.add(id, this.machine.at, Number.NaN, quality.badConfig)
      else into.add(id, this.machine.at, Number(value), quality.good)
    }
  }

  #ring(buffer: RecordBuffer): SourceId {
    const epoch = `seed-${this.#options.seed}`
    return sourceId({ name: `${this.#host.name}/${buffer.name}`, epoch })
  }

  #recordsAfter(ring: {
    readonly buffer: RecordBuffer
    readonly source: SourceId
    readonly done: number
  }): RecordRun {
    const { buffer, source, done } = ring
    const shots = this.#shots.slice(done)
    const valueAt = (i: number, f: number) => {
      const address = buffer.fields[f]?.point.address ?? ""
      return shots[i]?.values[address]
    }
    return {
      source,
      first: done + 1,
      count: shots.length,
      received: this.#host.clock.now(),
      fields: buffer.fields,
      cycle: buffer.cycle,
      time: (i) => ({ at: shots[i]?.at ?? 0, isOwn: true }),
      value: (i, f) => ({ value: valueAt(i, f) ?? null }),
      missing: (f) =>
        shots[0] && valueAt(0, f) === undefined ? "the machine has no such field" : undefined,
      where: (f, i) =>
        `${this.#host.name} ${buffer.name} ${i === undefined ? "" : done + 1 + i} ${f}`,
    }
  }
}

/** `nsu=urn:moru:dcm-350;s=Die.Upper1` names the same as `Die.Upper1`. */
function addressIn(address: string): string {
  return address.slice(address.lastIndexOf(";") + 1).replace(/^s=/, "")
}
