import type { ConditionLevel, MtConnectDocument, Observation } from "../../codec/mtconnect.ts"
import type { Instant } from "../../model/instant.ts"
import { quality } from "../../model/quality.ts"
import type { Point } from "../connector.ts"
import type { LiveRows } from "../live-rows.ts"
import { Conditions } from "./conditions.ts"
import type { Model, Target } from "./model.ts"
import { givenBy } from "./values.ts"

export type Streams = Extract<MtConnectDocument, { kind: "streams" }>

interface Wanted {
  readonly point: Point
  readonly target: Exclude<Target, { kind: "asset" | "unknown" }>
}

/** Which points stand for which data item, and what they show after an observation of it. */
export class Places {
  readonly #byItem = new Map<string, Wanted[]>()
  readonly assets: { readonly point: Point; readonly target: Target & { kind: "asset" } }[] = []
  readonly unknown: { readonly point: Point; readonly because: string }[] = []
  /** Every point that got a row since the line was opened. */
  readonly seen = new Set<Point>()

  constructor(points: readonly Point[], model: Model) {
    for (const point of points) {
      const target = model.find(point.address)
      if (target.kind === "unknown") this.unknown.push({ point, because: target.because })
      else if (target.kind === "asset") this.assets.push({ point, target })
      else
        this.#byItem.set(target.item.id, [
          ...(this.#byItem.get(target.item.id) ?? []),
          { point, target },
        ])
    }
  }

  get hasConditions(): boolean {
    return [...this.#byItem.values()].flat().some(({ target }) => target.kind === "condition")
  }

  /** Rows for every point of the observation's data item, at the observation's time. */
  add(observation: Observation, conditions: Conditions, rows: LiveRows): void {
    conditions.fold(observation)
    for (const wanted of this.#byItem.get(observation.dataItemId) ?? []) {
      this.seen.add(wanted.point)
      addRow(wanted, { observation, conditions, rows, at: observation.at })
    }
  }

  /**
   * One row for every point as the agent shows it now: of points not seen yet at the present, because their values stand, or at
   * the observations' own times. A point of which it shows nothing has no data.
   */
  addCurrent(
    current: Streams,
    into: { conditions: Conditions; rows: LiveRows; at: "own time" | "now" },
  ): void {
    const { conditions, rows, at } = into
    const latest = new Map<string, Observation>()
    const shown = new Conditions()
    for (const observation of observationsIn(current)) {
      shown.fold(observation)
      latest.set(observation.dataItemId, observation)
    }
    for (const [itemId, wanted] of this.#byItem)
      for (const one of wanted.filter(({ point }) => !this.seen.has(point))) {
        const observation = latest.get(itemId)
        this.seen.add(one.point)
        if (!observation) rows.bad(one.point, quality.badNoData)
        else {
          const time = at === "now" ? {} : { at: observation.at }
          addRow(one, { observation, conditions: shown, rows, ...time })
        }
      }
    conditions.adopt(shown)
  }
}

function addRow(
  { point, target }: Wanted,
  from: { observation: Observation; conditions: Conditions; rows: LiveRows; at?: Instant },
): void {
  const { observation, conditions, rows, at } = from
  const time = at === undefined ? {} : { at }
  if (target.kind === "value") {
    const given = givenBy(observation, { ...target, kind: point.tag.kind })
    rows.add(point, given.value, { ...time, ...(given.said !== undefined && { said: given.said }) })
    return
  }
  const text = conditions.say(target.item.id, target.part)
  const isAway = text === ("unavailable" satisfies ConditionLevel) && target.part === "level"
  rows.add(point, text, { ...time, ...(isAway && { said: quality.badNoData }) })
}

/** All observations of a document in their order. */
export function observationsIn({ streams }: Streams): Observation[] {
  return streams
    .flatMap(({ components }) => components.flatMap(({ observations }) => observations))
    .sort((a, b) => a.sequence - b.sequence)
}
