import type { Instant } from "../../model/instant.ts"
import type { TagId } from "../../model/tag.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { KnownGap, Span } from "../gap.ts"
import type { GapBook } from "./gaps.ts"

/** Rows that came late, by their tags and source times. */
export interface LateRows extends Span {
  readonly tags: readonly TagId[]
  readonly rows: number
}

/**
 * What is silent in an interval for longer than these tags may be, where silence counts from its ends, and the usable
 * rows that stand in it.
 */
export type Silences = (
  tags: readonly TagId[],
  interval: Span,
) => Promise<{ readonly left: readonly Span[]; readonly rows: number }>

export interface LateFillParts {
  readonly book: GapBook
  readonly silences: Silences
  /** Tags that a device brings; undefined where the plant has no such device any more. */
  readonly tagsOf: (device: string) => readonly TagId[] | undefined
  readonly now: () => Instant
}

/** Looks again at the gaps that late rows fell into; gives those that changed. */
export async function fillGaps(
  late: LateRows,
  record: LedgerId,
  parts: LateFillParts,
): Promise<readonly KnownGap[]> {
  const { book, tagsOf, now } = parts
  const changed: KnownGap[] = []
  for (const gap of await book.list()) {
    const tags = tagsOf(gap.device)
    if (!tags || gap.gone || gap.left?.length === 0 || !overlaps(gap, late)) continue
    if (!late.tags.some((tag) => tags.includes(tag))) continue
    const filled = await fillOf(gap, { tags, late }, parts)
    if (filled) changed.push(await book.fill(gap, { ...filled, at: now() }, record))
  }
  return changed
}

/** Where the gap's size is known, no silence alone says that all has come. */
async function fillOf(
  gap: KnownGap,
  { tags, late }: { tags: readonly TagId[]; late: LateRows },
  { silences, now }: LateFillParts,
) {
  const whole = { from: gap.from, to: gap.to ?? Math.max(now(), gap.from) }
  if (gap.size !== undefined) {
    const rows = (gap.filled?.rows ?? 0) + late.rows
    return { rows, left: rows >= gap.size ? [] : [whole] }
  }
  const { left, rows } = await silences(tags, whole)
  const before = gap.left?.reduce(lengthOf, 0) ?? whole.to - whole.from
  return rows === 0 || left.reduce(lengthOf, 0) >= before ? undefined : { rows, left }
}

function overlaps(gap: KnownGap, late: Span): boolean {
  return gap.from < late.to && (gap.to ?? Number.POSITIVE_INFINITY) >= late.from
}

function lengthOf(sum: number, { from, to }: Span): number {
  return sum + (to - from)
}
