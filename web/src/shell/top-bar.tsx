import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core"
import { staleTenths, useSilence } from "../api/live.ts"
import { plantSpeed, usePlantNow } from "../api/plant-clock.ts"
import { usePlant } from "../api/queries.ts"
import { Icon } from "../parts/icon.tsx"
import { clockSeconds, dayName, number } from "../text/format.ts"
import { useTexts } from "../text/text.ts"
import { AutomaticSwitch } from "./automatic-switch.tsx"
import { Crumbs } from "./crumbs.tsx"
import { LanguageSwitch } from "./language-switch.tsx"
import { PersonMenu } from "./person-menu.tsx"
import "./top-bar.css"

export function TopBar({ search }: { search: () => void }) {
  const { t } = useTexts()
  return (
    <header className="top">
      <Crumbs />
      <button type="button" className="search" onClick={search} aria-label={t("search.label")}>
        <Icon name="search" size={16} />
        <span className="clip">{t("search.hint")}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Freshness />
      <PlantClock />
      <AutomaticSwitch />
      <LanguageSwitch />
      <SchemeSwitch />
      <PersonMenu />
    </header>
  )
}

/** Says within five seconds that what is shown may be old. */
function Freshness() {
  const { t } = useTexts()
  const tenths = useSilence()
  if (tenths < 0) return <span className="live">{t("live.connecting")}</span>
  const stale = tenths > staleTenths
  const seconds = number(tenths / 10, stale ? 0 : 1)
  return (
    <span className={stale ? "live stale" : "live"} role="status">
      <i />
      {stale ? t("live.lost", { n: seconds }) : t("live.on", { n: seconds })}
    </span>
  )
}

function PlantClock() {
  const { t, language } = useTexts()
  const { timezone } = usePlant()
  const now = usePlantNow()
  const speed = plantSpeed()
  return (
    <span className="clock num" title={timezone}>
      <span className="day">{dayName(now, timezone, language)}</span>{" "}
      <time>{clockSeconds(now, timezone)}</time>
      {speed !== 1 && (
        <b className="speed" title={t("clock.speed", { n: speed })}>
          ×{speed}
        </b>
      )}
    </span>
  )
}

function SchemeSwitch() {
  const { t } = useTexts()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme("light")
  const other = scheme === "dark" ? "light" : "dark"
  return (
    <button
      type="button"
      className="round scheme"
      title={t(`scheme.${other}`)}
      aria-label={t(`scheme.${other}`)}
      onClick={() => setColorScheme(other)}
    >
      <Icon name={other === "dark" ? "moon" : "sun"} />
    </button>
  )
}
