import type { CompletenessView } from "../../../src/serve/api-completeness.ts"
import { Icon } from "../parts/icon.tsx"
import { type Key, useTexts } from "../text/text.ts"

type Verdict = CompletenessView["verdict"]

const words: Readonly<Record<Verdict, { readonly title: Key; readonly why: Key }>> = {
  complete: { title: "complete.complete", why: "complete.complete.why" },
  missing: { title: "complete.missing", why: "complete.missing.why" },
  unknown: { title: "complete.unknown", why: "complete.unknown.why" },
}

/** Shape and brightness, no hue: a gap is no alarm. */
export function VerdictMark({ verdict }: { verdict: Verdict }) {
  const { t } = useTexts()
  const title = t(words[verdict].title)
  return (
    <span className={`verdict-mark ${verdict}`} title={title} role="img" aria-label={title}>
      <Icon name={verdict === "complete" ? "check" : "gap"} size={14} />
    </span>
  )
}

export function VerdictLine({ verdict }: { verdict: Verdict }) {
  const { t } = useTexts()
  const { title, why } = words[verdict]
  return (
    <div className={`verdict-banner ${verdict}`} role="status">
      <VerdictMark verdict={verdict} />
      <div>
        <b>{t(title)}</b>
        <p>{t(why)}</p>
      </div>
    </div>
  )
}

export function verdictText(verdict: Verdict): Key {
  return words[verdict].title
}
