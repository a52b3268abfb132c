import { join } from "node:path"
import { timedIds } from "../../kernel/ids.ts"
import { Problem } from "../../model/problem.ts"
import type { Host } from "../connector.ts"
import type { Target } from "../grid.ts"
import type { Watermark } from "./database.ts"
import type { SqlOptions } from "./options.ts"

/** How far a table was read. On disk before anything is read on. */
export interface Place {
  /** Rows of one epoch are counted from 1. */
  readonly epoch: string
  /** Of the row that was stored last. */
  readonly watermark: Watermark
  /** Digests of the rows with that watermark that were stored. */
  readonly seen: readonly string[]
  /** Number of the next row. */
  readonly next: number
}

interface Remembered extends Place {
  /** What the rows' numbers depend on: with other columns or another watermark they are counted anew. */
  readonly layout: string
  readonly column: string
}

/** The file in which a device keeps its place. */
export class Memory {
  readonly #options: SqlOptions
  readonly #host: Host
  readonly #path: string
  #layout = ""

  constructor(options: SqlOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#path = join(host.folder, "watermark.json")
  }

  /** Where to go on; durable as it is given. */
  async recall(targets: readonly Target[]): Promise<Place> {
    this.#layout = JSON.stringify(
      targets.map(({ name, fields }) => [
        name,
        fields.map(({ name: field, point }) => [field, point.id]),
      ]),
    )
    const { start, watermark: column } = this.#options
    const before = await this.#read()
    if (before?.column === column && before.layout === this.#layout) return before
    const { clock, random } = this.#host
    const place: Place = {
      watermark: before?.column === column ? before.watermark : start,
      seen: before?.column === column ? before.seen : [],
      epoch: timedIds(clock, random)(),
      next: 1,
    }
    await this.keep(place)
    return place
  }

  /** Durable when it resolves. */
  async keep(place: Place): Promise<void> {
    const { watermark: column } = this.#options
    const remembered: Remembered = { ...place, column, layout: this.#layout }
    await this.#host.files.write(this.#path, `${JSON.stringify(remembered)}\n`)
  }

  async #read(): Promise<Remembered | undefined> {
    const bytes = await this.#host.files.read(this.#path)
    if (!bytes) return undefined
    try {
      return JSON.parse(new TextDecoder().decode(bytes))
    } catch (cause) {
      // To begin from the start would store everything twice: a person shall decide.
      const what = `got no JSON in "${this.#path}", expected how far was read; restore or remove it`
      throw new Problem("config-unreadable", this.#host.name, what, { cause })
    }
  }
}
