import type { Cycle } from "../../model/cycle.ts"
import type { Text } from "../../model/text.ts"
import { unitSymbol } from "../../model/unit.ts"
import { type FindingDraft, outAfter } from "../finding.ts"
import type { Place } from "../place.ts"
import type { Baseline } from "./baseline.ts"
import type { Standing } from "./field.ts"

interface Part {
  readonly name: string
  readonly standing: Standing
  readonly baseline: Baseline
}

type Seen = { readonly cycle: Cycle; readonly place: Place }

/** The finding that some fields left their normal; the first by score leads and gives title and direction. */
export function driftFinding(key: string, parts: readonly Part[], seen: Seen): FindingDraft {
  const { cycle, place } = seen
  const sorted = [...parts].sort((a, b) => b.standing.score - a.standing.score)
  const [lead] = sorted
  if (!lead) throw new RangeError("a drift needs at least one field")
  const weight = (part: Part) =>
    Math.max(part.standing.score, Math.abs(part.standing.sigma) / 10) ** 2
  const whole = sorted.reduce((sum, part) => sum + weight(part), 0)
  const since = Math.min(...sorted.map((part) => part.standing.since))
  const { deviation, sigma, score } = lead.standing
  return {
    key,
    kind: "drift",
    equipment: place.equipment,
    at: cycle.end,
    title: titleOf(lead, place),
    because: sorted.map((part) => ({
      tag: place.tagOfField(part.name),
      from: part.standing.since,
      to: outAfter(cycle.end),
      share: weight(part) / whole,
      says: saysOf(part, place),
    })),
    confidence: Math.min(0.99, 1 - Math.exp(-2.5 * score)),
    measures: {
      deviation,
      sigma,
      direction: Math.sign(deviation),
      shots: Math.max(1, Math.round((cycle.end - since) / Math.max(1, cycle.end - cycle.start))),
      ...Object.fromEntries(
        sorted.map((part) => [`deviation:${part.name}`, part.standing.deviation]),
      ),
    },
  }
}

function titleOf({ name, standing }: Part, place: Place): Text {
  const tag = place.tag(place.tagOfField(name))
  const hot = standing.deviation > 0
  const isHeat = tag?.unit === "Cel" || tag?.unit === "K"
  const en = isHeat ? (hot ? "hot" : "cold") : hot ? "high" : "low"
  const ko = hot ? "상승" : "하강"
  const size = Math.abs(standing.deviation).toFixed(tag?.decimals ?? 1)
  const amount = `${size} ${unitSymbol(tag?.unit ?? "1")}`.trim()
  return {
    en: `${tag?.name.en ?? name} drifts ${en} by ${amount}`,
    ko: `${tag?.name.ko ?? tag?.name.en ?? name} 이상 ${ko} (${amount})`,
  }
}

function saysOf({ name, standing, baseline }: Part, place: Place): Text {
  const tag = place.tag(place.tagOfField(name))
  const digits = tag?.decimals ?? 1
  const unit = unitSymbol(tag?.unit ?? "1")
  const size = `${signed(standing.deviation, digits)} ${unit}`.trim()
  const sigma = signed(standing.sigma, 1)
  const level = baseline.level.toFixed(digits)
  return {
    en: `${size} (${sigma} sigma) against ${level} of the last ${baseline.cycles} shots`,
    ko: `최근 ${baseline.cycles}타 기준 ${level} 대비 ${size} (${sigma} 시그마)`,
  }
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(digits)}`
}

/** The finding that a value stands still as a living process never does. */
export function frozenFinding(name: string, baseline: Baseline, seen: Seen): FindingDraft {
  const { cycle, place } = seen
  const tag = place.tagOfField(name)
  const known = place.tag(tag)
  const from = cycle.end - baseline.same * (cycle.end - cycle.start)
  const chance = baseline.repeatShare ** baseline.same
  return {
    key: `frozen-sensor:${name}`,
    kind: "frozen-sensor",
    equipment: place.equipment,
    at: cycle.end,
    title: {
      en: `${known?.name.en ?? name} stands still`,
      ko: `${known?.name.ko ?? known?.name.en ?? name} 값이 멈춤`,
    },
    because: [
      {
        tag,
        from,
        to: outAfter(cycle.end),
        share: 1,
        says: {
          en: `${baseline.last} in ${baseline.same} shots in a row; the chance of it is ${chance.toExponential(0)}`,
          ko: `${baseline.same}타 연속 ${baseline.last}; 우연일 확률 ${chance.toExponential(0)}`,
        },
      },
    ],
    confidence: 0.99,
    measures: { shots: baseline.same, value: baseline.last },
  }
}
