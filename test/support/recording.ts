import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { seededRandom } from "../../src/kernel/random.ts"

export interface MadeRecording {
  readonly folder: string
  readonly shots: number
  /** Non-empty cells of value columns. */
  readonly values: number
  /** Cells of number columns that hold no number. */
  readonly wrong: number
}

const columns = [
  "count",
  "working",
  "molten_temp",
  "cast_pressure",
  "biscuit_thickness",
  "passorfail",
]

/** Writes recordings with the faults that files have: wrong and empty cells, equal seconds, Korean text, byte-order marks. */
export async function makeRecording(options: {
  moulds: number
  rows: number
  seed: number
}): Promise<MadeRecording> {
  const folder = await mkdtemp(join(tmpdir(), "moru-recording-"))
  const random = seededRandom(options.seed)
  const total = { shots: 0, values: 0, wrong: 0 }
  for (let mould = 1; mould <= options.moulds; mould++) {
    const lines = [`\ufeffid,date,time,${columns.join(",")},datetime`]
    let seconds = 8 * 3600
    for (let row = 0; row < options.rows; row++) {
      if (random.next() > 0.01) seconds += 60
      const day = String(1 + Math.floor(seconds / 86_400)).padStart(2, "0")
      const date = `2019-${String(1 + Math.floor(Number(day) / 29)).padStart(2, "0")}-${String(1 + (Number(day) % 28)).padStart(2, "0")}`
      const clock = [seconds / 3600, seconds / 60, seconds].map((part, i) =>
        String(Math.floor(part) % (i === 0 ? 24 : 60)).padStart(2, "0"),
      )
      const time = clock.join(":")
      const cells = [
        String(row + 1),
        random.next() < 0.99 ? "가동" : "정지",
        String(720 + Math.round(random.normal() * 5)),
        (320 + random.normal() * 3).toFixed(1),
        String(48 + Math.round(random.normal())),
        random.next() < 0.04 ? "1" : "0",
      ].map((cell, column) => spoil(cell, column))
      lines.push([row, date, time, ...cells, `${date} ${time}`].join(","))
      total.shots++
      total.values += cells.filter((cell) => cell !== "").length
      total.wrong += cells.filter((cell) => cell === "오류").length
    }
    await writeFile(join(folder, `test_group_${1000 + mould}.csv`), `${lines.join("\r\n")}\r\n`)
  }
  return { folder, ...total }

  function spoil(cell: string, column: number): string {
    const chance = random.next()
    if (chance < 0.003) return ""
    return chance < 0.005 && column !== 1 ? "오류" : cell
  }
}
