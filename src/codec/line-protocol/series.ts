import { ascii } from "./ascii.ts"
import { splitAt } from "./keys.ts"

/** What names a value in line protocol. */
export interface Series {
  readonly measurement: string
  readonly tags: readonly (readonly [key: string, value: string])[]
  readonly field: string
}

/** The names in a column's keys, escapes taken away. */
export function seriesOf(keys: {
  readonly series: Uint8Array
  readonly field: Uint8Array
}): Series {
  const [measurement = "", ...tags] = parts(keys.series, ascii.comma)
  return {
    measurement: plain(measurement),
    tags: tags.map((tag) => {
      const [key = "", value = ""] = parts(encoder.encode(tag), ascii.equals)
      return [plain(key), plain(value)]
    }),
    field: plain(decoder.decode(keys.field)),
  }
}

/** As line protocol writes it, the tags in their order: `press,line=a,no=1 temp`. */
export function seriesText({ measurement, tags, field }: Series): string {
  const name = escaped(measurement, /[ ,]/g)
  const rest = tags
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => {
      return `,${escaped(key, /[ ,=]/g)}=${escaped(value, /[ ,=]/g)}`
    })
  return `${name}${rest.join("")} ${escaped(field, /[ ,=]/g)}`
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

function parts(bytes: Uint8Array, by: number): string[] {
  return splitAt(bytes, { from: 0, to: bytes.length, by }).map(([from, to]) =>
    decoder.decode(bytes.subarray(from, to)),
  )
}

function plain(text: string): string {
  return text.replace(/\\([ ,=\\])/g, "$1")
}

function escaped(text: string, what: RegExp): string {
  return text.replace(/\\/g, "\\\\").replace(what, "\\$&")
}
