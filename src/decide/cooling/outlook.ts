import type { Cycle } from "../../model/cycle.ts"
import type { Limit, Tag } from "../../model/tag.ts"
import type { Text } from "../../model/text.ts"
import { unitSymbol } from "../../model/unit.ts"

export interface Outlook {
  /** Mean of the last cycles that count, in the measure's unit. */
  readonly present: number
  /** Change a cycle over the last four, by least squares. */
  readonly slope: number
  /** Median length of a cycle. */
  readonly cycleMs: number
}

/** Where a measure stands and goes; undefined with fewer than two values. */
export function outlookOf(cycles: readonly Cycle[], field: string): Outlook | undefined {
  const last = cycles
    .filter((c) => c.verdict !== "trial" && typeof c.values[field] === "number")
    .slice(-4)
  const values = last.map((c) => Number(c.values[field]))
  const present = values.at(-1)
  if (present === undefined || values.length < 2) return undefined
  const lengths = last.map((c) => c.end - c.start).sort((a, b) => a - b)
  return {
    present,
    slope: slopeOf(values),
    cycleMs: Math.max(1, lengths[Math.floor(lengths.length / 2)] ?? 1),
  }
}

function slopeOf(values: readonly number[]): number {
  const n = values.length
  const middle = (n - 1) / 2
  const mean = values.reduce((sum, v) => sum + v, 0) / n
  let above = 0
  let below = 0
  for (const [i, v] of values.entries()) {
    above += (i - middle) * (v - mean)
    below += (i - middle) ** 2
  }
  return above / below
}

/** What happens if nobody acts, in numbers: when the next limit on that side is met, or how far off it stays. */
export function ifIgnored(outlook: Outlook, deviation: number, tag: Tag | undefined): Text {
  const { present, slope, cycleMs } = outlook
  const digits = tag?.decimals ?? 1
  const unit = unitSymbol(tag?.unit ?? "1")
  const worse = Math.sign(slope) === Math.sign(deviation)
  const limit = nextLimit(tag, present, Math.sign(deviation))
  const pace = `${slope < 0 ? "-" : "+"}${Math.abs(slope).toFixed(digits)} ${unit}`
  const now = `${present.toFixed(digits)} ${unit}`
  if (worse && limit) {
    const cycles = Math.ceil((limit.at - present) / slope)
    if (cycles <= 200) {
      const minutes = Math.ceil((cycles * cycleMs) / 60_000)
      return {
        en: `Now ${now}. At ${pace} a cycle it meets the ${limit.side} limit of ${limit.at} ${unit} in about ${cycles} cycles (${minutes} min).`,
        ko: `현재 ${now}. 사이클당 ${pace} 추세로 약 ${cycles}사이클(${minutes}분) 뒤 한계 ${limit.at} ${unit}에 닿습니다.`,
      }
    }
  }
  const later = worse ? present + slope * 10 : present
  return {
    en: `Now ${now}, ${Math.abs(deviation).toFixed(digits)} ${unit} ${deviation > 0 ? "above" : "below"} its normal. In 10 cycles it stands near ${later.toFixed(digits)} ${unit}${worse ? ` at ${pace} a cycle` : ""}.`,
    ko: `현재 ${now}, 정상보다 ${Math.abs(deviation).toFixed(digits)} ${unit} ${deviation > 0 ? "높음" : "낮음"}. 10사이클 뒤 약 ${later.toFixed(digits)} ${unit}로 예상됩니다.`,
  }
}

function nextLimit(tag: Tag | undefined, present: number, direction: number): Limit | undefined {
  const side = direction > 0 ? "high" : "low"
  return (tag?.limits ?? [])
    .filter((l) => l.side.startsWith(side) && (l.at - present) * direction > 0)
    .sort((a, b) => Math.abs(a.at - present) - Math.abs(b.at - present))[0]
}
