import { type DataItem, type Observation, unavailable } from "../../codec/mtconnect.ts"
import { isTooLong, readNumber } from "../../codec/number.ts"
import { type Quality, quality } from "../../model/quality.ts"
import type { TagKind } from "../../model/tag.ts"

/** Words of events (part 3, controlled vocabularies) that mean yes or no. */
const words: Readonly<Record<string, boolean>> = {
  ACTIVE: true,
  AVAILABLE: true,
  FALSE: false,
  INACTIVE: false,
  NO: false,
  NOT_READY: false,
  OFF: false,
  ON: true,
  READY: true,
  TRUE: true,
  UNAVAILABLE: false,
  YES: true,
}

/** What an observation says of a sample or event, for a tag of the kind. */
export function givenBy(
  { value }: Observation,
  { item, axis, kind }: { item: DataItem; axis?: 0 | 1 | 2; kind: TagKind },
): { readonly value: number | boolean | string | null; readonly said?: Quality } {
  if (value === unavailable && item.type !== "AVAILABILITY") return { value: null }
  const text = axis === undefined ? value : value.split(/\s+/)[axis]
  if (text === undefined) return { value: null }
  if (kind === "text") return { value: text }
  if (text === "") return { value: null }
  const number = readNumber(text)
  if (number !== undefined)
    return isTooLong(text) ? { value: number, said: quality.uncertain } : { value: number }
  return { value: (kind === "boolean" ? words[text.toUpperCase()] : undefined) ?? text }
}
