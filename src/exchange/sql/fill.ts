import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDoubleVector,
  DuckDBIntegerVector,
  type DuckDBType,
  DuckDBUTinyIntVector,
} from "@duckdb/node-api"
import type { Cycle } from "../../model/cycle.ts"
import type { RowsMessage, ToldTag } from "./messages.ts"

/** What DuckDB takes at once. */
const chunkRows = 2048

/** Brings what the house tells into the tables, column by column. */
export class Filler {
  readonly #connection: DuckDBConnection
  readonly #samples: DuckDBAppender
  readonly #types: readonly DuckDBType[]

  private constructor(connection: DuckDBConnection, samples: DuckDBAppender) {
    this.#connection = connection
    this.#samples = samples
    this.#types = [0, 1, 2, 3, 4, 5].map((column) => samples.columnType(column))
  }

  static async open(connection: DuckDBConnection): Promise<Filler> {
    return new Filler(connection, await connection.createAppender("sample", "kept"))
  }

  async tags(tags: readonly ToldTag[]): Promise<void> {
    await this.#append("tag", (table) => {
      for (const { id, path, unit, isText } of tags) {
        table.appendInteger(id)
        table.appendVarchar(path)
        table.appendVarchar(unit)
        table.appendBoolean(isText)
        table.endRow()
      }
    })
  }

  async rows(message: RowsMessage): Promise<void> {
    const { tag, newSources, newTexts } = message
    if (newSources.length > 0)
      await this.#append("source", (table) => {
        for (const [id, name] of newSources) {
          table.appendInteger(id)
          table.appendVarchar(name)
          table.endRow()
        }
      })
    if (newTexts.length > 0)
      await this.#append("text", (table) => {
        for (const [id, text] of newTexts) {
          table.appendInteger(tag)
          table.appendDouble(id)
          table.appendVarchar(text)
          table.endRow()
        }
      })
    for (let from = 0; from < message.at.length; from += chunkRows) this.#chunk(message, from)
  }

  #chunk(message: RowsMessage, from: number): void {
    const length = Math.min(chunkRows, message.at.length - from)
    const chunk = DuckDBDataChunk.create(this.#types, length)
    const part = (column: Float64Array) => column.subarray(from, from + length)
    integers(chunk, 0, new Uint32Array(length).fill(message.tag))
    doubles(chunk, 1, part(message.at))
    doubles(chunk, 2, part(message.value))
    bytes(chunk, 3, message.quality.subarray(from, from + length))
    integers(chunk, 4, message.source.subarray(from, from + length))
    doubles(chunk, 5, part(message.number))
    this.#samples.appendDataChunk(chunk)
  }

  async cycles(cycles: readonly Cycle[]): Promise<void> {
    await this.#append("cycle", (table) => {
      for (const cycle of cycles) {
        const { id, equipment, source, sequence, start, end } = cycle
        for (const word of [id, equipment, source]) table.appendVarchar(word)
        for (const number of [sequence, start, end]) table.appendDouble(number)
        const { tool, product, order, lot, verdict } = cycle
        for (const word of [tool, product, order, lot, verdict]) maybe(table, word)
        table.endRow()
      }
    })
    await this.#append("cycle_value", (table) => {
      for (const { id, values } of cycles)
        for (const [name, value] of Object.entries(values)) {
          table.appendVarchar(id)
          table.appendVarchar(name)
          if (typeof value === "number") table.appendDouble(value)
          else table.appendNull()
          maybe(table, typeof value === "string" ? value : undefined)
          table.endRow()
        }
    })
  }

  /** After it everything can be asked for. */
  close(): void {
    this.#samples.closeSync()
  }

  async #append(name: string, fill: (table: DuckDBAppender) => void): Promise<void> {
    const table = await this.#connection.createAppender(name, "kept")
    fill(table)
    table.closeSync()
  }
}

function maybe(table: DuckDBAppender, word: string | undefined): void {
  if (word === undefined) table.appendNull()
  else table.appendVarchar(word)
}

function doubles(chunk: DuckDBDataChunk, column: number, values: Float64Array): void {
  const vector = chunk.getColumnVector(column)
  if (!(vector instanceof DuckDBDoubleVector)) throw new TypeError(`column ${column}`)
  for (let i = 0; i < values.length; i++) vector.setItem(i, values[i] ?? 0)
  vector.flush()
}

function integers(chunk: DuckDBDataChunk, column: number, values: Uint32Array): void {
  const vector = chunk.getColumnVector(column)
  if (!(vector instanceof DuckDBIntegerVector)) throw new TypeError(`column ${column}`)
  for (let i = 0; i < values.length; i++) vector.setItem(i, values[i] ?? 0)
  vector.flush()
}

function bytes(chunk: DuckDBDataChunk, column: number, values: Uint8Array): void {
  const vector = chunk.getColumnVector(column)
  if (!(vector instanceof DuckDBUTinyIntVector)) throw new TypeError(`column ${column}`)
  for (let i = 0; i < values.length; i++) vector.setItem(i, values[i] ?? 0)
  vector.flush()
}
