import { readNumber } from "../codec/number.ts"
import { type Quality, quality } from "../model/quality.ts"
import type { TagKind, Value } from "../model/tag.ts"
import type { Registry } from "../store/store.ts"
import type { Point } from "./connector.ts"

/** A value as a row of a block keeps it. */
export interface Cell {
  readonly value: number
  readonly quality: Quality
  /** What was expected instead, where the value was refused. */
  readonly expected?: string
}

const noData: Cell = { value: Number.NaN, quality: quality.badNoData }

const expectations: Readonly<Record<TagKind, string>> = {
  number: "a number",
  boolean: "true or false",
  text: "a text",
}

/**
 * What a machine gave, as its tag's kind. Only what means the same is taken over: a boolean as 0 or 1, 0 and 1 as a
 * boolean, a number as a text. Anything else is refused (`badRefused`), nothing (null) is `badNoData`.
 */
export function cellOf(given: unknown, point: Point, registry: Registry): Cell {
  if (given === null || given === undefined) return noData
  const { kind, digits } = point.tag
  const cell = kind === "text" ? textCell(given, point, registry) : numberCell(given, point)
  return (
    cell ?? {
      value: Number.NaN,
      quality: quality.badRefused,
      expected: expectations[digits ? "number" : kind],
    }
  )
}

function textCell(given: unknown, { id, tag }: Point, registry: Registry): Cell | undefined {
  const text = textIn(given)
  if (text === undefined || (tag.digits && readNumber(text) === undefined)) return undefined
  return { value: registry.textId(id, text), quality: quality.good }
}

function numberCell(given: unknown, { tag: { kind, range } }: Point): Cell | undefined {
  const number = numberIn(given)
  if (number === undefined || (kind === "boolean" && number !== 0 && number !== 1)) return undefined
  const isOutside = range !== undefined && (number < range[0] || number > range[1])
  return { value: number, quality: isOutside ? quality.uncertainRange : quality.good }
}

function textIn(given: unknown): string | undefined {
  if (typeof given === "string") return given
  return typeof given === "number" || typeof given === "boolean" ? String(given) : undefined
}

function numberIn(given: unknown): number | undefined {
  if (typeof given === "number") return given
  return typeof given === "boolean" ? Number(given) : undefined
}

/** The value of a row, as people and rules see it. */
export function plainValue(cell: number, point: Point, registry: Registry): Value | null {
  if (point.tag.kind === "text") return registry.textOf(point.id, cell) ?? null
  if (Number.isNaN(cell)) return null
  return point.tag.kind === "boolean" ? cell !== 0 : cell
}

/** A value from outside, short enough for a sentence. */
export function shown(given: unknown): string {
  const text = typeof given === "string" ? given : (JSON.stringify(given) ?? String(given))
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`
}

const year2000 = 946_684_800_000
const dayMs = 86_400_000

/** True for a time that a clock with a plausible error could show: since 2000 and at most a day ahead of the plant. */
export function isPlausible(at: number, now: number): boolean {
  return at >= year2000 && at <= now + dayMs
}
