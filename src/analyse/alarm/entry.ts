import type { Limit, Tag } from "../../model/tag.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Alarm } from "../alarm.ts"
import { type Condition, firstCondition } from "./condition.ts"
import { type Life, normalLife } from "./life.ts"
import { textOf } from "./wording.ts"

/** One limit that is watched. */
export interface Entry {
  readonly id: string
  readonly tag: Tag
  readonly limit: Limit
  life: Life
  condition: Condition
  /** Ledger record of its last raising. */
  record: LedgerId | undefined
}

/** An alarm as the store keeps it: what a restart needs beside what people see. */
export interface Kept extends Alarm {
  readonly life: Life
}

export function entriesOf(tags: readonly Tag[], kept: ReadonlyMap<string, Kept>): readonly Entry[] {
  return tags.flatMap((tag) =>
    tag.limits.map((limit) => {
      const id = `${tag.path}:${limit.side}`
      const { life = normalLife, record } = kept.get(id) ?? {}
      // The value that raised it still stands until a new one says otherwise.
      const condition = { ...firstCondition, active: life.active, value: life.value ?? Number.NaN }
      return { id, tag, limit, life, condition, record }
    }),
  )
}

export function alarmOf(entry: Entry): Alarm {
  const { id, tag, limit, life, record } = entry
  const { active: _active, byDesign: _byDesign, ...shown } = life
  return {
    id,
    tag: tag.path,
    equipment: tag.equipment,
    side: limit.side,
    limit: limit.at,
    priority: limit.priority,
    text: textOf(tag, limit),
    ...shown,
    ...(record === undefined ? {} : { record }),
  }
}

export function keptOf(entry: Entry): Kept {
  return { ...alarmOf(entry), life: entry.life }
}
