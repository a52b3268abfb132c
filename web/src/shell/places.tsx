import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router"
import { Broken, Notice } from "../parts/notice.tsx"
import { useTexts } from "../text/text.ts"

export function LoadingPage() {
  const { t } = useTexts()
  return (
    <div className="page">
      <div className="loading" role="status" aria-label={t("loading")} />
    </div>
  )
}

export function BrokenPage({ error }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <div className="page">
      <Broken
        error={error instanceof Error ? error : new Error(String(error))}
        retry={() => void router.invalidate()}
      />
    </div>
  )
}

export function NoSuchPage() {
  const { t } = useTexts()
  return (
    <div className="page">
      <Notice
        icon="search"
        title={t("nowhere.title")}
        step={<Link to="/">{t("nowhere.step")}</Link>}
      >
        {t("nowhere.why")}
      </Notice>
    </div>
  )
}
