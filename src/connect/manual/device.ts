import { timedIds } from "../../kernel/ids.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import { BlockWriter, type SourceId, sourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Deliver, Device, Entry, Host, ResumeFrom, Wanted } from "../connector.ts"
import { cellOf, shown } from "../values.ts"
import { aborted } from "../waiting.ts"
import type { ManualOptions } from "./options.ts"

/** A place without a machine: values come from people. They have no line that could be lost, so no gap either. */
export class ManualDevice implements Device {
  readonly #backMs: number
  readonly #host: Host
  readonly #source: SourceId
  #next = 0
  #deliver: Deliver | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor({ back }: ManualOptions, host: Host) {
    this.#backMs = parseDuration(back)
    this.#host = host
    const epoch = timedIds(host.clock, host.random)()
    this.#source = sourceId({ name: `${host.name}/entered`, epoch })
  }

  async connect(): Promise<void> {}

  async follow(
    _wanted: Wanted,
    deliver: Deliver,
    _resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    this.#deliver = deliver
    await aborted(signal)
    this.#deliver = undefined
  }

  async enter(entries: readonly Entry[]): Promise<readonly (Problem | undefined)[]> {
    const deliver = this.#deliver
    if (!deliver) throw new Problem("connection-lost", this.#host.name, "entries are not taken now")
    const problems = entries.map((entry) => this.#wrong(entry))
    if (problems.some((problem) => problem)) return problems
    const { clock, registry } = this.#host
    const rows = new BlockWriter(entries.length)
    for (const { point, value, at } of entries) {
      const cell = cellOf(value, point, registry)
      rows.add(point.id, at, cell.value, cell.quality)
    }
    const [source, sequence, received] = [this.#source, this.#next, clock.now()]
    const block = rows.take({ source, sequence, received })
    this.#next += block.length
    const stored = this.#last.then(() => deliver({ block }))
    this.#last = stored.catch(() => {})
    await stored
    return problems
  }

  async close(): Promise<void> {
    this.#deliver = undefined
  }

  #wrong({ point, value, at }: Entry): Problem | undefined {
    const now = this.#host.clock.now()
    const where = point.tag.path
    const refused = (what: string) => new Problem("value-refused", where, what)
    if (at > now)
      return refused(`got a time ${secondsIn(at - now)} ahead, expected when it was seen`)
    if (at < now - this.#backMs)
      return refused(
        `got a time ${secondsIn(now - at)} ago, expected at most ${secondsIn(this.#backMs)}`,
      )
    const { kind, range } = point.tag
    if (typeof value === "number" && range && (value < range[0] || value > range[1]))
      return refused(`got ${value}, expected ${range[0]} to ${range[1]}`)
    const { expected } = cellOf(value, point, this.#host.registry)
    if (expected || (kind === "number" && !Number.isFinite(value)))
      return refused(`got ${shown(value)}, expected ${expected ?? "a number"}`)
    return undefined
  }
}

function secondsIn(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`
}
