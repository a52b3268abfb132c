// The generator's values as line protocol, the same bytes for every server.
import { makeSet } from "../data/sets.ts"

export const tags = 1000
export const template = "{measurement}/{tag:line}/{tag:unit}/{field}"

export interface Shape {
  readonly seed: number
  /** Lines of one request. */
  readonly batch: number
  /** Time of the first samples, ms. */
  readonly start: number
  /** Each sender has machines of its own, so that a machine's samples come in their order. */
  readonly senders: number
}

const keyOf = (tag: number) =>
  `machine,line=line-${tag % 10},unit=m${Math.floor(tag / 10)} v${tag % 10}`

/** Address of a tag by the template. */
export const addressOf = (tag: number) =>
  `machine/line-${tag % 10}/m${Math.floor(tag / 10)}/v${tag % 10}`

/** Bodies of one sender without end: second by second a line for each of its tags, in milliseconds. */
export function* bodies(sender: number, { seed, batch, start, senders }: Shape): Generator<Buffer> {
  const isOwn = (_: unknown, tag: number) => Math.floor(tag / 10) % senders === sender
  const all = makeSet("mixed", { seed, tags, start })
  const series = all.filter(isOwn)
  const keys = all.map((_, tag) => keyOf(tag)).filter(isOwn)
  const rows = Math.ceil(batch / series.length)
  const columns = series.map(() => ({
    ...{ at: new Float64Array(rows), value: new Float64Array(rows), quality: new Uint8Array(rows) },
  }))
  for (;;) {
    series.forEach((one, tag) => {
      const into = columns[tag]
      if (into) one.fill(into, 0, rows)
    })
    const lines: string[] = []
    for (let row = 0; row < rows; row++)
      for (const [tag, { at, value }] of columns.entries()) {
        const isWhole = series[tag]?.kind === "counter" ? "i" : ""
        lines.push(`${keys[tag]}=${value[row]}${isWhole} ${at[row]}\n`)
      }
    yield Buffer.from(lines.join(""))
  }
}
