import type { Path } from "../../model/path.ts"
import { joinPath } from "../../model/path.ts"
import type { Limit, Tag, Writable } from "../../model/tag.ts"
import type { Text } from "../../model/text.ts"
import { parseDuration, type TagFile } from "../tag-file.ts"
import { type Entry, entryAt, type Problems } from "./entry.ts"

/** One tag as it stands in files, with where it stands. */
export interface TagDraft {
  readonly path: Path
  readonly equipment: Path
  /** A tag or a record's field; what differs is the address. */
  readonly file: Omit<TagFile, "address">
  readonly entry: Entry
}

export function textOf(text: string | { readonly en: string; readonly ko?: string }): Text {
  return typeof text === "string" ? { en: text } : text
}

export function tagOf({ path, equipment, file, entry }: TagDraft, problems: Problems): Tag {
  const check = new TagCheck({ path, equipment, file, entry }, problems)
  check.bands()
  check.limits()
  check.writable()
  return {
    path,
    equipment,
    kind: file.kind,
    unit: file.unit,
    name: textOf(file.name),
    decimals: file.decimals,
    staleAfterMs: parseDuration(file["stale-after"]),
    limits: file.limits.map(limitOf),
    ...(file.range && { range: file.range }),
    ...(file.normal && { normal: file.normal }),
    ...(file.writable && { writable: writableOf(file.writable, equipment) }),
  }
}

function limitOf(limit: TagFile["limits"][number]): Limit {
  return {
    side: limit.side,
    at: limit.at,
    priority: limit.priority,
    onDelayMs: parseDuration(limit["on-delay"]),
    offDelayMs: parseDuration(limit["off-delay"]),
    deadband: limit.deadband,
    suppressedIn: limit["suppressed-in"],
    ...(limit.text && { text: textOf(limit.text) }),
  }
}

function writableOf(writable: NonNullable<TagFile["writable"]>, equipment: Path): Writable {
  return {
    min: writable.min,
    max: writable.max,
    maxStep: writable["max-step"],
    minIntervalMs: parseDuration(writable["min-interval"]),
    interlocks: writable.interlocks.map(({ tag, is, value, within }) => ({
      tag: joinPath(equipment, tag),
      is,
      value,
      withinMs: parseDuration(within),
    })),
  }
}

const fromLowToHigh = ["low-low", "low", "high", "high-high"] as const

/** What a schema cannot say: that the numbers of one tag fit together. */
class TagCheck {
  readonly #draft: TagDraft
  readonly #problems: Problems

  constructor(draft: TagDraft, problems: Problems) {
    this.#draft = draft
    this.#problems = problems
  }

  bands(): void {
    const { kind, range, normal } = this.#draft.file
    if (range && kind !== "number") this.#wrong(["range"], `got a range of a ${kind}`, "none")
    if (range && range[0] >= range[1])
      this.#wrong(["range"], `got ${band(range)}`, "low below high")
    if (!normal) return
    if (normal[0] >= normal[1]) this.#wrong(["normal"], `got ${band(normal)}`, "low below high")
    else if (range && (normal[0] < range[0] || normal[1] > range[1]))
      this.#wrong(["normal"], `got ${band(normal)}`, `a band within the range ${band(range)}`)
  }

  limits(): void {
    const { limits, kind } = this.#draft.file
    if (limits.length > 0 && kind !== "number")
      this.#wrong(["limits"], `got limits of a ${kind}`, "limits on numbers only")
    limits.forEach((limit, i) => {
      this.#inRange(["limits", i, "at"], limit.at)
      const first = limits.findIndex((other) => other.side === limit.side)
      if (first < i)
        this.#wrong(["limits", i, "side"], `got a second limit "${limit.side}"`, "one a side")
    })
    this.#order()
  }

  #order(): void {
    const { limits } = this.#draft.file
    const known = fromLowToHigh.flatMap((side) => {
      const i = limits.findIndex((limit) => limit.side === side)
      const limit = limits[i]
      return limit ? [{ i, ...limit }] : []
    })
    known.forEach((limit, k) => {
      const below = known[k - 1]
      if (below && below.at >= limit.at)
        this.#wrong(
          ["limits", limit.i, "at"],
          `got ${limit.side} at ${limit.at}`,
          `above ${below.side} at ${below.at}`,
        )
    })
  }

  writable(): void {
    const { writable, kind } = this.#draft.file
    if (!writable) return
    if (kind === "text")
      this.#wrong(["writable"], "got a text that may be written", "a number or boolean")
    if (writable.min >= writable.max)
      this.#wrong(["writable", "max"], `got ${writable.max}`, `above min ${writable.min}`)
    else if (kind === "boolean" && (writable.min !== 0 || writable.max !== 1))
      this.#wrong(["writable"], `got ${writable.min} to ${writable.max}`, "0 to 1 for a boolean")
    this.#inRange(["writable", "min"], writable.min)
    this.#inRange(["writable", "max"], writable.max)
  }

  #inRange(keys: readonly (string | number)[], value: number): void {
    const { range } = this.#draft.file
    if (range && (value < range[0] || value > range[1]))
      this.#wrong(keys, `got ${value}`, `a value within the range ${band(range)}`)
  }

  #wrong(keys: readonly (string | number)[], got: string, expected: string): void {
    const { place } = entryAt(this.#draft.entry, ...keys)
    this.#problems.add("config-invalid", place, `${keys.at(-1)}, ${got}, expected ${expected}`)
  }
}

function band([low, high]: readonly [number, number]): string {
  return `[${low}, ${high}]`
}
