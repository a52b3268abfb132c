import { getRouteApi, Link } from "@tanstack/react-router"
import { useRef } from "react"
import type { PlantView, TagView } from "../../../src/serve/api.ts"
import { useAlarms, usePlant } from "../api/queries.ts"
import { leadingTag } from "../overview/equipment-cell.tsx"
import { State } from "../parts/glyph.tsx"
import { byUrgency, isActive } from "../parts/live-value.tsx"
import { Notice } from "../parts/notice.tsx"
import { useTexts } from "../text/text.ts"
import { useLook } from "../trend/look.ts"
import { TrendPanel } from "../trend/trend-panel.tsx"
import { TrendTools } from "../trend/trend-tools.tsx"
import { Under } from "../trend/under.tsx"
import { EquipmentAlarms } from "./equipment-alarms.tsx"
import { Findings } from "./findings.tsx"
import { EquipmentHead } from "./head.tsx"
import { SetPoints } from "./set-points.tsx"
import { Shots } from "./shots.tsx"
import { Tags } from "./tags.tsx"
import "./equipment.css"

const route = getRouteApi("/equipment/$")

/** One machine: how it is, what it measures, how it came here, what can be done. */
export function EquipmentPage() {
  const { t } = useTexts()
  const plant = usePlant()
  const { _splat: path = "" } = route.useParams()
  const unit = plant.equipment.find((each) => each.path === path)
  if (!unit)
    return (
      <div className="page">
        <Notice
          icon="search"
          title={t("equipment.none")}
          step={<Link to="/">{t("nowhere.step")}</Link>}
        >
          {t("equipment.none.why", { path })}
        </Notice>
      </div>
    )
  const own = plant.tags.filter((tag) => tag.equipment === path)
  return own.length > 0 ? (
    <Machine key={path} plant={plant} unit={unit} />
  ) : (
    <Within {...{ plant, path }} />
  )
}

function Machine({ plant, unit }: { plant: PlantView; unit: PlantView["equipment"][number] }) {
  const { path } = unit
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const look = useLook(search, plant.timezone)
  const tags = plant.tags.filter((tag) => tag.equipment === path)
  const first = useFirstTag(path, tags)
  const tag = tags.find((each) => each.path === search.tag) ?? first
  const choose = (chosen: string) =>
    void navigate({ search: (old) => ({ ...old, tag: chosen }), replace: true, resetScroll: false })
  return (
    <div className="page equipment">
      <EquipmentHead unit={unit} />
      <div className="left">
        <Tags tags={tags} chosen={tag?.path} choose={choose} />
      </div>
      <div className="stack">
        {tag && (
          <TrendPanel
            tag={tag}
            zone={plant.timezone}
            look={look}
            tools={
              <TrendTools look={look} zone={plant.timezone}>
                <Link
                  className="btn"
                  to="/trend"
                  search={{ ...search, tag: undefined, tags: tag.path }}
                >
                  +
                </Link>
              </TrendTools>
            }
            under={<Under equipment={path} span={look.span} />}
          />
        )}
        <Shots equipment={path} tags={tags} />
      </div>
      <div className="stack right">
        <SetPoints unit={unit} tags={tags} />
        <Findings equipment={path} />
        <EquipmentAlarms equipment={path} />
      </div>
    </div>
  )
}

/** The tag in alarm where there is one, chosen once, so that a later alarm does not take the trend away. */
function useFirstTag(path: string, tags: readonly TagView[]): TagView | undefined {
  const alarms = useAlarms()
  const chosen = useRef<TagView>(undefined)
  if (!chosen.current && !alarms.isPending) {
    const own = alarms.data?.filter((each) => each.equipment === path && isActive(each))
    chosen.current = leadingTag(tags, own?.sort(byUrgency)[0])
  }
  return chosen.current
}

/** A site, area or line: the equipment that stands in it. */
function Within({ plant, path }: { plant: PlantView; path: string }) {
  const { t, say } = useTexts()
  const inside = plant.equipment.filter((each) => each.path.startsWith(`${path}/`))
  if (inside.length === 0)
    return (
      <div className="page">
        <Notice
          icon="connect"
          title={t("equipment.empty")}
          step={
            <Link className="btn" to="/connect">
              {t("nav.connect")}
            </Link>
          }
        >
          {t("equipment.empty.why")}
        </Notice>
      </div>
    )
  return (
    <div className="page">
      <div className="panel">
        <table className="table">
          <tbody>
            {inside.map((each) => (
              <tr key={each.path}>
                <td>
                  <Link to="/equipment/$" params={{ _splat: each.path }}>
                    {say(each.name)}
                  </Link>
                </td>
                <td>{each.state && <State state={each.state} />}</td>
                <td className="muted">{each.path}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}
