import type { AlarmView, TagView } from "../../../src/serve/api.ts"
import { plantNow, usePlantNow } from "../api/plant-clock.ts"
import { useAlarms } from "../api/queries.ts"
import { useValue } from "../api/values.ts"
import { Gauge } from "../parts/gauge.tsx"
import { AlarmMark } from "../parts/glyph.tsx"
import { Age, conditionOf, isActive, LiveValue } from "../parts/live-value.tsx"
import { Panel } from "../parts/panel.tsx"
import { number } from "../text/format.ts"
import { type Key, useTexts, wordOf } from "../text/text.ts"

interface Group {
  readonly text: Key
  readonly tags: readonly TagView[]
}

/** Live values first, then set points, then what each cycle leaves behind. */
function groupsOf(tags: readonly TagView[]): readonly Group[] {
  const depth = (tag: TagView) => tag.path.slice(tag.equipment.length + 1).split("/").length
  const settable = tags.filter((tag) => tag.writable)
  const perCycle = tags.filter((tag) => !tag.writable && depth(tag) > 1)
  const live = tags.filter((tag) => !tag.writable && depth(tag) === 1)
  const all: readonly Group[] = [
    { text: "tags.live", tags: live },
    { text: "tags.set", tags: settable },
    { text: "tags.cycle", tags: perCycle },
  ]
  return all.filter((group) => group.tags.length > 0)
}

export function Tags(props: {
  tags: readonly TagView[]
  chosen: string | undefined
  choose: (path: string) => void
}) {
  const { t } = useTexts()
  const alarms = useAlarms().data?.filter(isActive) ?? []
  return (
    <Panel title={t("tags.title")} sub={t("tags.sub", { n: props.tags.length })} className="tags">
      <div className="scroll">
        {groupsOf(props.tags).map((group) => (
          <div key={group.text}>
            <h3>{t(group.text)}</h3>
            {group.tags.map((tag) => (
              <TagRow
                key={tag.path}
                tag={tag}
                chosen={tag.path === props.chosen}
                choose={props.choose}
                alarm={alarms.find((each) => each.tag === tag.path)}
              />
            ))}
          </div>
        ))}
      </div>
    </Panel>
  )
}

function TagRow(props: {
  tag: TagView
  chosen: boolean
  choose: (path: string) => void
  alarm: AlarmView | undefined
}) {
  const { t, say } = useTexts()
  const { tag, alarm } = props
  const value = useValue(tag.path)
  usePlantNow()
  const now = plantNow()
  const { number: at, stale, bad } = conditionOf(tag, value, now)
  const band = tag.normal?.map((each) => number(each, tag.decimals)).join(" – ")
  return (
    <button
      type="button"
      className={props.chosen ? "tag on" : "tag"}
      aria-pressed={props.chosen}
      disabled={tag.kind === "text"}
      onClick={() => props.choose(tag.path)}
    >
      <span className="name">
        {alarm && <AlarmMark priority={alarm.priority} state={alarm.state} size={14} />}
        {say(tag.name)}
      </span>
      <LiveValue tag={tag} value={value} />
      <span className="gauge-place">
        {tag.kind === "number" && (tag.normal || tag.limits.length > 0) && (
          <Gauge
            value={stale ? undefined : at}
            normal={tag.normal}
            limits={tag.limits.map((limit) => limit.at)}
            abnormal={alarm?.priority}
          />
        )}
      </span>
      <small className={stale || bad ? "age marked" : "age"}>
        {value === undefined && t("value.never")}
        {value !== undefined && bad && `${wordOf(t, "quality", value.quality)} · `}
        {value !== undefined && (stale || bad) && <Age at={value.at} now={now} />}
        {value !== undefined && !stale && !bad && band && t("value.normal", { band })}
      </small>
    </button>
  )
}
