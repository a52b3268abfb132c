import { isTooLong, readNumber } from "../codec/number.ts"
import { kindOf, type Recording } from "../codec/recording.ts"
import type { TagKind } from "../model/tag.ts"

/** One recorded machine: the files of one mould, as its ring of shots will serve them. */
export interface RecordedMachine {
  readonly mould: string
  /** The mould as a name of the house, such as `8722`. */
  readonly name: string
  /** In the order of their first times. */
  readonly recordings: readonly Recording[]
  readonly rows: number
  /** Where its ring stands at the server of the `recording` machine. */
  readonly address: string
  readonly fields: readonly RecordedField[]
}

export interface RecordedField {
  /** The column as a name of the house, such as `cast-pressure`. */
  readonly name: string
  /** Beneath the ring's address. */
  readonly address: string
  readonly kind: TagKind
  /** As it stands in the files. */
  readonly column: string
  /** A text column of numbers that are too long for a double; what is no number is wrong. */
  readonly isDigits: boolean
  /** The column holds numbers, and cells that are none: these are served as texts, as they stand. */
  readonly isMixed: boolean
}

export const recordingUri = "urn:moru:recording"

/** Groups recordings by the mould in their names, `<anything>_group_<mould>.csv`; a file named otherwise is a mould of its own. */
export function planOf(recordings: readonly Recording[]): RecordedMachine[] {
  const groups = Map.groupBy(recordings, (recording) => mouldIn(recording.file))
  const names = new Names("mould")
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([mould, group]) => {
      const name = names.give(mould)
      return {
        mould,
        name,
        recordings: group.toSorted(byFirstTime),
        rows: group.reduce((sum, { rows }) => sum + rows, 0),
        address: `nsu=${recordingUri};s=${ringOf(name)}`,
        fields: fieldsOf(group),
      }
    })
}

/** Node id of a mould's ring. */
export function ringOf(name: string): string {
  return `${name}.Shots`
}

function mouldIn(file: string): string {
  const stem = nameOf(file).replace(/\.[^.]*$/, "")
  return (/_group_(.*)$/i.exec(stem)?.[1] ?? stem).normalize("NFC")
}

function nameOf(file: string): string {
  return file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1)
}

/** Where times are equal or none, the names decide: the rows of a mould are counted the same way by everybody. */
function byFirstTime(a: Recording, b: Recording): number {
  const [first, second] = [a, b].map(
    ({ at }) => at.find((t) => !Number.isNaN(t)) ?? Number.MAX_VALUE,
  )
  return (first ?? 0) - (second ?? 0) || (nameOf(a.file) < nameOf(b.file) ? -1 : 1)
}

function fieldsOf(recordings: readonly Recording[]): RecordedField[] {
  const columns = Map.groupBy(
    recordings.flatMap((recording) => recording.columns).filter(({ isTime }) => !isTime),
    ({ name }) => name,
  )
  const names = new Names("field")
  return [...columns].map(([column, parts]) => {
    const cells = parts.flatMap((part) => part.cells)
    const { kind, isDigits } = kindOf(cells)
    const name = names.give(column)
    const isMixed =
      kind === "number" &&
      cells.some((c) => c !== "" && (readNumber(c) === undefined || isTooLong(c)))
    return { name, address: name, kind, isDigits, column, isMixed }
  })
}

/** Gives each text a name of the house that no other has; what has no letter or digit of ASCII is counted. */
class Names {
  readonly #given = new Set<string>()
  readonly #fallback: string

  constructor(fallback: string) {
    this.#fallback = fallback
  }

  give(text: string): string {
    const plain = text
      .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
    const base = plain === "" ? this.#fallback : plain
    let name = plain === "" ? `${base}-1` : base
    for (let n = 2; this.#given.has(name); n++) name = `${base}-${n}`
    this.#given.add(name)
    return name
  }
}
