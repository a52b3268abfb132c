import type { DecisionView } from "../../../src/serve/api.ts"
import { usePlant } from "../api/queries.ts"
import { clockSeconds } from "../text/format.ts"
import { type Key, type Texts, useTexts, wordOf } from "../text/text.ts"

interface Step {
  readonly text: string
  readonly at: number | undefined
  readonly note: string | undefined
  readonly done: boolean
}

/** From proposal to measured effect; what is still to come stands hollow. */
export function Life({ decision }: { decision: DecisionView }) {
  const texts = useTexts()
  const { timezone } = usePlant()
  return (
    <ol className="life">
      {stepsOf(decision, texts).map((step) => (
        <li key={step.text} className={step.done ? "done" : ""}>
          <b>{step.text}</b>
          <time className="muted">{step.at !== undefined && clockSeconds(step.at, timezone)}</time>
          {step.note && <small>{step.note}</small>}
        </li>
      ))}
    </ol>
  )
}

function stepsOf(decision: DecisionView, { t, say }: Texts): readonly Step[] {
  const { state, command, effect } = decision
  const step = (key: Key, done: boolean, more: Partial<Step> = {}): Step => ({
    text: t(key),
    at: undefined,
    note: undefined,
    done,
    ...more,
  })
  const proposed = step("life.proposed", true, { at: decision.at, note: decision.decider })
  if (state === "advice") return [proposed, step("decision.is.advice", true)]
  const by = decision.decidedByName ?? decision.decidedBy
  if (state === "rejected")
    return [
      proposed,
      step("decision.is.rejected", true, {
        at: decision.decidedAt,
        note: [by, decision.reason].filter(Boolean).join(" · "),
      }),
    ]
  if (state === "expired")
    return [proposed, step("decision.is.expired", true, { at: decision.expiresAt })]
  if (state === "failed")
    return [
      proposed,
      step("decision.is.approved", true, { at: decision.decidedAt, note: by }),
      step("decision.is.failed", true, {
        at: command?.at,
        note: decision.failure
          ? say(decision.failure)
          : command && wordOf(t, "command", command.state),
      }),
    ]
  const approved = state !== "proposed"
  const written = command !== undefined
  return [
    proposed,
    step("decision.is.approved", approved, { at: decision.decidedAt, note: by }),
    step("life.written", written, {
      at: command?.at,
      note: command && wordOf(t, "command", command.state),
    }),
    ...(state === "rolled-back" ? [step("decision.is.rolled-back", true)] : []),
    step("decision.is.measured", effect !== undefined, {
      at: effect?.after?.to,
      note:
        effect && effect.change === undefined
          ? t("effect.not-measurable")
          : effect && t(effect.proven ? "effect.proven" : "effect.unproven"),
    }),
  ]
}
