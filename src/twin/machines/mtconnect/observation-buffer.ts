import type { DataItem, Observation } from "../../../codec/mtconnect.ts"
import { unavailable } from "../../../codec/mtconnect.ts"
import type { Instant } from "../../../model/instant.ts"

/** What an adapter says of a data item: its text, or of a condition how it stands. */
export type Said =
  | string
  | { readonly level: "normal" | "warning" | "fault"; readonly code: string; readonly text: string }

/** The ring of an agent's observations, numbered from 1 (MTConnect part 1, buffer and sequence numbers). */
export class ObservationBuffer {
  readonly size: number
  readonly #items: ReadonlyMap<string, DataItem>
  readonly #ring: Observation[] = []
  readonly #latest = new Map<string, Observation>()
  /** What stood before the oldest observation in the ring. */
  readonly #before = new Map<string, Observation>()
  #next = 1

  constructor(
    items: readonly DataItem[],
    { size, at }: { readonly size: number; readonly at: Instant },
  ) {
    this.size = size
    this.#items = new Map(items.map((item) => [item.id, item]))
    for (const item of items)
      this.#add(observationOf(item, { sequence: this.#next, at, said: undefined }))
  }

  get first(): number {
    return this.#next - this.#ring.length
  }

  /** Number of the next observation. */
  get next(): number {
    return this.#next
  }

  /** Takes what is new; what stays as it was is no observation. Unknown ids are left out. */
  take(said: Readonly<Record<string, Said>>, at: Instant): void {
    for (const [id, one] of Object.entries(said)) {
      const item = this.#items.get(id)
      if (!item) continue
      const observation = observationOf(item, { sequence: this.#next, at, said: one })
      if (!isSame(this.#latest.get(id), observation)) this.#add(observation)
    }
  }

  /** At most `count` observations from the sequence number on, and the number to ask for next. */
  from(
    sequence: number,
    count: number,
  ): { readonly observations: readonly Observation[]; readonly next: number } {
    const start = sequence - this.first
    const observations = this.#ring.slice(start, start + count)
    return { observations, next: sequence + observations.length }
  }

  /** What stood once the observation with this number was made; all that is newest where absent. */
  current(at?: number): Observation[] {
    if (at === undefined) return [...this.#latest.values()]
    const stood = new Map(this.#before)
    for (const observation of this.#ring)
      if (observation.sequence <= at) stood.set(observation.dataItemId, observation)
    return [...stood.values()]
  }

  #add(observation: Observation): void {
    this.#next++
    this.#latest.set(observation.dataItemId, observation)
    this.#ring.push(observation)
    if (this.#ring.length <= this.size) return
    const gone = this.#ring.shift()
    if (gone) this.#before.set(gone.dataItemId, gone)
  }
}

function observationOf(
  item: DataItem,
  { sequence, at, said }: { sequence: number; at: Instant; said: Said | undefined },
): Observation {
  const { category, id, name, type, subType } = item
  const common = {
    ...{ category, dataItemId: id, type, sequence, at },
    ...(name !== undefined && { name }),
    ...(subType !== undefined && { subType }),
  }
  if (category !== "CONDITION")
    return { ...common, value: typeof said === "string" ? said : unavailable }
  if (typeof said !== "object") return { ...common, value: "", condition: { level: "unavailable" } }
  const { level, code, text } = said
  const condition = level === "normal" ? { level } : { level, nativeCode: code }
  return { ...common, value: level === "normal" ? "" : text, condition }
}

function isSame(before: Observation | undefined, now: Observation): boolean {
  return (
    before?.value === now.value &&
    before.condition?.level === now.condition?.level &&
    before.condition?.nativeCode === now.condition?.nativeCode
  )
}
