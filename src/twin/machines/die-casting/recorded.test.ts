// The simulated machine against the recording it is made after. The recording is not part of Moru: name the folder
// with its `*_group_8722.csv` files in the folder of `npm test -- --data DIR`.
import assert from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { suite, test } from "node:test"
import { readRecording } from "../../../codec/recording.ts"
import { planOf } from "../../recording.ts"
import { DieCasting } from "./die-casting.ts"

/** Field of a shot and its column in the recording. */
const fields = {
  CycleTime: "production_cycletime",
  MoltenTemperature: "molten_temp",
  LowSpeed: "low_section_speed",
  HighSpeed: "high_section_speed",
  CastPressure: "cast_pressure",
  BiscuitThickness: "biscuit_thickness",
  Upper1: "upper_mold_temp1",
  Upper2: "upper_mold_temp2",
  Lower1: "lower_mold_temp1",
  Lower2: "lower_mold_temp2",
  SleeveTemperature: "sleeve_temperature",
  ClampingForce: "physical_strength",
  CoolantTemperature: "Coolant_temperature",
} as const

type Field = keyof typeof fields
type Row = Readonly<Record<Field, number>>

const names = Object.keys(fields) as Field[]
const runLength = 50

/** Runs of 50 shots after a warm-up of 15, undisturbed: good, no trial, none later than 150 s after the one before. */
function recordedRuns(folder: string): Row[][] {
  const recordings = globSync(join(folder, "*_group_8722.csv"))
    .sort()
    .map((file) => readRecording(readFileSync(file), file, "Asia/Seoul"))
  const runs: Row[][] = []
  let run: Row[] = []
  for (const { at, rows, columns } of planOf(recordings)[0]?.recordings ?? []) {
    const column = new Map(columns.map(({ name, cells }) => [name, cells]))
    const cell = (name: string, row: number) => column.get(name)?.[row] ?? ""
    for (let row = 0; row < rows; row++) {
      const entries = names.map((name) => [name, Number(cell(fields[name], row))])
      const isQuiet =
        cell("tryshot_signal", row) === "A" &&
        cell("passorfail", row) === "0" &&
        (at[row] ?? 0) - (at[row - 1] ?? 0) <= 150_000 &&
        entries.every(([, value]) => Number(value) > 0 && Number(value) < 1000)
      if (!isQuiet) run = []
      else if (run.push(Object.fromEntries(entries) as Row) === 15 + runLength) {
        runs.push(run.slice(15))
        run = run.slice(0, 15)
      }
    }
  }
  return runs
}

function simulatedRuns(): Row[][] {
  const machine = new DieCasting({ seed: 11, mould: "8722", at: 0 })
  machine.step(100 * 121_000)
  machine.shots.length = 0
  machine.step(5000 * 121_000)
  const rows = machine.shots.map(({ values }) => values as unknown as Row)
  return Array.from({ length: Math.floor(rows.length / runLength) }, (_, i) =>
    rows.slice(i * runLength, (i + 1) * runLength),
  )
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

function meanOf(run: readonly Row[], field: Field): number {
  return sum(run.map((row) => row[field])) / run.length
}

/** Deviations of a run's shots from its mean. */
function deviations(run: readonly Row[], field: Field): number[] {
  const mean = meanOf(run, field)
  return run.map((row) => row[field] - mean)
}

function spreadOf(runs: readonly Row[][], field: Field): number {
  return median(
    runs.map((run) => Math.sqrt(sum(deviations(run, field).map((d) => d * d)) / (run.length - 1))),
  )
}

/** Correlation of each shot with the next, within runs. */
function persistenceOf(runs: readonly Row[][], field: Field): number {
  const all = runs.map((run) => {
    const d = deviations(run, field)
    return sum(d.slice(1).map((x, i) => x * (d[i] ?? 0))) / sum(d.map((x) => x * x))
  })
  return median(all.filter(Number.isFinite))
}

function correlationOf(runs: readonly Row[][], a: Field, b: Field): number {
  const all = runs.map((run) => {
    const [x, y] = [deviations(run, a), deviations(run, b)]
    const xy = sum(x.map((d, i) => d * (y[i] ?? 0)))
    return xy / Math.sqrt(sum(x.map((d) => d * d)) * sum(y.map((d) => d * d)))
  })
  return median(all.filter(Number.isFinite))
}

const folder = process.env.MORU_DATA && join(process.env.MORU_DATA, "die-casting")
const isThere = folder ? globSync("*_group_8722.csv", { cwd: folder }).length > 0 : false
const skip = isThere ? false : "no recording: name its folder's parent, npm test -- --data DIR"

suite("against the recording of mould 8722", { skip }, () => {
  const recorded = isThere && folder ? recordedRuns(folder) : []
  const simulated = isThere ? simulatedRuns() : []

  test("there are undisturbed runs to compare with", () => {
    assert.ok(recorded.length >= 20, `${recorded.length}`)
  })

  for (const field of names) {
    test(`the typical ${field} is one that the recorded machine ran at`, () => {
      const typical = median(simulated.map((run) => meanOf(run, field)))
      const levels = recorded.map((run) => meanOf(run, field)).sort((a, b) => a - b)
      const level = (share: number) => levels[Math.floor(share * levels.length)] ?? 0
      const [low, high] = [level(0.05), level(0.95)]
      const allowed = 0.01 * typical
      assert.ok(
        typical > low - allowed && typical < high + allowed,
        `${typical}: ${low} to ${high}`,
      )
    })

    test(`the shot-to-shot spread of ${field} is the recorded one within a factor of two`, () => {
      const ratio = spreadOf(simulated, field) / spreadOf(recorded, field)
      assert.ok(ratio > 0.5 && ratio < 2, `${ratio}`)
    })

    test(`${field} keeps its deviation to the next shot as the recorded one does`, () => {
      const difference = persistenceOf(simulated, field) - persistenceOf(recorded, field)
      assert.ok(Math.abs(difference) < 0.25, `${difference}`)
    })
  }

  test("what goes together in the recording goes together in the machine", () => {
    const wrong = names.flatMap((a, i) =>
      names.slice(i + 1).flatMap((b) => {
        const [r, s] = [correlationOf(recorded, a, b), correlationOf(simulated, a, b)]
        return Math.abs(r - s) > 0.35 ? [`${a} and ${b}: recorded ${r}, simulated ${s}`] : []
      }),
    )
    assert.deepEqual(wrong, [])
  })
})
