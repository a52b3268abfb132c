import { unitCalled } from "../kernel/tag-file.ts"
import type { UnitCode } from "../model/unit.ts"
import type { FoundPoint } from "./connector.ts"
import { tagNamesOf } from "./tag-name.ts"

/** What the house would write into a tag, how sure it is from 0 to 1, and why, in words. */
export interface Suggested<Value> {
  readonly value: Value
  readonly confidence: number
  readonly because: string
}

/** How a point that was found could become a tag; a person has the last word. */
export interface Suggestion {
  /** Name in the path; no other point of the same machine has it. */
  readonly tag: string
  readonly unit?: Suggested<UnitCode>
  readonly range?: Suggested<readonly [low: number, high: number]>
  readonly decimals?: Suggested<number>
}

/** A suggestion for each point, in their order. */
export function suggestTags(points: readonly FoundPoint[]): Suggestion[] {
  const names = tagNamesOf(points)
  return points.map((point, i) => ({ tag: names[i] ?? "value", ...suggest(point) }))
}

function suggest(point: FoundPoint): Omit<Suggestion, "tag"> {
  if (point.kind !== "number") return {}
  const unit = unitOf(point)
  const range = rangeOf(point, unit?.value)
  const decimals = decimalsOf(point, unit?.value)
  return { ...(unit && { unit }), ...(range && { range }), ...(decimals && { decimals }) }
}

/** Quantities by the words that machines use for them, with the unit that is most usual and how usual it is. */
const quantities: readonly (readonly [words: RegExp, unit: UnitCode, confidence: number])[] = [
  [/\b(rpm|spindle speed|rotation(al)? speed)\b|회전수|회전/, "/min", 0.8],
  [/\b(cycle ?time|takt)\b|사이클/, "s", 0.7],
  [/\b(temp|temperature|thermocouple|tc)\b|온도|유온/, "Cel", 0.8],
  [/\b(kwh|energy|active energy)\b|전력량/, "kW.h", 0.8],
  [/\b(power|kw)\b|전력/, "kW", 0.6],
  [/\b(current|amps?|ampere)\b|전류/, "A", 0.8],
  [/\b(voltage|volts?)\b|전압/, "V", 0.8],
  [/\b(frequency|freq|hz)\b|주파수/, "Hz", 0.8],
  [/\b(pressure|press)\b|압력|유압/, "bar", 0.5],
  [/\b(flow|flow rate)\b|유량/, "L/min", 0.6],
  [/\b(humidity|percent|ratio|load|duty)\b|습도|부하|비율/, "%", 0.7],
  [/\btorque\b|토크/, "N.m", 0.7],
  [/\b(force)\b|형체력/, "kN", 0.5],
  [/\b(thickness|length|position|distance|stroke|diameter)\b|두께|길이|위치/, "mm", 0.6],
  [/\b(weight|mass)\b|중량|무게/, "kg", 0.6],
  [/\bshots?\b|타수/, "{shot}", 0.7],
  [/\b(count|counter|counts|parts|pieces|quantity|qty)\b|수량|생산량|양품|불량/, "{part}", 0.6],
  [/\b(time|duration)\b|시간/, "s", 0.4],
]

function unitOf(point: FoundPoint): Suggestion["unit"] {
  const { unit, name, description = "" } = point
  const said = unit === undefined ? undefined : unitCalled(unit)
  if (said) return { value: said, confidence: 1, because: "the machine says its unit" }
  const written = writtenUnit(name) ?? writtenUnit(description)
  if (written) return { value: written.unit, confidence: 0.9, because: `"${written.word}" in it` }
  return (
    byWords(name, 1) ??
    byWords(description, 0.8) ??
    byWords((point.within ?? []).slice(-1).join(" "), 0.6)
  )
}

/** A unit in brackets, such as `Temp [°C]`, or as the last word of two letters or more, such as `oil_bar`. */
function writtenUnit(text: string): { word: string; unit: UnitCode } | undefined {
  const brackets = [...text.matchAll(/[[(]([^\])]{1,10})[\])]/g)].map(([, word = ""]) => word)
  const last = /[\s_.-]([^\s_.-]{2,10})$/.exec(text)?.[1]
  for (const word of [...brackets, ...(last ? [last] : [])]) {
    const unit = /^(min|h|ms|pcs)$/i.test(word) && word === last ? undefined : unitCalled(word)
    if (unit && unit !== "1") return { word, unit }
  }
  return undefined
}

function byWords(text: string, share: number): Suggestion["unit"] {
  const words = text
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[^\p{L}]+/gu, " ")
    .toLowerCase()
  for (const [known, value, usual] of quantities) {
    const found = known.exec(words)?.[0]
    if (!found) continue
    const confidence = Math.round(usual * share * 100) / 100
    return { value, confidence, because: `"${found}" is most often in ${value}` }
  }
  return undefined
}

function rangeOf({ range }: FoundPoint, unit: UnitCode | undefined): Suggestion["range"] {
  if (range) return { value: range, confidence: 1, because: "the machine says its range" }
  if (unit !== "%") return undefined
  return { value: [0, 100], confidence: 0.4, because: "per cent of a whole" }
}

/** Digits behind the point that people of the trade look at. */
const usualDecimals: Partial<Readonly<Record<UnitCode, number>>> = {
  ...{ Cel: 1, bar: 1, kPa: 1, MPa: 2, A: 1, V: 1, kW: 1, "kW.h": 1, "%": 1, "L/min": 1 },
  ...{ mm: 2, kg: 2, s: 1, Hz: 2, kN: 0, "N.m": 1, "/min": 0, "{part}": 0, "{shot}": 0 },
}

function decimalsOf({ value }: FoundPoint, unit: UnitCode | undefined): Suggestion["decimals"] {
  const usual = unit && usualDecimals[unit]
  if (usual !== undefined)
    return {
      value: usual,
      confidence: 0.7,
      because: `usual for ${unit === "%" ? "per cent" : unit}`,
    }
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined
  const digits = digitsBehindPoint(value)
  const because = digits === 0 ? "the value is a whole number" : `the value is ${value}`
  return { value: Math.min(digits, 3), confidence: 0.4, because }
}

/** Of the shortest number that is the same in 32 bits, as most machines measure. */
function digitsBehindPoint(value: number): number {
  for (let digits = 0; digits < 6; digits++)
    if (Math.fround(Number(value.toFixed(digits))) === Math.fround(value)) return digits
  return 6
}
