import type { CycleView, TagView } from "../../../src/serve/api.ts"
import { useCycles, usePlant } from "../api/queries.ts"
import { VerdictGlyph } from "../parts/glyph.tsx"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { clockSeconds, number } from "../text/format.ts"
import { useTexts, wordOf } from "../text/text.ts"

const shown = 100

/** The last cycles, newest first; each field in the order and with the digits of its tag. */
export function Shots({ equipment, tags }: { equipment: string; tags: readonly TagView[] }) {
  const { t, say } = useTexts()
  const { timezone } = usePlant()
  const cycles = useCycles(equipment, shown)
  return (
    <Panel title={t("shots.title")} sub={t("shots.sub", { n: shown })} className="shots-panel">
      <div className="scroll">
        <Loaded query={cycles}>
          {(list) =>
            list.length === 0 ? (
              <Notice tight icon="equipment" title={t("shots.none")}>
                {t("shots.none.why")}
              </Notice>
            ) : (
              <table className="table compact">
                <thead>
                  <tr>
                    <th>{t("shots.number")}</th>
                    <th>{t("shots.end")}</th>
                    <th>{t("shots.verdict")}</th>
                    <th>{t("shots.tool")}</th>
                    {fieldsOf(list, tags).map(({ field, tag }) => (
                      <th key={field} className="r">
                        {tag ? say(tag.name) : field} {tag?.symbol && <small>{tag.symbol}</small>}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {list.map((cycle) => (
                    <tr key={cycle.id} className={cycle.verdict === "bad" ? "bad" : ""}>
                      <td className="r">{cycle.sequence}</td>
                      <td>{clockSeconds(cycle.end, timezone)}</td>
                      <td>
                        <span className="row">
                          <VerdictGlyph verdict={cycle.verdict} />
                          {cycle.verdict ? wordOf(t, "verdict", cycle.verdict) : ""}
                        </span>
                      </td>
                      <td>{cycle.tool}</td>
                      {fieldsOf(list, tags).map(({ field, tag }) => (
                        <td key={field} className="r">
                          {shownField(cycle.values[field], tag)}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            )
          }
        </Loaded>
      </div>
    </Panel>
  )
}

/** Numbers that differ between cycles; counters and codes that stand in columns of their own are left out. */
function fieldsOf(cycles: readonly CycleView[], tags: readonly TagView[]) {
  const names = new Set(cycles.slice(0, 20).flatMap((cycle) => Object.keys(cycle.values)))
  const tagOf = (field: string) =>
    tags.find(
      (tag) => tag.path.endsWith(`/${field}`) && tag.path.split("/").length > depthOf(tag),
    ) ?? tags.find((tag) => tag.path.endsWith(`/${field}`))
  return [...names]
    .map((field) => ({ field, tag: tagOf(field) }))
    .filter(({ field, tag }) => tag?.kind !== "text" && !apart.has(field))
}

const apart = new Set(["shot-number", "verdict", "trial", "mould"])

function depthOf(tag: TagView): number {
  return tag.equipment.split("/").length + 1
}

function shownField(value: number | string | undefined, tag: TagView | undefined): string {
  if (value === undefined) return "–"
  return typeof value === "number" ? number(value, tag?.decimals ?? 1) : value
}
