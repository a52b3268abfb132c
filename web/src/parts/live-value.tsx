import type { AlarmView, TagView, ValueView } from "../../../src/serve/api.ts"
import { plantNow } from "../api/plant-clock.ts"
import { number } from "../text/format.ts"
import { sayLength, type Translate, useTexts, wordOf } from "../text/text.ts"
import { StateGlyph } from "./glyph.tsx"
import "./live-value.css"

export interface Condition {
  /** A number to point at, where the value is one that may be calculated with. */
  readonly number: number | undefined
  readonly stale: boolean
  readonly bad: boolean
  readonly uncertain: boolean
}

/** What may be believed of a value at this moment. Freshness is in plant time. */
export function conditionOf(tag: TagView, value: ValueView | undefined, now: number): Condition {
  const bad = value === undefined || value.quality.startsWith("bad")
  const usable = !bad && typeof value.value === "number" && Number.isFinite(value.value)
  return {
    number: usable ? (value.value as number) : undefined,
    stale: value !== undefined && now - value.at > tag.staleAfterMs,
    bad,
    uncertain: value?.quality.startsWith("uncertain") ?? false,
  }
}

export function valueText(tag: TagView, value: ValueView["value"] | undefined, t: Translate) {
  if (value === undefined || value === null) return "–"
  const state = tag.states?.[String(value)]
  if (state !== undefined) return wordOf(t, "state", state)
  if (typeof value === "boolean") return t(value ? "value.on" : "value.off")
  if (tag.kind === "boolean" && typeof value === "number")
    return t(value ? "value.on" : "value.off")
  return typeof value === "number" ? number(value, tag.decimals) : value
}

/** Value and unit; grey with its age where it is stale, struck with its reason where it is bad. */
export function LiveValue({ tag, value }: { tag: TagView; value: ValueView | undefined }) {
  const { t } = useTexts()
  const { stale, bad, uncertain } = conditionOf(tag, value, plantNow())
  const kind = `live-value${stale ? " stale" : ""}${bad ? " bad" : ""}`
  return (
    <span className={kind} title={value && wordOf(t, "quality", value.quality)}>
      {tag.states && !bad && <StateGlyph state={tag.states[String(value?.value)] ?? "unknown"} />}
      <b>{valueText(tag, value?.value, t)}</b>
      {tag.symbol && <small>{tag.symbol}</small>}
      {uncertain && <em>?</em>}
    </span>
  )
}

/** `0.4 s ago`, or why the value can't be believed. */
export function Age({ at, now }: { at: number; now: number }) {
  const { t } = useTexts()
  return <>{t("ago", { length: sayLength(t, now - at) })}</>
}

export function isActive(alarm: AlarmView): boolean {
  return (
    alarm.state === "unacknowledged" || alarm.state === "acknowledged" || alarm.state === "returned"
  )
}

/** Most urgent first: priority, then unseen before seen, then the newest. */
export function byUrgency(a: AlarmView, b: AlarmView): number {
  const rank = (alarm: AlarmView) =>
    ["unacknowledged", "acknowledged", "returned"].indexOf(alarm.state)
  return a.priority - b.priority || rank(a) - rank(b) || (b.raisedAt ?? 0) - (a.raisedAt ?? 0)
}
