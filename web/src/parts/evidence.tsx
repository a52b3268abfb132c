import { Link } from "@tanstack/react-router"
import type { DecisionView } from "../../../src/serve/api.ts"
import { usePlant } from "../api/queries.ts"
import { clockTime, number } from "../text/format.ts"
import { useTexts } from "../text/text.ts"
import "./evidence.css"

type Evidence = DecisionView["because"][number]

/** What a statement stands on: each links into the trend at its place, with its share. */
export function EvidenceList({ evidence }: { evidence: readonly Evidence[] }) {
  const { t, say } = useTexts()
  const { tags, timezone } = usePlant()
  if (evidence.length === 0) return <p className="muted">{t("evidence.none")}</p>
  return (
    <ul className="evidence">
      {evidence.map((each) => {
        const tag = tags.find((candidate) => candidate.path === each.tag)
        const share = each.share === undefined ? undefined : each.share * 100
        const room = Math.max(60_000, (each.to - each.from) * 0.3)
        return (
          <li key={`${each.tag} ${each.from}`}>
            <Link
              to="/equipment/$"
              params={{ _splat: tag?.equipment ?? each.tag }}
              search={{
                tag: each.tag,
                from: Math.round(each.from - room),
                to: Math.round(each.to + room),
              }}
            >
              {tag ? say(tag.name) : each.tag}
            </Link>
            <span className="muted num">
              {clockTime(each.from, timezone)}–{clockTime(each.to, timezone)}
            </span>
            {each.says && <small>{say(each.says)}</small>}
            {share !== undefined && (
              <span className="share" title={t("evidence.share")}>
                <i style={{ width: `${share}%` }} />
                <b>{number(share)} %</b>
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}
