import { Link } from "@tanstack/react-router"
import type { CommandView } from "../../../src/serve/api.ts"
import { usePlant } from "../api/queries.ts"
import { Icon } from "../parts/icon.tsx"
import { valueText } from "../parts/live-value.tsx"
import { useTexts, wordOf } from "../text/text.ts"
import "./decision.css"

/** Write by write: what stood before, what was written, what was read back, or what stood in the way. */
export function CommandOutcome({ command }: { command: CommandView }) {
  const texts = useTexts()
  const { t, say } = texts
  const { tags } = usePlant()
  return (
    <div className={`outcome ${command.state}`} role="status">
      <div className="row">
        <Icon name={command.state === "done" ? "check" : "out"} size={15} />
        <b>{wordOf(t, "command", command.state)}</b>
        <Link className="push" to="/ledger/$id" params={{ id: command.record }}>
          {t("chain.way")}
        </Link>
      </div>
      {command.writes.map((write) => {
        const tag = tags.find((each) => each.path === write.target)
        const shown = (value: typeof write.value) =>
          tag ? `${valueText(tag, value, t)} ${tag.symbol}` : String(value)
        const { outcome } = write
        return (
          <div className="write num" key={write.target}>
            <span>{tag ? say(tag.name) : write.target}</span>
            <span>
              {write.before !== undefined && `${shown(write.before)} → `}
              <b>{shown(write.value)}</b>
            </span>
            <small>
              {wordOf(t, "outcome", outcome.state)}
              {outcome.readBack !== undefined &&
                ` · ${t("outcome.read-back", { value: shown(outcome.readBack) })}`}
              {outcome.guard && ` · ${wordOf(t, "guard", outcome.guard)}`}
              {outcome.because && ` · ${say(outcome.because)}`}
            </small>
          </div>
        )
      })}
    </div>
  )
}
