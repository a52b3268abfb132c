import { Link, useRouterState } from "@tanstack/react-router"
import type { PlantView } from "../../../src/serve/api.ts"
import { usePlant } from "../api/queries.ts"
import { type Key, useTexts } from "../text/text.ts"

const titles: Readonly<Record<string, Key>> = {
  "": "nav.overview",
  trend: "nav.trend",
  alarms: "nav.alarms",
  decisions: "nav.decisions",
  ledger: "nav.ledger",
  connect: "nav.connect",
  completeness: "complete.title",
  settings: "nav.settings",
  "sign-in": "sign-in.title",
}

/** Where one is, and the ways up from there. */
export function Crumbs() {
  const { t, say } = useTexts()
  const plant = usePlant()
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  const [first = "", ...rest] = pathname.split("/").slice(1).map(decodeURIComponent)
  if (first === "equipment") {
    const above = upwards(plant, rest.join("/"))
    const here = above.at(-1)
    return (
      <div className="where">
        <title>{`${here ? say(here.name) : t("nav.equipment")} · ${say(plant.name)}`}</title>
        <h1 className="clip">{here ? say(here.name) : t("nav.equipment")}</h1>
        <nav className="crumb clip" aria-label={t("crumbs")}>
          <Link to="/">{t("nav.overview")}</Link>
          {above.slice(0, -1).map((each) => (
            <span key={each.path}> / {say(each.name)}</span>
          ))}
        </nav>
      </div>
    )
  }
  const key = titles[first] ?? "nowhere.title"
  return (
    <div className="where">
      <title>{`${t(key)} · ${say(plant.name)}`}</title>
      <h1 className="clip">{t(key)}</h1>
      {rest.length > 0 && (
        <nav className="crumb clip" aria-label={t("crumbs")}>
          <Link to={first === "ledger" ? "/ledger" : "/decisions"}>{t("crumbs.all")}</Link> /{" "}
          {rest.join("/")}
        </nav>
      )}
    </div>
  )
}

function upwards(plant: PlantView, path: string) {
  return plant.equipment.filter((each) => path === each.path || path.startsWith(`${each.path}/`))
}
