import { useTexts, wordOf } from "../text/text.ts"
import "./glyph.css"

const shapes: Readonly<Record<number, string>> = {
  1: "M2 2h16v16H2z",
  2: "M10 1.5 19 18H1z",
  3: "M1 2h18l-9 16.5z",
  4: "M10 1a9 9 0 1 1 0 18 9 9 0 0 1 0-18z",
}
const numberAt: Readonly<Record<number, number>> = { 1: 14.2, 2: 15.4, 3: 11.4, 4: 14.2 }

/** Shape, number and hue of a priority. Hollow where it returned unseen; grey where nobody is to be asked. */
export function AlarmMark(props: { priority: number; state?: string; size?: number }) {
  const { t } = useTexts()
  const { priority, state = "acknowledged", size = 18 } = props
  const quiet = state === "shelved" || state === "suppressed" || state === "out-of-service"
  const hollow = state === "returned"
  const kind = `mark p${priority}${quiet ? " quiet" : ""}${hollow ? " hollow" : ""}`
  const blink = state === "unacknowledged" ? " blink" : ""
  return (
    <svg
      className={kind + blink}
      width={size}
      height={size}
      viewBox="0 0 20 20"
      role="img"
      aria-label={`${t("alarm.priority")} ${priority}, ${wordOf(t, "alarm.state", state)}`}
    >
      <path d={shapes[priority] ?? shapes[4]} />
      <text x="10" y={numberAt[priority] ?? 14.2}>
        {priority}
      </text>
    </svg>
  )
}

const stateShapes: Readonly<Record<string, string>> = {
  running: "M3 1.5 11 6.5 3 11.5z",
  idle: "M2.5 2h2.6v9H2.5zM7.9 2h2.6v9H7.9z",
  setup: "M6.5 1a5.5 5.5 0 1 1-5 3.2l1.6.7A3.8 3.8 0 1 0 6.5 2.7V4.8L3.4 2.4 6.5 0z",
  stopped: "M2 2h9v9H2z",
  fault: "M2 2h9v9H2z",
  off: "M6.5 1a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zm0 1.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
}

export function StateGlyph({ state, size = 11 }: { state: string; size?: number }) {
  return (
    <svg
      className={state === "fault" ? "state-glyph fault" : "state-glyph"}
      width={size}
      height={size}
      viewBox="0 0 13 13"
      aria-hidden="true"
    >
      {stateShapes[state] ? (
        <path d={stateShapes[state]} />
      ) : (
        <text x="6.5" y="11">
          ?
        </text>
      )}
    </svg>
  )
}

/** An equipment's state: glyph and word. */
export function State({ state = "unknown" }: { state?: string | undefined }) {
  const { t } = useTexts()
  return (
    <span className={`state ${state}`}>
      <StateGlyph state={state} />
      {wordOf(t, "state", state)}
    </span>
  )
}

/** Good is a quiet dot, bad a filled diamond, trial a hollow ring: told apart without colour. */
export function VerdictGlyph({ verdict }: { verdict: string | undefined }) {
  const { t } = useTexts()
  const word = verdict ? wordOf(t, "verdict", verdict) : t("verdict.none")
  return (
    <svg
      className={`verdict ${verdict ?? "none"}`}
      width="12"
      height="12"
      viewBox="0 0 12 12"
      role="img"
      aria-label={word}
    >
      {verdict === "bad" && <path d="M6 0l6 6-6 6-6-6z" />}
      {verdict === "good" && <circle cx="6" cy="6" r="2.5" />}
      {verdict === "trial" && <circle cx="6" cy="6" r="4" fill="none" strokeWidth="1.5" />}
      {verdict === "rework" && <path d="M6 1l5 9H1z" fill="none" strokeWidth="1.5" />}
      {!verdict && <path d="M3 6h6" strokeWidth="1.5" />}
    </svg>
  )
}
