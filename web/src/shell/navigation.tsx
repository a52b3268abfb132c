import { Link } from "@tanstack/react-router"
import { useAlarms, useDecisions, usePlant } from "../api/queries.ts"
import { Brand, Icon, type IconName } from "../parts/icon.tsx"
import { isActive } from "../parts/live-value.tsx"
import { type Key, useTexts } from "../text/text.ts"
import "./navigation.css"

type To = "/" | "/trend" | "/alarms" | "/decisions" | "/ledger" | "/connect" | "/settings"

interface Place {
  readonly to: To
  readonly icon: IconName
  readonly text: Key
}

const groups: readonly { readonly text: Key; readonly places: readonly Place[] }[] = [
  {
    text: "nav.group.now",
    places: [
      { to: "/", icon: "overview", text: "nav.overview" },
      { to: "/trend", icon: "trend", text: "nav.trend" },
      { to: "/alarms", icon: "alarm", text: "nav.alarms" },
    ],
  },
  {
    text: "nav.group.decide",
    places: [
      { to: "/decisions", icon: "decision", text: "nav.decisions" },
      { to: "/ledger", icon: "ledger", text: "nav.ledger" },
    ],
  },
  {
    text: "nav.group.house",
    places: [
      { to: "/connect", icon: "connect", text: "nav.connect" },
      { to: "/settings", icon: "settings", text: "nav.settings" },
    ],
  },
]

export function Navigation() {
  const { t, say } = useTexts()
  const plant = usePlant()
  const counts: Partial<Record<To, number>> = {
    "/alarms": useAlarms().data?.filter(isActive).length ?? 0,
    "/decisions": useDecisions().data?.filter((each) => each.state === "proposed").length ?? 0,
  }
  const site = plant.equipment.find((each) => each.level === "site")
  return (
    <nav className="nav" aria-label={t("nav.label")}>
      <Link to="/" className="brand">
        <Brand />
        <span>
          {say(plant.name)}
          {site && <small>{say(site.name)}</small>}
        </span>
      </Link>
      {groups.map((group) => (
        <div className="nav-group" key={group.text}>
          <h6>{t(group.text)}</h6>
          {group.places.map((place) => (
            <Link
              key={place.to}
              to={place.to}
              className={place.to === "/settings" ? "way late" : "way"}
              activeOptions={{ exact: place.to === "/", includeSearch: false }}
              activeProps={{ className: "on" }}
              title={t(place.text)}
            >
              <Icon name={place.icon} />
              <span>{t(place.text)}</span>
              {(counts[place.to] ?? 0) > 0 && <b className="count">{counts[place.to]}</b>}
            </Link>
          ))}
        </div>
      ))}
    </nav>
  )
}
