import { Link } from "@tanstack/react-router"
import type { LedgerView } from "../../../src/serve/api.ts"
import { usePlant } from "../api/queries.ts"
import { Icon } from "../parts/icon.tsx"
import { clockTime, number } from "../text/format.ts"
import { useTexts } from "../text/text.ts"
import { evidenceIn } from "./layers.ts"

const most = 4

/** The samples on which the first records of a chain stand; each leads into the trend at its place. */
export function EvidenceCards({ records }: { records: readonly LedgerView[] }) {
  const { t, say } = useTexts()
  const { tags, timezone } = usePlant()
  const evidence = records.flatMap((each) => (each.causes.length === 0 ? evidenceIn(each) : []))
  if (evidence.length === 0) return null
  return (
    <div className="layer samples">
      {evidence.slice(0, most).map((each) => {
        const tag = tags.find((candidate) => candidate.path === each.tag)
        const room = Math.max(60_000, (each.to - each.from) * 0.3)
        return (
          <Link
            key={`${each.tag} ${each.from}`}
            to="/equipment/$"
            params={{ _splat: tag?.equipment ?? each.tag }}
            search={{
              tag: each.tag,
              from: Math.round(each.from - room),
              to: Math.round(each.to + room),
            }}
            className="card"
          >
            <span className="row">
              <Icon name="trend" size={15} />
              <b>{tag ? say(tag.name) : each.tag}</b>
              {each.share !== undefined && (
                <small className="push nowrap">{number(each.share * 100)} %</small>
              )}
            </span>
            <small className="muted num">
              {t("chain.evidence")} · {clockTime(each.from, timezone)}–
              {clockTime(each.to, timezone)}
            </small>
            {each.says && <small>{say(each.says)}</small>}
            {each.digest && <small className="code muted">{each.digest.slice(0, 16)}</small>}
          </Link>
        )
      })}
    </div>
  )
}
