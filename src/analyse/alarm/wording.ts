import type { Limit, LimitSide, Tag } from "../../model/tag.ts"
import type { Text } from "../../model/text.ts"
import { unitSymbol } from "../../model/unit.ts"

const sides: Readonly<Record<LimitSide, { en: string; ko: string; past: string }>> = {
  "high-high": { en: "far above", ko: "상상한", past: "초과" },
  high: { en: "above", ko: "상한", past: "초과" },
  low: { en: "below", ko: "하한", past: "미만" },
  "low-low": { en: "far below", ko: "하하한", past: "미만" },
}

/** The limit's own text, or one made of the tag's name, the side and the limit. */
export function textOf(tag: Tag, limit: Limit): Text {
  if (limit.text) return limit.text
  const side = sides[limit.side]
  const at = `${limit.at} ${unitSymbol(tag.unit)}`.trim()
  return {
    en: `${tag.name.en} ${side.en} ${at}`,
    ko: `${tag.name.ko ?? tag.name.en} ${side.ko} ${at} ${side.past}`,
  }
}
