import { Problem, type ProblemCode } from "../../model/problem.ts"

/** Where something stands in a file; line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

export type Scalar = string | number | boolean | null

/** A YAML document that remembers where everything stands. */
export type Entry = MapEntry | ListEntry | ScalarEntry

export interface MapEntry {
  readonly kind: "map"
  readonly place: Place
  readonly members: ReadonlyMap<string, Member>
}

export interface Member {
  readonly key: Place
  readonly entry: Entry
}

export interface ListEntry {
  readonly kind: "list"
  readonly place: Place
  readonly items: readonly Entry[]
}

export interface ScalarEntry {
  readonly kind: "scalar"
  readonly place: Place
  readonly value: Scalar
  /** As it stands in the file, before references were filled in: the only form that a problem may quote. */
  readonly written: string
  /** The text with its `${...}`, where the value was filled in from the environment or a file. */
  readonly template?: string
}

/** Collects the problems of one run; the first at a place is the cause of the others there, so only it is kept. */
export class Problems {
  readonly #places = new Set<string>()
  readonly list: Problem[] = []

  add(code: ProblemCode, place: Place, what: string): void {
    const where = showPlace(place)
    if (this.#places.has(where)) return
    this.#places.add(where)
    this.list.push(new Problem(code, where, what))
  }
}

export function showPlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`
}

/** The entry at a path of keys and indices; the nearest that exists where a key is missing. */
export function entryAt(from: Entry, ...keys: readonly (string | number)[]): Entry {
  let entry = from
  for (const key of keys) {
    const next = childOf(entry, key)
    if (next === undefined) return entry
    entry = next
  }
  return entry
}

export function childOf(entry: Entry, key: string | number): Entry | undefined {
  if (entry.kind === "map") return entry.members.get(String(key))?.entry
  if (entry.kind === "list") return entry.items[Number(key)]
  return undefined
}

/** Where a member's key stands, or its map where there is none. */
export function keyPlace(entry: Entry, key: string): Place {
  return (entry.kind === "map" ? entry.members.get(key)?.key : undefined) ?? entry.place
}

/** The entry as a person would name it in a problem, as short as can be. */
export function quote(entry: Entry): string {
  if (entry.kind === "map") return "got keys and values"
  if (entry.kind === "list") return "got a list"
  if (entry.value === null && entry.written === "") return "got nothing"
  const text = entry.written.length > 60 ? `${entry.written.slice(0, 57)}...` : entry.written
  return `got ${text.startsWith('"') ? text : JSON.stringify(text)}`
}
