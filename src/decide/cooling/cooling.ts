import type { Finding } from "../../analyse/finding.ts"
import type { Place } from "../../analyse/place.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import { joinPath, type Path } from "../../model/path.ts"
import { isUsable } from "../../model/quality.ts"
import type { Tag } from "../../model/tag.ts"
import type { Text } from "../../model/text.ts"
import { unitSymbol } from "../../model/unit.ts"
import type { Decider, DeciderKind, Decision, DecisionDraft, Snapshot } from "../decide.ts"
import { type Gain, gainOf } from "./gain.ts"
import { type CoolingOptions, coolingOptions, coolingOptionsOf } from "./options.ts"
import { ifIgnored, type Outlook, outlookOf } from "./outlook.ts"

/** Answers a measure that drifts hot or cold with a step of the cooling set point. */
export const cooling: DeciderKind = {
  kind: "cooling",
  summary: "Cools more when a measure drifts hot, less when it drifts cold.",
  options: coolingOptions,
  create: (options, place) => decider(coolingOptionsOf(options), place) as Decider,
}

interface Scene {
  readonly now: Snapshot
  readonly options: CoolingOptions
  readonly place: Place
  readonly finding: Finding
  readonly outlook: Outlook
  /** How far the measure stands from its normal at present, in its unit. */
  readonly deviation: number
  readonly target: Tag
  readonly present: number
  readonly next: number
}

function decider(options: CoolingOptions, place: Place): Decider<null> {
  return {
    initial: null,
    decide(now) {
      const proposal = mayPropose(now, options) ? propose(now, options, place) : undefined
      return { memory: null, proposals: proposal ? [proposal] : [], questions: [] }
    },
  }
}

/** One thing at a time, and a refused or failed proposal is not repeated at once. */
function mayPropose(now: Snapshot, options: CoolingOptions): boolean {
  if (now.open.length > 0) return false
  const last = now.closed.at(-1)
  if (!last || last.state === "measured") return true
  return now.at >= endOf(last) + parseDuration(options.pause)
}

function endOf(decision: Decision): number {
  if (decision.state === "expired")
    return Math.min(decision.decidedAt ?? Infinity, decision.expiresAt)
  return decision.decidedAt ?? decision.at
}

function propose(now: Snapshot, options: CoolingOptions, place: Place): DecisionDraft | undefined {
  const scene = sceneOf(now, options, place)
  return scene && draft(scene)
}

function sceneOf(now: Snapshot, options: CoolingOptions, place: Place): Scene | undefined {
  const { measure } = options
  const outlook = outlookOf(now.cycles, measure)
  const finding = now.findings.find(
    (f) => f.kind === "drift" && f.measures[`deviation:${measure}`] !== undefined,
  )
  const path = joinPath(place.equipment, options["set-point"])
  const target = now.tag(path)
  const sample = now.values.get(path)
  if (!outlook || !finding || !target || !sample || !isUsable(sample.quality)) return undefined
  const present = sample.value
  if (typeof present !== "number") return undefined
  const raised = finding.measures[`deviation:${measure}`] ?? 0
  const then = now.cycles.find((c) => c.end === finding.at)?.values[measure]
  const normal = (typeof then === "number" ? then : outlook.present) - raised
  const deviation = outlook.present - normal
  // On its way back by itself, or past its normal: a step would come too late.
  if (deviation * raised <= 0 || Math.abs(deviation) < 0.5 * Math.abs(raised)) return undefined
  const next = stepped(target, present, Math.sign(deviation) * options.step)
  if (next === present) return undefined
  return { now, options, place, finding, outlook, deviation, target, present, next }
}

/** The next set point within what may be written, at the tag's resolution. */
function stepped(target: Tag, present: number, wanted: number): number {
  const { writable, decimals } = target
  const step = writable ? Math.sign(wanted) * Math.min(Math.abs(wanted), writable.maxStep) : wanted
  const next = present + step
  const within = writable ? Math.min(writable.max, Math.max(writable.min, next)) : next
  return Number(within.toFixed(decimals))
}

