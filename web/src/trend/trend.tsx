import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import type { TagView } from "../../../src/serve/api.ts"
import { usePlant } from "../api/queries.ts"
import { Icon } from "../parts/icon.tsx"
import { Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { findPlaces, placesOf } from "../shell/search-index.ts"
import { useTexts } from "../text/text.ts"
import { useLook } from "./look.ts"
import { TakeOut } from "./take-out.tsx"
import { TrendPanel } from "./trend-panel.tsx"
import { TrendTools } from "./trend-tools.tsx"
import { Under } from "./under.tsx"
import "./trend.css"

const route = getRouteApi("/trend")
const most = 8

/** Several tags, one above the other, on one time. */
export function TrendPage() {
  const { t, say } = useTexts()
  const plant = usePlant()
  const search = route.useSearch()
  const navigate = useNavigate()
  const look = useLook(search, plant.timezone)
  const chosen = (search.tags ?? "")
    .split(",")
    .flatMap((path) => plant.tags.find((tag) => tag.path === path) ?? [])
  const choose = (tags: readonly TagView[]) => {
    const next = tags.map((tag) => tag.path).join()
    void navigate({
      to: "/trend",
      search: (old) => ({ ...old, tags: next === "" ? undefined : next }),
      replace: true,
    })
  }
  const nameOf = (tag: TagView) => {
    const equipment = plant.equipment.find((each) => each.path === tag.equipment)
    return equipment ? say(equipment.name) : tag.equipment
  }
  const last = chosen.at(-1)
  return (
    <div className="page trend-page">
      <Panel title={t("trend.pick")} sub={t("trend.pick.sub", { n: most })}>
        <div className="body row wrap">
          {chosen.map((tag) => (
            <button
              key={tag.path}
              type="button"
              className="chip"
              title={t("trend.drop", { name: say(tag.name) })}
              onClick={() => choose(chosen.filter((each) => each !== tag))}
            >
              {nameOf(tag)} · {say(tag.name)} <Icon name="close" size={12} />
            </button>
          ))}
          {chosen.length < most && (
            <TagPicker chosen={chosen} pick={(tag) => choose([...chosen, tag])} />
          )}
          <TrendTools look={look} zone={plant.timezone}>
            {chosen.length > 0 && <TakeOut tags={chosen} span={look.span} />}
          </TrendTools>
        </div>
      </Panel>
      {chosen.length === 0 && (
        <Notice icon="trend" title={t("trend.none")}>
          {t("trend.none.why")}
        </Notice>
      )}
      {chosen.map((tag) => (
        <TrendPanel
          key={tag.path}
          tag={tag}
          zone={plant.timezone}
          look={look}
          sub={nameOf(tag)}
          under={tag === last && <Under equipment={tag.equipment} span={look.span} />}
        />
      ))}
    </div>
  )
}

function TagPicker(props: { chosen: readonly TagView[]; pick: (tag: TagView) => void }) {
  const { t, say } = useTexts()
  const plant = usePlant()
  const [asked, setAsked] = useState("")
  const [open, setOpen] = useState(false)
  const tags = placesOf(plant, []).filter(
    (place) => place.kind === "tag" && !props.chosen.some((tag) => tag.path === place.path),
  )
  const found = asked.trim() === "" ? tags.slice(0, 40) : findPlaces(tags, asked, 40)
  const pick = (path: string) => {
    const tag = plant.tags.find((each) => each.path === path)
    if (tag) props.pick(tag)
    setAsked("")
    setOpen(false)
  }
  return (
    <fieldset
      className="picker"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false)
      }}
    >
      <input
        className="input"
        placeholder={t("trend.find")}
        aria-label={t("trend.find")}
        value={asked}
        onFocus={() => setOpen(true)}
        onChange={(event) => {
          setAsked(event.target.value)
          setOpen(true)
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === "Enter" && found[0]) pick(found[0].path)
          if (event.key === "Escape") setOpen(false)
        }}
      />
      {open && (
        <div className="choices">
          {found.map((place) => (
            <button key={place.path} type="button" onClick={() => pick(place.path)}>
              <b>{say(place.text)}</b>
              <span className="clip">{place.path}</span>
            </button>
          ))}
          {found.length === 0 && <p className="muted">{t("search.none")}</p>}
        </div>
      )}
    </fieldset>
  )
}
