import { useNavigate } from "@tanstack/react-router"
import { type KeyboardEvent, useMemo, useState } from "react"
import { usePlant } from "../api/queries.ts"
import { Dialog } from "../parts/dialog.tsx"
import { Icon } from "../parts/icon.tsx"
import { Notice } from "../parts/notice.tsx"
import { en } from "../text/en.ts"
import { ko } from "../text/ko.ts"
import { type Key, useTexts } from "../text/text.ts"
import { type Found, findPlaces, placesOf } from "./search-index.ts"
import "./search.css"

const ways: readonly (readonly [path: string, text: Key])[] = [
  ["/", "nav.overview"],
  ["/trend", "nav.trend"],
  ["/alarms", "nav.alarms"],
  ["/decisions", "nav.decisions"],
  ["/ledger", "nav.ledger"],
  ["/connect", "nav.connect"],
  ["/settings", "nav.settings"],
]
const pages = ways.map(
  ([path, key]): Found => ({ kind: "page", text: { en: en[key], ko: ko[key] }, where: "", path }),
)

export function Search({ close }: { close: () => void }) {
  const { t, say } = useTexts()
  const plant = usePlant()
  const navigate = useNavigate()
  const [asked, setAsked] = useState("")
  const [at, setAt] = useState(0)
  const all = useMemo(() => placesOf(plant, pages), [plant])
  const found = findPlaces(all, asked, 12)
  const go = (place: Found | undefined) => {
    if (!place) return
    close()
    if (place.kind === "page") return void navigate({ to: place.path })
    const tag = plant.tags.find((each) => each.path === place.path)
    void navigate({
      to: "/equipment/$",
      params: { _splat: tag?.equipment ?? place.path },
      search: tag ? { tag: tag.path } : {},
    })
  }
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      event.preventDefault()
      setAt((now) => (now + step + found.length) % Math.max(1, found.length))
    } else if (event.key === "Enter") go(found[at])
  }
  return (
    <Dialog title={t("search.label")} close={close} width={560}>
      <input
        className="input"
        role="combobox"
        aria-expanded
        aria-controls="found"
        aria-activedescendant={`found-${at}`}
        aria-label={t("search.label")}
        placeholder={t("search.hint")}
        value={asked}
        data-autofocus
        onKeyDown={press}
        onChange={(event) => {
          setAsked(event.target.value)
          setAt(0)
        }}
      />
      <div className="found" id="found" role="listbox" tabIndex={-1}>
        {found.map((place, i) => (
          <button
            key={place.path}
            id={`found-${i}`}
            type="button"
            role="option"
            aria-selected={i === at}
            tabIndex={-1}
            onClick={() => go(place)}
          >
            <Icon
              name={place.kind === "tag" ? "trend" : place.kind === "page" ? "next" : "equipment"}
            />
            <b className="clip">{say(place.text)}</b>
            <span className="clip">{place.kind === "page" ? t("search.page") : place.path}</span>
          </button>
        ))}
        {found.length === 0 && (
          <Notice tight icon="search" title={t("search.none")}>
            {t("search.none.why")}
          </Notice>
        )}
      </div>
    </Dialog>
  )
}
