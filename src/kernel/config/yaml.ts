import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
} from "yaml"
import type { Entry, Member, Place, Problems, Scalar } from "./entry.ts"

const longestFile = 4_000_000

/** Reads one file's text; undefined where it is no YAML of keys and values. All that is wrong goes to `problems`. */
export function readYaml(file: string, bytes: Uint8Array, problems: Problems): Entry | undefined {
  const start: Place = { file, line: 1, column: 1 }
  if (bytes.length > longestFile) {
    problems.add("config-unreadable", start, `got ${bytes.length} bytes, expected at most 4 MB`)
    return undefined
  }
  const text = decode(bytes)
  if (text === undefined) {
    problems.add(
      "config-unreadable",
      start,
      "got bytes that are not UTF-8, expected UTF-8 (save it anew with that encoding, not EUC-KR)",
    )
    return undefined
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const place = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const twice = document.errors.filter(({ code }) => code === "DUPLICATE_KEY")
  const broken = document.errors.filter(({ code }) => code !== "DUPLICATE_KEY")
  for (const error of broken) problems.add("config-syntax", place(error.pos[0]), say(error, text))
  if (broken.length > 0) return undefined
  for (const error of twice) problems.add("config-duplicate", place(error.pos[0]), say(error, text))
  const reader = new Reader({ text, place, resolve: (alias) => alias.resolve(document), problems })
  const entry = document.contents ? reader.entry(document.contents) : undefined
  if (entry?.kind === "map") return entry
  problems.add("config-invalid", start, "got no keys, expected keys and values")
  return undefined
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function say(error: YAMLError, text: string): string {
  const word = () => JSON.stringify(/^[^\s:,]*/.exec(text.slice(error.pos[0]))?.[0] ?? "")
  switch (error.code) {
    case "TAB_AS_INDENT":
      return "got a tab, expected spaces for indentation"
    case "DUPLICATE_KEY":
      return `got ${word()} a second time, expected each key once`
    case "MULTIPLE_DOCS":
      return "got a second document after ---, expected one a file"
    case "BAD_INDENT":
      return `got an indentation that fits no line above (${error.message})`
    default:
      return error.message
  }
}

interface Context {
  readonly text: string
  readonly place: (offset: number | undefined) => Place
  readonly resolve: (alias: Alias) => Node | undefined
  readonly problems: Problems
}

/** Walks the syntax tree; anchors may be used again, but not within themselves. */
class Reader {
  readonly #context: Context
  readonly #open = new Set<unknown>()
  #left = 200_000

  constructor(context: Context) {
    this.#context = context
  }

  entry(node: unknown): Entry {
    const place = this.#context.place((node as Node | null)?.range?.[0])
    const nothing: Entry = { kind: "scalar", place, value: null, written: "" }
    if (this.#left-- <= 0 || this.#open.has(node)) {
      this.#context.problems.add(
        "config-syntax",
        place,
        "got an alias that grows without end, expected at most 200,000 entries",
      )
      return nothing
    }
    this.#open.add(node)
    try {
      return this.#read(node, place) ?? nothing
    } finally {
      this.#open.delete(node)
    }
  }

  #read(node: unknown, place: Place): Entry | undefined {
    if (isAlias(node)) return this.entry(this.#context.resolve(node))
    if (isSeq(node))
      return { kind: "list", place, items: node.items.map((item) => this.#item(item)) }
    if (isMap(node)) return { kind: "map", place, members: this.#members(node.items) }
    if (!isScalar(node)) return undefined
    const [from, to] = node.range ?? [0, 0]
    return {
      kind: "scalar",
      place,
      value: node.value as Scalar,
      written: this.#context.text.slice(from, to),
    }
  }

  /** A block of keys begins where its first key does, so its own place is that of the dash or key before it. */
  #item(node: unknown): Entry {
    const entry = this.entry(node)
    if (!isMap(node) || node.flow) return entry
    const dash = this.#context.text.lastIndexOf("-", node.range?.[0])
    return { ...entry, place: this.#context.place(dash) }
  }

  #members(pairs: readonly Pair[]): Map<string, Member> {
    const members = new Map<string, Member>()
    for (const { key, value } of pairs) {
      const place = this.#context.place((key as Node | null)?.range?.[0])
      if (!isScalar(key)) {
        this.#context.problems.add("config-syntax", place, "got a key that is no single word")
        continue
      }
      const name = String(key.source ?? key.value)
      if (members.has(name)) continue
      const entry = this.entry(value)
      const placeless = isMap(value) ? !value.flow : entry.kind === "scalar" && entry.written === ""
      members.set(name, { key: place, entry: placeless ? { ...entry, place } : entry })
    }
    return members
  }
}
