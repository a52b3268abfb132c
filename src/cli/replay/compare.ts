import { isTooLong, readNumber } from "../../codec/number.ts"
import type { History, StoredBlock } from "../../historian/historian.ts"
import { isUsable, quality } from "../../model/quality.ts"
import type { TagId } from "../../model/tag.ts"
import type { RecordedField, RecordedMachine } from "../../twin/recording.ts"

/** What the historian holds of a field, beside what the files say. */
export interface Comparison {
  /** Non-empty cells in the files. */
  readonly values: number
  /** Rows of the historian with exactly the cell's value. */
  readonly stored: number
  /** Cells that could not be read as the field's kind, and stand in the historian as refused. */
  readonly refused: number
  /** Neither stored nor refused. */
  readonly lost: number
  /** Rows of the historian beyond the first for the same shot, and rows that no cell explains. */
  readonly duplicates: number
  /** What there is to say of single cells, each with `file:line: column, got "..."`. */
  readonly remarks: readonly string[]
}

export interface Stored {
  readonly history: Pick<History, "read">
  readonly tag: TagId
  readonly textOf: (id: number) => string | undefined
}

interface Row {
  readonly value: number
  readonly quality: number
}

/**
 * Reads a field back and compares it with its files cell by cell. A row of the ring's source is number
 * `(shot - 1) * fields + field`, so every row names its shot.
 */
export async function compareField(
  machine: RecordedMachine,
  field: RecordedField,
  stored: Stored,
): Promise<Comparison> {
  const { rows, duplicates } = await readBack(machine, field, stored)
  const total = { values: 0, stored: 0, refused: 0, lost: 0, duplicates, remarks: [] as string[] }
  for (const { shot, cell, place } of cellsOf(machine, field)) {
    const became = judge(cell, rows[shot - 1], { field, stored })
    if (became === "nothing") continue
    total[became]++
    if (became === "duplicates") continue
    total.values++
    const got = `${place}: ${field.column}, got "${cell.slice(0, 40)}"`
    if (became === "refused") total.remarks.push(`refused: ${got}, expected a number`)
    else if (field.kind === "number" && isTooLong(cell))
      total.remarks.push(`rounded: ${got}, kept as ${Number(cell)}, of uncertain quality`)
  }
  return total
}

type Became = "stored" | "refused" | "lost" | "duplicates" | "nothing"

function judge(
  cell: string,
  row: Row | undefined,
  { field, stored }: { readonly field: RecordedField; readonly stored: Stored },
): Became {
  const isHeld = row !== undefined && isUsable(row.quality)
  if (cell === "") return isHeld ? "duplicates" : "nothing"
  const number = readNumber(cell)
  const isWrong = number === undefined && (field.kind === "number" || field.isDigits)
  const wanted = field.kind === "text" ? cell : number
  if (isWrong || wanted === undefined)
    return row?.quality === quality.badRefused ? "refused" : "lost"
  return isHeld && isSame(row.value, wanted, stored) ? "stored" : "lost"
}

async function readBack(machine: RecordedMachine, field: RecordedField, stored: Stored) {
  const rows: (Row | undefined)[] = []
  const index = machine.fields.indexOf(field)
  const width = machine.fields.length
  let duplicates = 0
  const range = { tags: [stored.tag], from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  for await (const block of stored.history.read(range, new AbortController().signal)) {
    const { number, value, quality: q, length } = block as StoredBlock
    for (let i = 0; i < length; i++) {
      const shot = ((number[i] ?? 0) - index) / width
      if (!Number.isInteger(shot) || rows[shot] || shot >= machine.rows) duplicates++
      else rows[shot] = { value: value[i] ?? Number.NaN, quality: q[i] ?? quality.bad }
    }
  }
  return { rows, duplicates }
}

function* cellsOf(machine: RecordedMachine, field: RecordedField) {
  let shot = 0
  for (const { columns, line, rows, file } of machine.recordings) {
    const cells = columns.find(({ name }) => name === field.column)?.cells
    for (let row = 0; row < rows; row++)
      yield { shot: ++shot, cell: cells?.[row] ?? "", place: `${file}:${line[row]}` }
  }
}

function isSame(value: number, wanted: number | string, { textOf }: Stored): boolean {
  return typeof wanted === "string" ? textOf(value) === wanted : Object.is(value, wanted)
}
