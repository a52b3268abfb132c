import { Link } from "@tanstack/react-router"
import type { DecisionView } from "../../../src/serve/api.ts"
import { usePlant } from "../api/queries.ts"
import { type Interval, IntervalBars } from "../parts/interval-bar.tsx"
import { Notice } from "../parts/notice.tsx"
import { clockTime, number } from "../text/format.ts"
import { useTexts } from "../text/text.ts"

/** Expectation and measurement on one axis, both with their 95 % intervals. */
export function Effect({ decision }: { decision: DecisionView }) {
  const { t, say } = useTexts()
  const { tags } = usePlant()
  const { expected, effect } = decision
  const measure = tags.find((tag) => tag.path === (effect?.measure ?? expected?.measure))
  const intervals: Interval[] = []
  if (expected) intervals.push({ ...expected, label: t("decision.expected"), kind: "expected" })
  const { change, low, high } = effect ?? {}
  if (change !== undefined && low !== undefined && high !== undefined)
    intervals.push({ change, low, high, label: t("decision.measured"), kind: "measured" })
  if (intervals.length === 0)
    return (
      <Notice tight icon="trend" title={t("effect.not-measurable")}>
        {effect?.because ? say(effect.because) : t("effect.none.why")}
      </Notice>
    )
  return (
    <div className="body effect">
      {measure && (
        <p>
          {t("effect.of")} <b>{say(measure.name)}</b>
        </p>
      )}
      <IntervalBars
        intervals={intervals}
        symbol={expected?.symbol ?? effect?.symbol ?? ""}
        decimals={measure?.decimals ?? 1}
      />
      {expected && !effect && (
        <small className="muted">
          {t("effect.window", { settle: expected.settleCycles, window: expected.windowCycles })}
        </small>
      )}
      {effect?.because && <p>{say(effect.because)}</p>}
      {effect?.proven !== undefined && (
        <b>{t(effect.proven ? "effect.proven" : "effect.unproven")}</b>
      )}
      <Windows decision={decision} decimals={measure?.decimals ?? 1} />
      {effect?.method && <small className="muted">{say(effect.method)}</small>}
    </div>
  )
}

function Windows({ decision, decimals }: { decision: DecisionView; decimals: number }) {
  const { t } = useTexts()
  const { tags, timezone } = usePlant()
  const { effect } = decision
  if (!effect?.before || !effect.after) return null
  const tag = tags.find((each) => each.path === effect.measure)
  const room = (effect.after.to - effect.before.from) * 0.1
  const window = { from: effect.before.from - room, to: effect.after.to + room }
  return (
    <div className="windows num">
      {(
        [
          ["effect.before", effect.before],
          ["effect.after", effect.after],
        ] as const
      ).map(([key, each]) => (
        <div key={key}>
          <span className="muted">{t(key)}</span>
          <b>
            {number(each.mean, decimals)} {effect.symbol}
          </b>
          <small className="muted">
            {t("effect.cycles", { n: each.cycles })} · {clockTime(each.from, timezone)}–
            {clockTime(each.to, timezone)}
          </small>
        </div>
      ))}
      {effect.change !== undefined && (
        <div>
          <span className="muted">{t("effect.without")}</span>
          <b>
            {number(effect.after.mean - effect.change, decimals)} {effect.symbol}
          </b>
          <small className="muted">
            {clockTime(effect.after.from, timezone)}–{clockTime(effect.after.to, timezone)}
          </small>
        </div>
      )}
      {tag && (
        <Link
          className="btn"
          to="/equipment/$"
          params={{ _splat: tag.equipment }}
          search={{ tag: tag.path, from: Math.round(window.from), to: Math.round(window.to) }}
        >
          {t("nav.trend")}
        </Link>
      )}
    </div>
  )
}
