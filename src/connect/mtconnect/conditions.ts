import type { Observation } from "../../codec/mtconnect.ts"
import type { ConditionPart } from "./model.ts"

/** What is active of one condition: several faults and warnings may be, until each is normal again. */
interface State {
  readonly active: Map<string, Observation>
  isAvailable: boolean
}

/** The conditions of a machine (part 3, Condition): each observation changes one of the activations of its data item. */
export class Conditions {
  readonly #states = new Map<string, State>()

  get size(): number {
    return this.#states.size
  }

  /** Takes over what another knows and this one does not. */
  adopt(other: Conditions): void {
    for (const [itemId, state] of other.#states)
      if (!this.#states.has(itemId)) this.#states.set(itemId, state)
  }

  fold(observation: Observation): void {
    const { dataItemId, condition } = observation
    if (!condition) return
    const state = this.#states.get(dataItemId) ?? { active: new Map(), isAvailable: true }
    this.#states.set(dataItemId, state)
    const key = condition.conditionId || condition.nativeCode || ""
    state.isAvailable = condition.level !== "unavailable"
    if (!state.isAvailable || (condition.level === "normal" && key === "")) state.active.clear()
    else if (condition.level === "normal") state.active.delete(key)
    else state.active.set(key, observation)
  }

  /** The worst level, or the codes or texts of all that is active, oldest first; null where nobody knows. */
  say(itemId: string, part: ConditionPart): string | null {
    const state = this.#states.get(itemId)
    if (!state?.isAvailable) return part === "level" && state ? "unavailable" : null
    const active = [...state.active.values()]
    if (part === "code") return joined(active.map(({ condition }) => condition?.nativeCode))
    if (part === "text") return joined(active.map(({ value }) => value))
    const isFault = active.some(({ condition }) => condition?.level === "fault")
    return isFault ? "fault" : active.length > 0 ? "warning" : "normal"
  }
}

function joined(texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined && text !== "").join("; ")
}