function draft(scene: Scene): DecisionDraft {
  const { now, options, place, finding, outlook, deviation, target, present, next } = scene
  const gain = gainOf(options.gain, now.closed, target.path)
  const measure = place.tagOfField(options.measure)
  const tag = now.tag(measure)
  const step = next - present
  const change = gain.mean * step
  const half = 1.96 * gain.sd * Math.abs(step)
  return {
    kind: "set-point",
    title: titleOf(scene),
    why: whyOf(scene, gain, tag),
    because: finding.because,
    findings: [finding.id],
    body: { writes: [{ target: target.path, value: next, expect: present }] },
    expected: {
      measure,
      unit: tag?.unit ?? "1",
      change,
      low: change - half,
      high: change + half,
      settleCycles: options.settle,
      windowCycles: options.window,
    },
    ifIgnored: ifIgnored(outlook, deviation, limitedTag(now, place, options.measure)),
    alternatives: alternativesOf(scene),
    expiresAt: now.at + parseDuration(options.expires),
  }
}

/** The tag that carries the measure's limits: of the cycle field, or of the same name at the equipment. */
function limitedTag(now: Snapshot, place: Place, field: string): Tag | undefined {
  const own = now.tag(place.tagOfField(field))
  const live: Path = joinPath(place.equipment, field)
  return own && own.limits.length > 0 ? own : (now.tag(live) ?? own)
}

function titleOf({ target, present, next }: Scene): Text {
  const unit = unitSymbol(target.unit)
  const from = present.toFixed(target.decimals)
  const to = next.toFixed(target.decimals)
  return {
    en: `${target.name.en}: ${from} → ${to} ${unit}`,
    ko: `${target.name.ko ?? target.name.en}: ${from} → ${to} ${unit}`,
  }
}

function whyOf(scene: Scene, gain: Gain, tag: Tag | undefined): Text {
  const { deviation, options, next, present } = scene
  const digits = tag?.decimals ?? 1
  const unit = unitSymbol(tag?.unit ?? "1")
  const size = `${Math.abs(deviation).toFixed(digits)} ${unit}`
  const change = (gain.mean * (next - present)).toFixed(digits).replace("-", "−")
  const hot = deviation > 0
  const en = tag?.name.en ?? options.measure
  const ko = tag?.name.ko ?? en
  const stands =
    gain.effects > 0
      ? {
          en: `learnt from ${gain.effects} measured effect${gain.effects === 1 ? "" : "s"}`,
          ko: `실측 효과 ${gain.effects}건에서 학습`,
        }
      : { en: "a configured guess, not measured yet", ko: "설정된 추정값, 아직 실측 없음" }
  return {
    en: `${en} is ${size} ${hot ? "above" : "below"} its normal; ${hot ? "more" : "less"} cooling should change it by ${change} ${unit} (${stands.en}).`,
    ko: `${ko}이(가) 정상보다 ${size} ${hot ? "높습니다" : "낮습니다"}. 냉각을 ${hot ? "늘리면" : "줄이면"} ${change} ${unit} 변할 것으로 예상합니다 (${stands.ko}).`,
  }
}

function alternativesOf({ deviation, target, present, next }: Scene): readonly Text[] {
  const half = (present + (next - present) / 2).toFixed(target.decimals)
  const unit = unitSymbol(target.unit)
  const check =
    deviation > 0
      ? {
          en: "Check the cooling channel and its filter for clogging first.",
          ko: "먼저 냉각 채널과 필터의 막힘을 점검합니다.",
        }
      : {
          en: "Check the melt and the cycle for waiting times first.",
          ko: "먼저 용탕과 사이클의 대기 시간을 점검합니다.",
        }
  return [{ en: `Half the step: ${half} ${unit}.`, ko: `절반만 변경: ${half} ${unit}.` }, check]
}
