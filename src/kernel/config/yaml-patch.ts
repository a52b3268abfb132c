import { isDeepStrictEqual } from "node:util"
import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml"
import { Problem } from "../../model/problem.ts"
import type { Patch } from "../config.ts"

/**
 * The text of a file with a merge patch (RFC 7396) applied: what the patch does not name stays as it stands, letter by letter.
 * Throws `config-invalid` where the patch meets an alias, whose other uses would change with it.
 */
export function patchYaml(file: string, text: string, patch: Patch): string {
  const document = parseDocument(text)
  const wanted = merged(document.toJS(), patch)
  const root = document.contents
  if (isMap(root)) {
    const splices = new Splicer(file, text).splices(root as YAMLMap<Node>, patch)
    const patched = apply(text, splices)
    const again = parseDocument(patched)
    if (again.errors.length === 0 && isDeepStrictEqual(again.toJS(), wanted)) return patched
  }
  // A form that was not foreseen: the library writes the whole file anew, comments and order kept.
  merge(document, [], patch)
  return document.toString({ lineWidth: 0 })
}

/** What the patch makes of plain keys and values. */
function merged(value: unknown, patch: Patch): Record<string, unknown> {
  const made: Record<string, unknown> = isPlainMap(value) ? { ...value } : {}
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete made[key]
    else if (isPlainMap(change)) {
      const inner = merged(made[key], change)
      if (isEmptied(change, inner)) delete made[key]
      else made[key] = inner
    } else made[key] = change
  }
  return made
}

/** A map of which the patch took the last member goes with it: a key without a value would be wrong. */
function isEmptied(change: object, left: object): boolean {
  return Object.keys(change).length > 0 && Object.keys(left).length === 0
}

function merge(document: Document, path: readonly string[], patch: Patch): void {
  for (const [key, change] of Object.entries(patch)) {
    const at = [...path, key]
    const inner = document.getIn(at, true)
    if (change === null) document.deleteIn(at)
    else if (isPlainMap(change) && isMap(inner)) {
      merge(document, at, change)
      if (isEmptied(change, inner.items)) document.deleteIn(at)
    } else {
      const { [key]: value } = merged({}, { [key]: change })
      if (value !== undefined) document.setIn(at, document.createNode(value))
    }
  }
}

