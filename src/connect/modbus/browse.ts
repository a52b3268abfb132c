import { type Answer, isBitTable, readRequest, type Table } from "../../codec/modbus-frame.ts"
import { Problem } from "../../model/problem.ts"
import type { FoundPoint } from "../connector.ts"
import type { ModbusLine } from "./open.ts"
import type { ModbusOptions } from "./options.ts"
import { limitsOf } from "./reader.ts"

interface Range {
  readonly unit: number
  readonly table: Table
  readonly start: number
  readonly length: number
}

const mostAddresses = 10_000

/** Reads the ranges named by `scan`, one request after another, and gives every bit or register that answers. */
export async function* browsePoints(
  line: ModbusLine,
  options: ModbusOptions,
  context: { where: string; signal: AbortSignal },
): AsyncIterable<FoundPoint> {
  const { where, signal } = context
  const toRead = rangesOf(options, where)
  const { retries } = options
  for (let range = toRead.shift(); range; range = toRead.shift()) {
    const { unit, table, start, length } = range
    const asked = { unit, request: readRequest(table, start, length) }
    const answer = await line.ask(asked, { retries, signal, whom: `unit ${unit}` })
    if ("data" in answer) yield* foundIn(answer.data, range)
    else if (isOfSome(answer) && length > 1) {
      const half = length >> 1
      toRead.unshift(
        { ...range, length: half },
        { ...range, start: start + half, length: length - half },
      )
    }
  }
}

/** Requests that cover the ranges. */
function rangesOf(options: ModbusOptions, where: string): Range[] {
  const { scan, unit } = options
  const ranges = scan.map((text) => {
    const [, own, table = "", first, last] = /^(?:(\d+)\/)?([a-z]+)\/(\d+)-(\d+)$/.exec(text) ?? []
    const start = Number(first)
    return {
      unit: own === undefined ? unit : Number(own),
      table: table as Table,
      start,
      length: Number(last) - start + 1,
    }
  })
  const wrong = ranges.some((r) => r.unit > 255 || r.length < 1 || r.start + r.length > 65_536)
  const count = ranges.reduce((sum, { length }) => sum + length, 0)
  if (scan.length === 0 || wrong || count > mostAddresses) {
    const got = scan.length === 0 ? "no ranges" : scan.join(", ")
    const what = `option "scan": got ${got}, expected ranges such as holding/0-199 with at most ${mostAddresses} addresses, as Modbus keeps no list of its points`
    throw new Problem("option-invalid", where, what)
  }
  return ranges.flatMap((range) => pieces(range, limitsOf(range, options).most))
}

function pieces(range: Range, most: number): Range[] {
  return Array.from({ length: Math.ceil(range.length / most) }, (_, i) => ({
    ...range,
    start: range.start + i * most,
    length: Math.min(most, range.length - i * most),
  }))
}

/** Illegal address, value or failure may concern a part of the range; anything else all of it. */
function isOfSome(answer: Answer): boolean {
  return "exception" in answer && answer.exception >= 2 && answer.exception <= 4
}

function* foundIn(data: Uint8Array, { unit, table, start, length }: Range): Iterable<FoundPoint> {
  const isBit = isBitTable(table)
  for (let i = 0; i < length; i++) {
    const register = ((data[2 * i] ?? 0) << 8) | (data[2 * i + 1] ?? 0)
    yield {
      address: `${unit}/${table}/${start + i}`,
      name: `${table}-${start + i}`,
      kind: isBit ? "boolean" : "number",
      writable: table === "coil" || table === "holding",
      value: isBit ? (((data[i >> 3] ?? 0) >> (i & 7)) & 1) === 1 : register,
    }
  }
}
