import { parseIso } from "../../codec/iso-time.ts"
import { pickJson } from "../../codec/json-path.ts"
import { isTooLong, readNumber } from "../../codec/number.ts"
import type { Tag } from "../../model/tag.ts"

/** A payload, read once for all points of its topic. */
export interface Payload {
  readonly text: string
  /** The JSON document; absent where it is none. */
  readonly document?: { readonly root: unknown }
}

/** Reads UTF-8 and, where it is JSON, the document; undefined where the bytes are no text. */
export function readPayload(bytes: Uint8Array): Payload | undefined {
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
  try {
    return { text, document: { root: parseJson(text) } }
  } catch {
    return { text }
  }
}

/** As `JSON.parse`, but a whole number of more digits than a number of the house holds stays a text. */
function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  const keepDigits = (_: string, value: unknown, { source = "" }: { source?: string }) =>
    typeof value === "number" && isTooLong(source) ? source : value
  return JSON.parse(text, keepDigits as Parameters<typeof JSON.parse>[1])
}

/** What a text means for the tag's kind; the text itself where it means nothing of the kind. */
export function meaningOf(text: string, { kind }: Pick<Tag, "kind">): number | boolean | string {
  if (kind === "text") return text
  const word = text.trim()
  if (kind === "boolean" && /^(true|on|yes|1)$/i.test(word)) return true
  if (kind === "boolean" && /^(false|off|no|0)$/i.test(word)) return false
  return (kind === "number" ? readNumber(word) : undefined) ?? text
}

/** Milliseconds since 1970 UTC of a time in a document; NaN where it is none, or leaves its zone open. */
export function timeIn(
  root: unknown,
  from: { path: readonly (string | number)[]; form: "iso" | "s" | "ms" },
): number {
  const given = pickJson(root, from.path)
  if (from.form === "iso") {
    const hasZone = typeof given === "string" && /(Z|[+-]\d\d:?\d\d)$/.test(given)
    return hasZone ? parseIso(given) : Number.NaN
  }
  const number = typeof given === "string" ? readNumber(given) : given
  if (typeof number !== "number") return Number.NaN
  return from.form === "s" ? number * 1000 : number
}
