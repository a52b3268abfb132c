import { isIP } from "node:net"
import { readNumber } from "../../codec/number.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import { sourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Deliver, Device, FoundPoint, Host, ResumeFrom, Wanted } from "../connector.ts"
import { type Grid, runOf, type Target, targetsOf, timesOf } from "../grid.ts"
import { deliveryOf } from "../records.ts"
import { checkZone } from "../times.ts"
import type { Fetched } from "./database.ts"
import { Memory, type Place } from "./memory.ts"
import { type Line, openLine, whereOf } from "./open.ts"
import type { SqlOptions } from "./options.ts"
import { newRows } from "./rows.ts"

interface Following {
  readonly targets: readonly Target[]
  readonly deliver: Deliver
  /** Rows that were durable before the device remembered it: by the name of their target. */
  readonly durable: ReadonlyMap<string, number>
  readonly signal: AbortSignal
}

/** One query of one database; each new row is a record, counted by the device itself. */
export class SqlDevice implements Device {
  readonly #options: SqlOptions
  readonly #host: Host
  readonly #memory: Memory
  #line: Line | undefined

  constructor(options: SqlOptions, host: Host) {
    this.#options = { ...options, query: options.query.replace(/[;\s]+$/, "") }
    this.#host = host
    this.#memory = new Memory(options, host)
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    checkZone(this.#options.zone, this.#host.name)
    checkOptions(this.#options, this.#host.name)
    this.#line = await openLine(this.#options, this.#host, signal)
  }

  async follow(
    wanted: Wanted,
    deliver: Deliver,
    resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, name } = this.#host
    const targets = targetsOf(wanted)
    const periodMs = parseDuration(this.#options.period)
    try {
      let place = await this.#memory.recall(targets)
      const durable = new Map<string, number>()
      for (const target of targets) {
        const source = sourceId({ name: `${name}/${target.name}`, epoch: place.epoch })
        durable.set(target.name, await resumeFrom(source))
      }
      while (!signal.aborted) {
        const { after, hasMore } = await this.#step(place, { targets, deliver, durable, signal })
        place = after
        if (!hasMore) await clock.sleep(periodMs, signal).catch(() => {})
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }

  async *browse(signal: AbortSignal): AsyncIterable<FoundPoint> {
    const { start } = this.#options
    const { columns, rows } = await this.#fetch(start, 1, signal)
    for (const [i, column] of columns.entries()) {
      const cell = rows[0]?.[i] ?? null
      const number = typeof cell === "string" ? readNumber(cell) : undefined
      const value = typeof cell === "object" ? undefined : (number ?? cell)
      const kind = typeof value === "number" || typeof value === "boolean" ? typeof value : "text"
      const found = { address: column, name: column, writable: false }
      yield {
        ...found,
        kind: kind as FoundPoint["kind"],
        ...(value !== undefined && { value }),
      }
    }
  }

  async close(): Promise<void> {
    this.#line?.close()
    this.#line = undefined
  }

  /** Reads on, and remembers it once all that is new is durable. */
  async #step(place: Place, following: Following) {
    const { signal, targets } = following
    const { rows: limit } = this.#options
    const fetched = await this.#fetch(place.watermark, limit, signal)
    const where = this.#host.name
    const found = newRows(fetched, { place, options: this.#options, where })
    if (found.rows.length === 0) return found
    const grid = this.#gridOf(fetched, found.rows, place)
    for (const target of targets) await this.#store(target, grid, place, following)
    await this.#memory.keep(found.after)
    return found
  }

  async #store(target: Target, grid: Grid, place: Place, following: Following): Promise<void> {
    const { deliver, durable } = following
    const { clock, registry, name } = this.#host
    const { epoch, next: first } = place
    const from = Math.max(0, (durable.get(target.name) ?? 0) - first + 1)
    const to = grid.rows.length
    if (from >= to) return
    const source = sourceId({ name: `${name}/${target.name}`, epoch })
    const received = clock.now()
    const times = timesOf(grid, received)
    await deliver(
      deliveryOf(runOf(grid, target, { source, first, from, to, received, times }), registry),
    )
  }

  #gridOf({ columns }: Fetched, rows: Grid["rows"], { next }: Place): Grid {
    const { time, zone } = this.#options
    const { name } = this.#host
    if (time !== undefined && !columns.includes(time)) {
      const got = columns.map((column) => `"${column}"`).join(", ")
      const what = `option "time": got columns ${got}, expected "${time}" among them`
      throw new Problem("option-invalid", name, what)
    }
    return {
      ...{ columns, rows, zone, time: time === undefined ? [] : [time] },
      where: (column, row) => `${name} row${row === undefined ? "" : ` ${next + row}`} ${column}`,
    }
  }

  #fetch(watermark: Place["watermark"], limit: number, signal: AbortSignal): Promise<Fetched> {
    const where = whereOf(this.#options, this.#host.name)
    if (!this.#line) throw new Problem("connection-lost", where, "the database is not connected")
    return this.#line.fetch({ query: this.#options.query, watermark, limit }, signal)
  }
}

const parameters = { postgresql: /\$1\b/g, mysql: /\?/g, sqlserver: /@watermark\b/gi }

/** What the schema cannot say. */
function checkOptions({ database, query, host, tls }: SqlOptions, where: string): void {
  const count = query.match(parameters[database])?.length ?? 0
  if (count === 0 || (count > 1 && database === "mysql")) {
    const name = { postgresql: "$1", mysql: "?", sqlserver: "@watermark" }[database]
    const what = `option "query": got ${count} parameters, expected one ${name} for the watermark`
    throw new Problem("option-invalid", where, what)
  }
  // Its library compares the certificate with a name only.
  if (database === "mysql" && tls === "verify" && isIP(host) !== 0) {
    const what = `option "host": got "${host}", expected the name in the server's certificate, or tls: none`
    throw new Problem("option-invalid", where, what)
  }
}