function isPlainMap(value: unknown): value is Patch {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

interface Splice {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** Of two splices at one place the first found stands first: it belongs to a map further in. */
function apply(text: string, splices: readonly Splice[]): string {
  const inOrder = splices.toSorted((a, b) => a.from - b.from)
  const pieces: string[] = []
  let done = 0
  for (const { from, to, text: instead } of inOrder) {
    pieces.push(text.slice(done, from), instead)
    done = Math.max(done, to)
  }
  return pieces.join("") + text.slice(done)
}

/** Finds the places of a text that a patch changes. */
class Splicer {
  readonly #file: string
  readonly #text: string
  readonly #eol: string

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
    this.#eol = text.includes("\r\n") ? "\r\n" : "\n"
  }

  splices(map: YAMLMap<Node>, patch: Patch): Splice[] {
    const found: Splice[] = []
    const fresh: Record<string, unknown> = {}
    const pairs = pairsOf(map)
    for (const [key, change] of Object.entries(patch)) {
      const pair = pairs.get(key)
      if (pair) found.push(...this.#change(map, pair, change))
      else fresh[key] = change
    }
    const added = merged({}, fresh)
    if (Object.keys(added).length > 0) found.push(this.#insert(map, added))
    return found
  }

  #change(map: YAMLMap<Node>, pair: Pair<Node>, change: unknown): Splice[] {
    const { value } = pair
    if (isAlias(value)) this.#refuse(pair)
    if (change === null) return [this.#remove(map, pair)]
    if (!isPlainMap(change) || !isMap(value)) return [this.#replace(map, pair, change)]
    const inner = value as YAMLMap<Node>
    if (inner.items.length === 0) return [this.#replace(map, pair, change)]
    const isLast = inner.items.every(({ key }) => change[keyText(key)] === null)
    const known = pairsOf(inner)
    const addsNone = Object.keys(change).every((key) => known.has(key))
    return isLast && addsNone ? [this.#remove(map, pair)] : this.splices(inner, change)
  }

  #refuse(pair: Pair<Node>): never {
    const what = `${keyText(pair.key)}, got an alias (*...), expected the value itself; change it in the file by hand`
    throw new Problem("config-invalid", this.#file, what)
  }

  #replace(map: YAMLMap<Node>, pair: Pair<Node>, change: unknown): Splice {
    const { value, key } = pair
    const [from, to] = [startOf(key), this.#endOf(pair)]
    if (isScalar(value) && value.range && value.range[1] > value.range[0] && !isPlainMap(change)) {
      const text = writeFlow(change)
      if (!Array.isArray(change)) return { from: value.range[0], to: value.range[1], text }
    }
    const made = merged({}, { [keyText(key)]: change })
    if (map.flow) return { from, to, text: writeFlow(made).replace(/^\{ | \}$/g, "") }
    return { from, to, text: this.#indented(made, this.#columnOf(from)).trimStart() }
  }

  #insert(map: YAMLMap<Node>, fresh: Readonly<Record<string, unknown>>): Splice {
    const last = map.items.at(-1) as Pair<Node> | undefined
    if (map.flow) {
      const end = last ? this.#endOf(last) : startOf(map) + 1
      const text = writeFlow(fresh).replace(/^\{ | \}$/g, "")
      return { from: end, to: end, text: last ? `, ${text}` : text }
    }
    const first = map.items[0] as Pair<Node> | undefined
    const column = first ? this.#columnOf(startOf(first.key)) : 0
    const text = this.#indented(fresh, column)
    const at = last ? this.#lineEnd(this.#endOf(last)) : this.#text.length
    const isNewLine = at === 0 || this.#text[at - 1] === "\n"
    return { from: at, to: at, text: isNewLine ? text + this.#eol : this.#eol + text }
  }

  #remove(map: YAMLMap<Node>, pair: Pair<Node>): Splice {
    const [from, to] = [startOf(pair.key), this.#endOf(pair)]
    if (map.flow) {
      const after = /^\s*,\s*/.exec(this.#text.slice(to))
      const before = /,\s*$/.exec(this.#text.slice(0, from))
      if (after) return { from, to: to + after[0].length, text: "" }
      return { from: from - (before?.[0].length ?? 0), to, text: "" }
    }
    const start = from - this.#columnOf(from)
    const end = this.#lineEnd(to)
    const next = this.#text.indexOf("\n", end)
    const isNewLine = end > start && this.#text[end - 1] === "\n"
    return { from: start, to: isNewLine || next < 0 ? end : next + 1, text: "" }
  }

  #endOf({ key, value }: Pair<Node>): number {
    const end = isNode(value) ? lastOf(value) : undefined
    return end ?? key.range?.[1] ?? 0
  }

  /** The end of the line, with what is noted behind the value; a block of text ends with its line already. */
  #lineEnd(at: number): number {
    if (this.#text[at - 1] === "\n") return at
    const end = this.#text.indexOf("\n", at)
    const cut = end < 0 ? this.#text.length : end
    return this.#text[cut - 1] === "\r" && end >= 0 ? cut - 1 : cut
  }

  #columnOf(at: number): number {
    return at - (this.#text.lastIndexOf("\n", at - 1) + 1)
  }

  #indented(made: Readonly<Record<string, unknown>>, column: number): string {
    const lines = writeBlock(made).trimEnd().split("\n")
    return lines.map((line) => (line === "" ? "" : " ".repeat(column) + line)).join(this.#eol)
  }
}

/** Where the last letter of a node ends, without what follows it. */
function lastOf(node: Node): number | undefined {
  if (isCollection(node) && !node.flow) {
    const item = node.items.at(-1) as Pair<Node> | Node | undefined
    const inner = item && ("key" in item ? (item.value ?? item.key) : item)
    if (inner) return lastOf(inner as Node)
  }
  return node.range?.[1]
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0
}

function pairsOf(map: YAMLMap<Node>): ReadonlyMap<string, Pair<Node>> {
  return new Map(map.items.map((pair) => [keyText(pair.key), pair as Pair<Node>]))
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key)
}

/** Short things stand in one line, as people write them. */
const inOneLine = new Set(["name", "address", "text"])

/** Keys and values as a person of the house would write them. */
export function writeBlock(value: Readonly<Record<string, unknown>>): string {
  const document = new Document(value)
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every((item) => isScalar(item))
    },
    Pair: (_, { key, value: inner }) => {
      if (inOneLine.has(keyText(key)) && isMap(inner)) inner.flow = true
    },
  })
  return document.toString({ lineWidth: 0 })
}

function writeFlow(value: unknown): string {
  const document = new Document(value)
  if (isMap(document.contents) || isSeq(document.contents)) document.contents.flow = true
  return document.toString({ lineWidth: 0 }).trimEnd()
}
