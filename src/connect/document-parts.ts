import { type JsonPath, parseJsonPath, pickJson } from "../codec/json-path.ts"
import { Problem } from "../model/problem.ts"
import { shown } from "./values.ts"

/** How one JSON document holds several samples. */
export interface PartOptions {
  /** Place of the list whose entries are read one by one; the document is read as a whole where absent. */
  readonly each?: string
  /** Place in an entry of the text that names its value; the entry is then read as `{<name>: <value>}`. */
  readonly name?: string
  /** Place in an entry of that value. */
  readonly value?: string
}

/** One reading: where values are looked for, and where their time is. */
export interface DocumentPart {
  readonly root: unknown
  readonly timed: unknown
}

/** Takes documents apart into what is read one by one, each part with a time of its own. */
export class DocumentParts {
  /** True where a document holds a list, whose entries need not have every point. */
  readonly isList: boolean
  readonly #each: JsonPath | undefined
  readonly #name: JsonPath | undefined
  readonly #value: JsonPath | undefined

  /** Throws `option-invalid`. */
  constructor({ each, name, value = "value" }: PartOptions, where: string) {
    this.isList = each !== undefined
    this.#each = placeOf(each, { option: "each", where })
    this.#name = placeOf(name, { option: "name", where })
    this.#value = placeOf(value, { option: "value", where })
    if (name !== undefined && each === undefined)
      throw new Problem("option-invalid", where, 'option "name": got no "each", expected both')
  }

  /** The parts of a document in its order; undefined where it should hold a list and does not. */
  of(document: unknown): readonly DocumentPart[] | undefined {
    if (!this.#each) return [{ root: document, timed: document }]
    const list = pickJson(document, this.#each)
    return Array.isArray(list) ? list.map((entry) => this.#partOf(entry)) : undefined
  }

  #partOf(entry: unknown): DocumentPart {
    if (!this.#name || !this.#value) return { root: entry, timed: entry }
    const name = pickJson(entry, this.#name)
    const root = typeof name === "string" ? { [name]: pickJson(entry, this.#value) } : {}
    return { root, timed: entry }
  }
}

function placeOf(
  text: string | undefined,
  { option, where }: { option: string; where: string },
): JsonPath | undefined {
  if (text === undefined) return undefined
  const path = parseJsonPath(text)
  if (path) return path
  const what = `option "${option}": got ${shown(text)}, expected a place such as values or meta.values`
  throw new Problem("option-invalid", where, what)
}
