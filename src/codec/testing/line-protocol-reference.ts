/** A field as the plain reader gives it; names and texts byte by byte (latin1), as they were sent. */
export interface PlainRow {
  readonly series: string
  readonly field: string
  readonly kind: "float" | "integer" | "rounded" | "boolean" | "text"
  readonly value: number | string
  readonly at: number
}

export interface PlainReport {
  readonly rows: readonly PlainRow[]
  readonly lines: number
  /** Numbers of the lines that could not be read. */
  readonly bad: readonly number[]
}

const escaped = String.raw`\\[^\n]|\\(?=\n)`
const head = new RegExp(String.raw`((?:${escaped}|[^\\ \n])+) +`, "y")
const name = new RegExp(String.raw`((?:${escaped}|[^\\ ,=\n])+)=`, "y")
const text = /"((?:\\[\s\S]|[^"\\])*)"/y
const word = /[^ ,\r\n"]+/y
const end = /(?: +(-?\d{1,19}))? *\r?\n/y
/** A line at fault: series, then names, then values with texts, as far as a line break. */
const broken = new RegExp(
  String.raw`(?:${escaped}|[^\\ \n])*(?: (?:${escaped}|[^=\n\\]|=(?:"(?:\\[\s\S]|[^"\\])*(?:"|$)|${escaped}|[^,"\n\\])*)*)?`,
  "y",
)
const nsPer = {
  ns: 1n,
  us: 1000n,
  ms: 10n ** 6n,
  s: 10n ** 9n,
  m: 60n * 10n ** 9n,
  h: 3600n * 10n ** 9n,
}

/** Line protocol by regular expressions: slow, plain, and written without looking at the quick one. */
export function readPlainly(message: string, precision: keyof typeof nsPer): PlainReport {
  const whole = message.endsWith("\n") ? message : `${message}\n`
  const rows: PlainRow[] = []
  const bad: number[] = []
  let lines = 0
  for (let at = 0; at < whole.length; ) {
    const from = at + (/^[ \t]*/.exec(whole.slice(at))?.[0].length ?? 0)
    const next = whole.indexOf("\n", from)
    if (/^(#|\r?\n)/.test(whole.slice(from, from + 2))) {
      at = next + 1
      continue
    }
    lines++
    const line = lineAt(whole, from)
    if (line) rows.push(...line.rows.map((row) => ({ ...row, at: timeOf(line.time, precision) })))
    else bad.push(whole.slice(0, from).split("\n").length)
    at = line?.end ?? skipped(whole, from)
  }
  return { rows, lines, bad }
}

function match(pattern: RegExp, whole: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(whole)
}

function lineAt(whole: string, from: number) {
  const found = match(head, whole, from)
  const series = found?.[1] ?? ""
  if (!found || !isSeries(series)) return undefined
  const rows: Omit<PlainRow, "at">[] = []
  for (let at = head.lastIndex; ; ) {
    const value = fieldAt(whole, at)
    if (!value) return undefined
    rows.push({ series, ...value.row })
    at = value.end + 1
    if (whole[value.end] === ",") continue
    const last = match(end, whole, value.end)
    return last ? { rows, time: last[1], end: end.lastIndex } : undefined
  }
}

function fieldAt(whole: string, at: number) {
  const field = match(name, whole, at)?.[1]
  if (field === undefined) return undefined
  const quoted = match(text, whole, name.lastIndex)
  if (quoted) {
    const value = quoted[1]?.replace(/\\(["\\])/g, "$1") ?? ""
    return { row: { field, kind: "text", value } as const, end: text.lastIndex }
  }
  const value = valueIn(match(word, whole, name.lastIndex)?.[0] ?? "")
  return value && { row: { field, ...value }, end: word.lastIndex }
}

function isSeries(series: string): boolean {
  const parts = splitBy(series, ",")
  const pairs = parts.slice(1).map((tag) => splitBy(tag, "="))
  return parts[0] !== "" && pairs.every((pair) => pair.length === 2 && !pair.includes(""))
}

function splitBy(given: string, by: string): string[] {
  const parts: string[] = []
  let part = ""
  for (let i = 0; i < given.length; i++) {
    if (given[i] === by) {
      parts.push(part)
      part = ""
    } else part += given[i] === "\\" ? given.slice(i, ++i + 1) : given[i]
  }
  return [...parts, part]
}

function valueIn(given: string): Pick<PlainRow, "kind" | "value"> | undefined {
  if (/^([tT]|true|True|TRUE)$/.test(given)) return { kind: "boolean", value: 1 }
  if (/^([fF]|false|False|FALSE)$/.test(given)) return { kind: "boolean", value: 0 }
  if (/^[+-]?\d+[iu]$/.test(given)) {
    const exact = BigInt(given.slice(0, -1).replace("+", ""))
    const [least, most] = given.endsWith("u")
      ? [0n, 2n ** 64n - 1n]
      : [-(2n ** 63n), 2n ** 63n - 1n]
    if (exact < least || exact > most) return undefined
    const value = Number(exact)
    return { kind: BigInt(value) === exact ? "integer" : "rounded", value }
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(given)) return undefined
  return Number.isFinite(Number(given)) ? { kind: "float", value: Number(given) } : undefined
}

function timeOf(given: string | undefined, precision: keyof typeof nsPer): number {
  if (given === undefined) return Number.NaN
  const ns = BigInt(given) * nsPer[precision]
  return Number(ns / 10n ** 6n) + Number(ns % 10n ** 6n) / 1e6
}

/** Behind the line break that stands in no text. */
function skipped(whole: string, from: number): number {
  match(broken, whole, from)
  return Math.min(broken.lastIndex + 1, whole.length)
}
