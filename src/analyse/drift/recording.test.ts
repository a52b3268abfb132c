// The recording of a real plant, where it is at hand: what the detector says must be worth a person's time.
import assert from "node:assert/strict"
import { existsSync, globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { suite, test } from "node:test"
import { parse } from "csv-parse/sync"
import { sourceId } from "../../model/block.ts"
import type { Cycle, Verdict } from "../../model/cycle.ts"
import { joinPath, parsePath } from "../../model/path.ts"
import type { Finding, FindingDraft } from "../finding.ts"
import type { Place } from "../place.ts"
import { drift } from "./drift.ts"

const folder = join(process.env.MORU_DATA ?? "", "die-casting")
const skip =
  process.env.MORU_DATA && existsSync(folder)
    ? false
    : "no recording: name its folder's parent in MORU_DATA"

type Row = Readonly<Record<string, string>>

const columns: Readonly<Record<string, { column: string; unit: string }>> = {
  upper1: { column: "upper_mold_temp1", unit: "Cel" },
  upper2: { column: "upper_mold_temp2", unit: "Cel" },
  lower1: { column: "lower_mold_temp1", unit: "Cel" },
  lower2: { column: "lower_mold_temp2", unit: "Cel" },
  pressure: { column: "cast_pressure", unit: "bar" },
  biscuit: { column: "biscuit_thickness", unit: "mm" },
  cycle: { column: "production_cycletime", unit: "s" },
}
const equipment = parsePath("recording")
const place: Place = {
  equipment,
  tagOfField: (field) => joinPath(equipment, field),
  tag: (path) => {
    const field = path.slice(path.lastIndexOf("/") + 1)
    const unit = columns[field]?.unit ?? "1"
    const name = { en: field }
    return { path, equipment, kind: "number", unit, name, decimals: 0, staleAfterMs: 1, limits: [] }
  },
}

function cycleOf(row: Row, sequence: number): Cycle {
  const end = Date.parse(`${row.datetime?.replace(" ", "T")}+09:00`)
  const source = sourceId({ name: "recording", epoch: "1" })
  const verdict: Verdict =
    row.tryshot_signal === "D" ? "trial" : row.passorfail === "1" ? "bad" : "good"
  const values = Object.entries(columns).flatMap(([name, { column }]) => {
    const cell = row[column] ?? ""
    return cell === "" || Number.isNaN(Number(cell)) ? [] : [[name, Number(cell)] as const]
  })
  const start = end - 120_000
  const head = { id: `${sequence}`, equipment, source, sequence, start, end }
  return { ...head, values: Object.fromEntries(values), verdict }
}

function findingsIn(rows: readonly Row[]): readonly FindingDraft[] {
  const analyser = drift.create({ fields: Object.keys(columns) }, place)
  let memory = analyser.initial
  return rows.flatMap((row, i) => {
    const cycle = cycleOf(row, i + 1)
    const values = { at: cycle.end, get: () => undefined, ageMs: () => undefined }
    const seen = analyser.observe({ at: cycle.end, cycles: [cycle], values, changes: [] }, memory)
    memory = seen.memory
    return seen.raise
  })
}

suite("the recording of a real plant", { skip }, () => {
  for (const file of globSync(join(folder, "*_group_*.csv")).sort())
    test(`${basename(file)}: a finding a shift or so, not a flood`, (t) => {
      const rows: Row[] = parse(readFileSync(file), { columns: true, bom: true })
      const found = findingsIn(rows)
      const perThousand = (found.length / rows.length) * 1000
      const kinds = Map.groupBy(found, (f: Pick<Finding, "kind">) => f.kind)
      t.diagnostic(
        `${found.length} findings in ${rows.length} shots, ${perThousand.toFixed(1)} in 1,000: ${[...kinds].map(([kind, of]) => `${kind} ${of.length}`).join(", ")}`,
      )
      assert.ok(perThousand > 0.5, "a real plant is never that quiet")
      assert.ok(perThousand < 12, "nobody reads more than one finding in 80 shots")
    })
})
