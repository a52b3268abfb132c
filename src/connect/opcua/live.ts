import type { DataValue } from "node-opcua"
import { Problem } from "../../model/problem.ts"
import { classOf, quality } from "../../model/quality.ts"
import type { Point } from "../connector.ts"
import { LiveRows, type Row } from "../live-rows.ts"
import { type Cell, cellOf, isPlausible, shown } from "../values.ts"
import type { FollowJob } from "./follow.ts"
import { isOverflow, plainOf, qualityOf, timeOf } from "./values.ts"

/** Turns what a subscription reports into rows of the device's live source. */
export class Reported {
  readonly #job: FollowJob
  readonly #rows: LiveRows
  /** Source time of each point's last row, by its place among the points. */
  readonly #lastAt = new Map<number, number>()

  constructor(job: FollowJob) {
    this.#job = job
    this.#rows = new LiveRows(job.host, job.kept.live, job.deliver)
  }

  add(index: number, dataValue: DataValue): void {
    const point = this.#job.wanted.points[index]
    if (!point) return
    const { clock, registry, name } = this.#job.host
    const row = rowOf(dataValue, point, { now: clock.now(), registry })
    this.#rows.row(point, row)
    if (row.expected) {
      const what = `got ${shown(plainOf(dataValue.value).value)}, expected ${row.expected}`
      this.#rows.refuse(new Problem("value-refused", `${name} ${point.tag.path}`, what))
    }
    if (isOverflow(dataValue)) {
      const from = this.#lastAt.get(index) ?? row.at
      this.#rows.lost({ because: "overflow", from, to: row.at })
    }
    this.#lastAt.set(index, row.at)
  }

  /** The server has no such node: the point is bad, the others go on. */
  unknown(index: number, because: string): void {
    const point = this.#job.wanted.points[index]
    if (point) this.#rows.unknown(point, because)
  }

  /** Resolves once all rows so far are durable. */
  deliver(): Promise<void> {
    return this.#rows.deliver()
  }
}

/** The worst of what the server, the value and its time say is the row's quality. */
export function rowOf(
  dataValue: DataValue,
  point: Point,
  from: { now: number; registry: Parameters<typeof cellOf>[2] },
): Row & Cell {
  const plain = plainOf(dataValue.value)
  const status = qualityOf(dataValue.statusCode.value)
  const time = timeOf(dataValue)
  const plausible = time !== undefined && isPlausible(time, from.now)
  const at = plausible ? time : from.now
  const cell = cellOf(plain.value, point, from.registry)
  if (classOf(status) === "bad") {
    const isRefused = cell.expected !== undefined
    return { at, value: isRefused ? Number.NaN : cell.value, quality: status }
  }
  if (classOf(cell.quality) === "bad") return { at, ...cell }
  if (!plausible) return { at, value: cell.value, quality: quality.uncertainTime }
  if (plain.inexact) return { at, value: cell.value, quality: quality.uncertain }
  return { at, value: cell.value, quality: Math.max(status, cell.quality) }
}
