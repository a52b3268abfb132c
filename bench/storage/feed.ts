import { makeSet, type SampleColumns, type SetName, texts } from "../data/sets.ts"

export interface FeedOptions {
  readonly samples: number
  readonly seed: number
}

/** So many samples of each of a set's tags, as columns tag by tag; spans follow one another in time. */
export interface Span {
  readonly rows: number
  /** `tags[i]` are the samples of tag i. */
  readonly tags: readonly SampleColumns[]
}

export const tagCount = 1000
const rowsOfSpan = 50

/** A set's samples as a plant sends them: all tags move on together. */
export function* spansOf(set: SetName, { samples, seed }: FeedOptions): Generator<Span> {
  const series = makeSet(set, { seed, tags: tagCount })
  const tags = series.map(() => ({
    at: new Float64Array(rowsOfSpan),
    value: new Float64Array(rowsOfSpan),
    quality: new Uint8Array(rowsOfSpan),
  }))
  for (let left = Math.ceil(samples / tagCount); left > 0; left -= rowsOfSpan) {
    const rows = Math.min(left, rowsOfSpan)
    series.forEach((one, i) => {
      const columns = tags[i]
      if (columns) one.fill(columns, 0, rows)
    })
    yield { rows, tags }
  }
}

export type FieldKind = "float" | "integer" | "boolean" | "text"

/** How a tag's values stand best in a store that has kinds of its own. */
export function kindsOf(set: SetName): readonly FieldKind[] {
  const kinds = { walk: "float", float: "float", counter: "integer", state: "boolean" } as const
  return makeSet(set, { tags: tagCount }).map(({ kind }) =>
    kind === "text" ? "text" : kind === "noise" ? "float" : kinds[kind],
  )
}

/** Bodies of InfluxDB's line protocol, times in ms; a quality is a field of its own where it is not good. */
export function* linesOf(
  set: SetName,
  options: FeedOptions,
  write: (value: number, kind: FieldKind) => string,
): Generator<string> {
  const kinds = kindsOf(set)
  for (const { rows, tags } of spansOf(set, options))
    for (let from = 0; from < rows; from += 10) {
      let body = ""
      for (let row = from; row < Math.min(rows, from + 10); row++)
        for (let tag = 0; tag < tags.length; tag++) {
          const { at, value, quality } = tags[tag] as SampleColumns
          const kind = kinds[tag] ?? "float"
          const field = write(value[row] ?? 0, kind)
          const more = quality[row] === 0 ? "" : `,q=${quality[row]}i`
          body += `${kind},tag=t${tag} v=${field}${more} ${at[row]}\n`
        }
      yield body
    }
}

/** As InfluxDB keeps each kind. */
export function influxField(value: number, kind: FieldKind): string {
  if (kind === "integer") return `${value}i`
  if (kind === "boolean") return value === 0 ? "f" : "t"
  if (kind === "text") return JSON.stringify(texts[value])
  return `${value}`
}
