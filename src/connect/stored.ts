import { type Quality, quality } from "../model/quality.ts"
import type { TagKind, Value } from "../model/tag.ts"

/** How a number of a machine's memory becomes a value: stored * times / over + plus. */
export interface Scale {
  readonly times: number
  /** A fraction, because a division by 10 is exact where a product with 0.1 is not. */
  readonly over: number
  readonly plus: number
}

/** Numbers in addresses, as the source of a regular expression. */
const decimal = "\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?"

/** `*scale` and `+offset` at the end of an address, as groups of these names. */
export const scaleForm = `(?:\\*(?<scale>-?${decimal}))?(?<offset>[+-]${decimal})?$`

/** What `scaleForm` found, as a scale, or what is wrong with it as the end of a sentence that begins with "got". */
export function scaleOf(found: {
  readonly scale?: string | undefined
  readonly offset?: string | undefined
}): Scale | undefined | string {
  const { scale, offset } = found
  if (scale === undefined && offset === undefined) return undefined
  const fraction = fractionOf(scale ?? "1")
  if (fraction.times === 0) return "scale 0, expected another number"
  return { ...fraction, plus: Number(offset ?? 0) }
}

/** `0.05` as 5 / 100. */
function fractionOf(text: string): { times: number; over: number } {
  const [mantissa = "", exponent = "0"] = text.split("e")
  const [whole = "", digits = ""] = mantissa.split(".")
  const times = Number(whole + digits)
  const power = Number(exponent) - digits.length
  return power < 0 ? { times, over: 10 ** -power } : { times: times * 10 ** power, over: 1 }
}

export interface Given {
  /** Null where the machine says that it has none. */
  readonly value: Value | null
  readonly said: Quality
}

/** What a machine stores as what it means. A float that is no number is no data; beyond 2^53 digits are lost, but not in a text tag. */
export function givenOf(
  stored: Value | bigint,
  { scale, kind }: { scale?: Scale | undefined; kind: TagKind },
): Given {
  if (typeof stored === "boolean" || typeof stored === "string")
    return { value: stored, said: quality.good }
  if (typeof stored === "bigint" && kind === "text" && !scale)
    return { value: String(stored), said: quality.good }
  const number = Number(stored)
  if (!Number.isFinite(number)) return { value: null, said: quality.good }
  const isExact = typeof stored === "number" || Number.isSafeInteger(number)
  const value = scale ? (number * scale.times) / scale.over + scale.plus : number
  return { value, said: isExact ? quality.good : quality.uncertain }
}

/** The way back; undefined where a whole number is to be stored and the scale has no step for the value. */
export function storedOf(
  value: Value,
  { scale, isWhole }: { scale: Scale | undefined; isWhole: boolean },
): Value | undefined {
  if (!scale) return value
  if (typeof value === "string") return undefined
  const exact = ((Number(value) - scale.plus) * scale.over) / scale.times
  if (!isWhole) return exact
  const stored = Math.round(exact)
  // What is left beside the whole number is the rounding of the calculation, or a digit that does not fit.
  return Math.abs(stored - exact) <= 1e-9 * Math.max(1, Math.abs(exact)) ? stored : undefined
}
