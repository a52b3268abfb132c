import type { ColumnSource } from "hyparquet-writer"
import type { StoredBlock } from "../../historian/historian.ts"
import type { ExportSource, ExportTag } from "../export.ts"
import { qualityNames } from "../rows.ts"

interface Told {
  readonly tag: ExportTag
  readonly source: ExportSource
}

/** Columns of as many rows as are packed at once, filled again and again. */
export class RowGroup {
  readonly #room: number
  readonly #path: string[] = []
  readonly #text: (string | null)[] = []
  readonly #quality: string[] = []
  readonly #unit: string[] = []
  readonly #source: string[] = []
  readonly #at: BigInt64Array
  readonly #value: Float64Array
  readonly #number: BigInt64Array
  readonly #isText: Uint8Array
  #length = 0
  #hasTexts = false

  constructor(room: number) {
    this.#room = room
    this.#at = new BigInt64Array(room)
    this.#value = new Float64Array(room)
    this.#number = new BigInt64Array(room)
    this.#isText = new Uint8Array(room)
  }

  get length(): number {
    return this.#length
  }

  get isFull(): boolean {
    return this.#length === this.#room
  }

  /** Takes rows from the block's row `from` on, as many as there is room for; gives the first row not taken. */
  take(block: StoredBlock, from: number, { tag, source }: Told): number {
    const to = Math.min(block.length, from + this.#room - this.#length)
    const isText = tag.kind === "text"
    if (isText) this.#hasTexts = true
    for (let row = from; row < to; row++) {
      const value = block.value[row] ?? Number.NaN
      const i = this.#length++
      this.#path[i] = tag.path
      this.#at[i] = BigInt(Math.round((block.at[row] ?? 0) * 1000))
      this.#value[i] = value
      this.#text[i] = isText ? (source.textOf(tag.id, value) ?? null) : null
      this.#quality[i] = qualityNames[block.quality[row] ?? 0] ?? ""
      this.#unit[i] = tag.unit
      this.#source[i] = block.sources[block.origin[row] ?? 0] ?? ""
      this.#number[i] = BigInt(block.number[row] ?? 0)
      this.#isText[i] = isText ? 1 : 0
    }
    return to
  }

  clear(): void {
    this.#length = 0
    this.#hasTexts = false
  }

  /** Times and numbers as differences; values plain, since zstd finds more in whole doubles than in a dictionary's places. */
  columns(): ColumnSource[] {
    const word = { encoding: "RLE_DICTIONARY" } as const
    const difference = { encoding: "DELTA_BINARY_PACKED" } as const
    const { length } = this
    return [
      { name: "path", data: this.#path.slice(0, length), ...word },
      { name: "at", data: this.#at.subarray(0, length), ...difference },
      { name: "value", data: this.#values(), encoding: "PLAIN" },
      { name: "text", data: this.#text.slice(0, length), ...word },
      { name: "quality", data: this.#quality.slice(0, length), ...word },
      { name: "unit", data: this.#unit.slice(0, length), ...word },
      { name: "source", data: this.#source.slice(0, length), ...word },
      { name: "number", data: this.#number.subarray(0, length), ...difference },
    ]
  }

  /** Numbers alone stay a typed array; a text has no number, which needs a null. */
  #values(): Float64Array | (number | null)[] {
    const values = this.#value.subarray(0, this.#length)
    if (!this.#hasTexts) return values
    return Array.from(values, (value, i) => (this.#isText[i] ? null : value))
  }
}
