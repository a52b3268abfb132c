import type { TagView } from "../../../src/serve/api.ts"
import type { Span } from "../api/queries.ts"
import { Icon } from "../parts/icon.tsx"
import { useTexts } from "../text/text.ts"

/** Every sample of the tags in the span, as a file; the server writes it while it is taken. */
export function TakeOut({ tags, span }: { tags: readonly TagView[]; span: Span }) {
  const { t } = useTexts()
  const paths = tags.map((tag) => tag.path).join()
  const asked = new URLSearchParams({ tags: paths, from: `${span.from}`, to: `${span.to}` })
  return (
    <details
      className="take-out"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) event.currentTarget.open = false
      }}
    >
      <summary className="btn">
        <Icon name="down" size={14} />
        {t("trend.all")}
      </summary>
      <div className="choices">
        {(["csv", "parquet"] as const).map((format) => (
          <a
            key={format}
            href={`/api/v1/export?${asked}&format=${format}`}
            download
            onClick={(event) => event.currentTarget.closest("details")?.removeAttribute("open")}
          >
            {t(`trend.all.${format}`)}
          </a>
        ))}
      </div>
    </details>
  )
}
