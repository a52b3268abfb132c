import type { Component, DataItem, MtDevice } from "../../codec/mtconnect.ts"
import { didYouMean } from "../../kernel/spelling.ts"
import { isToolField } from "./tools.ts"

/** Where a point stands: a data item or a part of it, or a field of an asset. */
export type Target =
  | { readonly kind: "value"; readonly item: DataItem; readonly axis?: 0 | 1 | 2 }
  | { readonly kind: "condition"; readonly item: DataItem; readonly part: ConditionPart }
  | { readonly kind: "asset"; readonly assetId: string; readonly field: string }
  | { readonly kind: "unknown"; readonly because: string }

export type ConditionPart = "level" | "code" | "text"

/** A data item with the components that it stands in, from the machine down. */
export interface Placed {
  readonly item: DataItem
  readonly within: readonly string[]
}

/** Representations with one value at a time (part 2, DataItem representation). */
const plain = ["VALUE", "DISCRETE"]
const axes = ["x", "y", "z"]

/** What an agent's machines have, by the id of a data item or a name that is not there twice. */
export class Model {
  readonly items: readonly Placed[]
  readonly #byId: ReadonlyMap<string, DataItem>
  readonly #byName = new Map<string, DataItem[]>()

  constructor(devices: readonly MtDevice[]) {
    this.items = devices.flatMap((device) => placedIn(device, []))
    this.#byId = new Map(this.items.map(({ item }) => [item.id, item]))
    for (const { item } of this.items)
      if (item.name !== undefined)
        this.#byName.set(item.name, [...(this.#byName.get(item.name) ?? []), item])
  }

  /** `Xact`, `path_pos/x`, `system/code`, `asset/T12/ToolLife.MINUTES`. */
  find(address: string): Target {
    const [, assetId, field] = /^asset\/(.+)\/([^/]+)$/.exec(address) ?? []
    if (assetId !== undefined && field !== undefined)
      return isToolField(field)
        ? { kind: "asset", assetId, field }
        : { kind: "unknown", because: `no field of a cutting tool "${field}"` }
    const whole = this.#itemOf(address)
    const [, before = "", part] = /^(.*)\/([a-z]+)$/.exec(address) ?? []
    const found = whole ?? (part === undefined ? undefined : this.#itemOf(before))
    if (found === undefined)
      return { kind: "unknown", because: `no data item${this.#like(address)}` }
    if (typeof found === "string") return { kind: "unknown", because: found }
    return targetOf(found, whole === undefined ? part : undefined)
  }

  /** The item, or why it is not clear which. */
  #itemOf(address: string): DataItem | string | undefined {
    const item = this.#byId.get(address)
    if (item) return item
    const named = this.#byName.get(address) ?? []
    if (named.length < 2) return named[0]
    return `a name of several data items (${named.map(({ id }) => id).join(", ")})`
  }

  #like(address: string): string {
    return didYouMean(address, [...this.#byId.keys(), ...this.#byName.keys()].slice(0, 5000))
  }
}

function targetOf(item: DataItem, part: string | undefined): Target {
  const { representation = "VALUE" } = item
  if (!plain.includes(representation))
    return { kind: "unknown", because: `a data item of representation ${representation}` }
  if (item.category === "CONDITION") {
    if (part === undefined) return { kind: "condition", item, part: "level" }
    if (part === "code" || part === "text") return { kind: "condition", item, part }
  } else {
    if (part === undefined) return { kind: "value", item }
    const axis = axes.indexOf(part)
    if (axis >= 0) return { kind: "value", item, axis: axis as 0 | 1 | 2 }
  }
  return { kind: "unknown", because: `no part "${part}"` }
}

function placedIn(component: Component, above: readonly string[]): Placed[] {
  const within = [...above, component.name ?? component.type]
  return [
    ...component.dataItems.map((item) => ({ item, within })),
    ...component.components.flatMap((part) => placedIn(part, within)),
  ]
}
