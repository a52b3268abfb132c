import { basename } from "node:path"
import { readTable, type Table, writeTable } from "../../codec/table.ts"
import { previewTags, type TagPreview, tagRows } from "../../connect/tag-table.ts"
import { planEdit } from "../../kernel/config/edit.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { Problem } from "../../model/problem.ts"
import { complain, print } from "../print.ts"
import { carryOut, type Env, openPlant, plantRequest } from "./plant.ts"
import { columns, red } from "./show.ts"

export interface ImportOptions {
  readonly plant: string
  /** Saves; otherwise it is only shown what would be saved. */
  readonly apply: boolean
  /** Saves the good rows although others are red. */
  readonly skipBad: boolean
  readonly colourful: boolean
  readonly env: Env
}

/** Reads a table of tags into the plant's files. Gives the exit code: 1 where a cell is red and nothing was saved for it. */
export async function importTags(file: string, options: ImportOptions): Promise<0 | 1> {
  const request = await plantRequest(options.plant, options.env)
  const { table: plant } = await openPlant(request)
  const preview = previewTags(await tableIn(file), plant)
  for (const line of previewLines(preview, options.colourful)) print(line)
  const isRed = preview.problems.length > 0
  const saves = options.apply && (!isRed || options.skipBad)
  await carryOut(request, await planEdit(request, preview.patch), {
    dryRun: !saves,
    showsDiff: true,
  })
  print(verdict(preview, { ...options, saves }))
  return isRed ? 1 : 0
}

export async function tableIn(file: string): Promise<Table> {
  const bytes = await nodeFiles.read(file)
  if (bytes) return readTable(bytes, basename(file))
  throw new Problem("not-found", file, "got no such file, expected a table as .csv or .xlsx")
}

function verdict(
  { rows, problems }: TagPreview,
  { apply, saves }: { apply: boolean; saves: boolean },
): string {
  const count = (state: string) => rows.filter((row) => row.state === state).length
  const counts = ["new", "changed", "same", "wrong"].map((state) => `${count(state)} ${state}`)
  const said = `${rows.length} rows: ${counts.join(", ")}`
  if (saves) return `${said}. Saved${problems.length > 0 ? " but for the red rows" : ""}.`
  if (problems.length > 0)
    return `${said}. Nothing is saved: correct the red cells${apply ? ", or add --skip-bad to save the other rows" : ""}.`
  if (count("new") + count("changed") === 0) return `${said}. There is nothing to save.`
  return `${said}. Nothing is saved yet: repeat with --apply.`
}

const mostShown = 200

/** The rows that change something or are wrong, red cells marked, each with its reason beneath. */
export function* previewLines(preview: TagPreview, colourful: boolean): Iterable<string> {
  const { rows, ignored, problems } = preview
  if (ignored.length > 0) yield `Columns left aside: ${ignored.join(", ")}`
  const inCells = new Set(rows.flatMap(reasonsOf))
  yield* reasonLines(
    problems.filter((problem) => !inCells.has(problem)),
    "",
    colourful,
  )
  const telling = rows.filter(({ state }) => state !== "same")
  const shown = telling.slice(0, mostShown)
  if (shown.length === 0) return
  const table = shown.map(({ number, state, path }) => [String(number), state, path])
  const [header = "", ...lines] = columns([["row", "", "tag"], ...table])
  yield header
  for (const [i, row] of shown.entries()) {
    const line = lines[i] ?? ""
    yield row.state === "wrong" ? red(line, colourful) : line
    yield* reasonLines(reasonsOf(row), "  ", colourful)
  }
  const rest = telling.length - shown.length
  if (rest > 0) yield `... and ${rest} rows more`
}

function reasonsOf({ cells }: TagPreview["rows"][number]): Problem[] {
  return cells.flatMap(({ problem }) => problem ?? [])
}

function* reasonLines(problems: readonly Problem[], indent: string, colourful: boolean) {
  for (const { message, hint } of problems)
    yield* [red(indent + message, colourful), `${indent}  ${hint}`]
}

export interface ExportOptions {
  readonly plant: string
  readonly out: string
  readonly env: Env
}

/** Writes the plant's tags as a table that `moru connect import` reads back. */
export async function exportTags({ plant: folder, out, env }: ExportOptions): Promise<void> {
  const form = formOf(out)
  const { table: plant } = await openPlant(await plantRequest(folder, env))
  const rows = tagRows(plant)
  await nodeFiles.write(out, await writeTable({ rows }, form))
  complain(`Wrote ${rows.length - 1} tags to ${out}`)
}

/** By the end of a file's name. Throws `option-invalid` for others. */
export function formOf(file: string): "csv" | "xlsx" {
  const form = /\.(csv|xlsx)$/i.exec(file)?.[1]?.toLowerCase()
  if (form === "csv" || form === "xlsx") return form
  throw new Problem("option-invalid", "--out", `got "${file}", expected a name with .csv or .xlsx`)
}
