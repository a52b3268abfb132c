import type { UseQueryResult } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { Refused } from "../api/fetch.ts"
import { hintOf, titleOf } from "../text/problem.ts"
import { useTexts } from "../text/text.ts"
import { Icon, type IconName } from "./icon.tsx"

/** What is missing, why, and the one next step. */
export function Notice(props: {
  icon: IconName
  title: string
  children?: ReactNode
  step?: ReactNode
  tight?: true
}) {
  return (
    <div className={props.tight ? "notice tight" : "notice"}>
      <Icon name={props.icon} size={props.tight ? 20 : 28} />
      <b>{props.title}</b>
      {Boolean(props.children) && <p>{props.children}</p>}
      {props.step}
    </div>
  )
}

export function Broken({ error, retry }: { error: Error; retry?: () => void }) {
  const { t, language } = useTexts()
  const refused = error instanceof Refused ? error.problem : undefined
  const title = refused ? titleOf(refused, language) : t("broken.title")
  const hint = refused ? hintOf(refused, language) : t("broken.hint")
  return (
    <Notice
      icon="gap"
      title={title}
      step={
        retry && (
          <button type="button" className="btn" onClick={retry}>
            {t("broken.retry")}
          </button>
        )
      }
    >
      {hint}
    </Notice>
  )
}

/** Why a change was not taken, beside the button that asked for it. */
export function RefusedLine({ error }: { error: Error | null }) {
  const { t, language } = useTexts()
  if (!error) return null
  const refused = error instanceof Refused ? error.problem : undefined
  return (
    <div className="refused" role="alert">
      <b>{refused ? titleOf(refused, language) : t("broken.title")}</b>
      {refused ? hintOf(refused, language) : t("broken.hint")}
    </div>
  )
}

/** Waiting, broken or there: the three faces of everything that is asked for. */
export function Loaded<Data>(props: {
  query: UseQueryResult<Data>
  children: (data: Data) => ReactNode
}) {
  const { t } = useTexts()
  const { query } = props
  if (query.data !== undefined) return props.children(query.data)
  if (query.error) return <Broken error={query.error} retry={() => void query.refetch()} />
  return <div className="loading" role="status" aria-label={t("loading")} />
}
