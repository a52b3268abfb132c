import { ascii, Message } from "./ascii.ts"
import { isDigit } from "./digits.ts"
import { Key, KeyTable } from "./key-table.ts"
import { isSeriesKey, lineEnd } from "./keys.ts"
import { readNumber } from "./numbers.ts"
import { fieldKind, LineRows } from "./rows.ts"
import { type Precision, TimeReader } from "./times.ts"

/** A line that could not be read; the others stand. */
export interface LineFault {
  /** Counted from 1. */
  readonly line: number
  readonly got: string
  readonly expected: string
}

export interface LineReport {
  /** Lines that hold something: neither blank nor a comment. */
  readonly lines: number
  /** How many of them could not be read. */
  readonly bad: number
  /** The first of those. */
  readonly faults: readonly LineFault[]
}

const mostFaults = 20
const shownBytes = 60
/** FNV-1a, 32 bits (G. Fowler, L. C. Noll, K.-P. Vo). */
const hashStart = 0x811c9dc5 | 0
const hashPrime = 0x01000193
/** Instead of a place: the line is at fault, and `#expected` says what with. */
const atFault = -1

/**
 * Reads messages of one sender. It keeps the bytes of every series and field that came, so that one that comes again costs a comparison
 * and no string.
 */
export class LineReader {
  /** The fields of the last message; the next one overwrites them. */
  readonly rows = new LineRows()
  readonly #most: number
  readonly #key = new Key()
  readonly #times = new TimeReader()
  #seriesKeys = new KeyTable()
  /** Owned by their series; the number is the column of the rows. */
  #fieldKeys = new KeyTable()
  /** What lines begin with: a series and its first field. */
  #heads = new KeyTable()
  /** The field of each head. */
  #firstField: number[] = []
  #message = new Message(new Uint8Array())
  #head = 0
  #field = 0
  #line = 0
  #expected = ""

  constructor(mostColumns: number) {
    this.#most = mostColumns
  }

  /** How many series with a field were seen since the last `forget`: columns are 0 to this - 1. */
  get columns(): number {
    return this.#fieldKeys.count
  }

  get isFull(): boolean {
    return this.columns >= this.#most
  }

  /** Columns count from 0 anew. */
  forget(): void {
    this.#seriesKeys = new KeyTable()
    this.#fieldKeys = new KeyTable()
    this.#heads = new KeyTable()
    this.#firstField = []
    this.#head = 0
  }

  /** Bytes of a column's series (measurement and tags) and of its field, as they were sent. */
  keysOf(column: number): { readonly series: Uint8Array; readonly field: Uint8Array } {
    const series = this.#seriesKeys.bytesOf(this.#fieldKeys.ownerOf(column))
    return {
      series: series.subarray(0, -1),
      field: this.#fieldKeys.bytesOf(column).subarray(0, -1),
    }
  }

  /** The text of a row of the last message, by its value. */
  textAt(place: number): string {
    const to = this.#textEnd(place)
    const text = this.#message.text(place, to)
    return text.includes("\\") ? text.replace(/\\(["\\])/g, "$1") : text
  }

  /** Reads a whole message into `rows`; never throws for what stands in it. */
  read(bytes: Uint8Array, precision: Precision): LineReport {
    this.#message = new Message(bytes)
    this.#times.start(precision)
    this.rows.length = 0
    this.#line = 0
    const faults: LineFault[] = []
    let [lines, bad] = [0, 0]
    const { end } = this.#message
    for (let at = 0; at < end; ) {
      this.#line++
      const from = this.#beginning(at)
      if (this.#isEmpty(from)) {
        at = this.#behindBreak(from)
        continue
      }
      lines++
      const kept = this.rows.length
      const line = this.#line
      at = this.#readLine(from)
      if (at !== atFault) continue
      this.rows.length = kept
      if (bad++ < mostFaults) faults.push(this.#faultAt(from, line))
      this.#line = line
      at = this.#skip(from)
    }
    return { lines, bad, faults }
  }

  /** Gives the place behind the line, or `atFault`. */
  #readLine(from: number): number {
    const { rows } = this
    const { bytes } = this.#message
    const first = rows.length
    let at = this.#readHead(from)
    while (at !== atFault) {
      at = this.#readValue(at)
      if (at === atFault) return at
      rows.keep(this.#field)
      if (bytes[at] !== ascii.comma) return this.#readEnd(at, first)
      at = this.#readField(at + 1)
    }
    return at
  }

  #readHead(from: number): number {
    const guess = this.#heads.after(this.#head)
    const length = this.#heads.lengthAt(guess, this.#message.view, from)
    if (length === 0) return this.#findHead(from)
    this.#head = guess
    this.#field = this.#firstField[guess] ?? 0
    return from + length
  }

  #findHead(from: number): number {
    const series = this.#findSeries(from)
    if (series === atFault) return series
    const at = from + this.#key.length
    const end = this.#findField(this.#pastSpaces(at), series)
    // More spaces than one are not kept: their number has no end.
    if (end !== atFault && this.#message.bytes[at] !== ascii.space) this.#keepHead(from, end)
    return end
  }

  #keepHead(from: number, to: number): void {
    const { view } = this.#message
    const key = { view, at: from, length: to - from, owner: 0, hash: this.#field }
    let found = this.#heads.find(key)
    if (found < 0) {
      found = this.#heads.add(key)
      this.#firstField.push(this.#field)
    }
    this.#heads.expect(found, this.#head)
    this.#head = found
  }

  #findSeries(from: number): number {
    const { bytes } = this.#message
    const to = this.#measure({ from, owner: 0, until: ascii.space })
    if (bytes[to] !== ascii.space) return this.#fault("a space and fields behind the series")
    const found = this.#seriesKeys.find(this.#key)
    if (found >= 0) return found
    if (!isSeriesKey(bytes, from, to))
      return this.#fault("a measurement and tags such as press,line=a")
    if (this.isFull) return this.#fault(`at most ${this.#most} series`)
    return this.#seriesKeys.add(this.#key)
  }

  /** The field that comes after the last one, of the same series. */
  #readField(from: number): number {
    const before = this.#field
    const guess = this.#fieldKeys.after(before)
    const length = this.#fieldKeys.lengthAt(guess, this.#message.view, from)
    if (length > 0) {
      this.#field = guess
      return from + length
    }
    const to = this.#findField(from, this.#fieldKeys.ownerOf(before))
    if (to !== atFault) this.#fieldKeys.expect(this.#field, before)
    return to
  }

  #findField(from: number, series: number): number {
    const to = this.#measure({ from, owner: series, until: ascii.equals })
    if (this.#message.bytes[to] !== ascii.equals || to === from)
      return this.#fault("a field such as temp=21.5")
    this.#field = this.#fieldKeys.find(this.#key)
    if (this.#field >= 0) return to + 1
    if (this.isFull) return this.#fault(`at most ${this.#most} series`)
    this.#field = this.#fieldKeys.add(this.#key)
    return to + 1
  }

  /** Fills the key that begins here, its last byte included; gives the place of that byte, or of what ends the key too early. */
  #measure({ from, owner, until }: { from: number; owner: number; until: number }): number {
    const { bytes, view } = this.#message
    const isField = until === ascii.equals
    let hash = Math.imul(hashStart ^ owner, hashPrime)
    let at = from
    for (; ; at++) {
      const byte = bytes[at] ?? 0
      hash = Math.imul(hash ^ byte, hashPrime)
      if (byte === until || byte === ascii.newline) break
      if (isField && (byte === ascii.space || byte === ascii.comma)) break
      if (byte !== ascii.backslash || bytes[at + 1] === ascii.newline) continue
      hash = Math.imul(hash ^ (bytes[++at] ?? 0), hashPrime)
    }
    const key = this.#key
    key.view = view
    key.at = from
    key.length = at + 1 - from
    key.owner = owner
    key.hash = hash
    return at
  }

  #readValue(from: number): number {
    const byte = this.#message.bytes[from] ?? 0
    const mayBeNumber = isDigit(byte) || (byte >= ascii.plus && byte <= ascii.point)
    if (mayBeNumber) {
      const to = readNumber(this.#message, from, this.rows)
      return to < 0 ? this.#fault("a number, such as 21.5, 3i or 3u") : to
    }
    return byte === ascii.quote ? this.#readText(from + 1) : this.#readBoolean(from)
  }

  #readText(from: number): number {
    const to = this.#textEnd(from)
    if (to >= this.#message.end) return this.#fault('a " that ends the text')
    this.rows.put(from, fieldKind.text)
    for (let at = from; at < to; at++) if (this.#message.bytes[at] === ascii.newline) this.#line++
    return to + 1
  }

  /** Place of the quotation mark that ends a text; the message's end where there is none. */
  #textEnd(from: number): number {
    const { bytes, end } = this.#message
    let at = from
    while (at < end && bytes[at] !== ascii.quote) at += bytes[at] === ascii.backslash ? 2 : 1
    return at
  }

  #readBoolean(from: number): number {
    const { bytes } = this.#message
    let to = from
    while ((bytes[to] ?? 0) >= 65) to++
    const word = to - from > 5 ? "" : this.#message.text(from, to)
    const isTrue = /^([tT]|true|True|TRUE)$/.test(word)
    if (!isTrue && !/^([fF]|false|False|FALSE)$/.test(word))
      return this.#fault('a number, true, false or a text in "')
    this.rows.put(isTrue ? 1 : 0, fieldKind.boolean)
    return to
  }

  /** The time, where there is one, and the end of the line. */
  #readEnd(from: number, first: number): number {
    const { bytes } = this.#message
    let at = this.#pastSpaces(from)
    if (at > from && !isBreak(bytes[at] ?? 0)) {
      const time = this.#times.read(this.#message, at)
      if (Number.isNaN(time)) return this.#fault("a time as a whole number")
      this.rows.setTime(first, time)
      at = this.#pastSpaces(this.#times.end)
    } else this.rows.setTime(first, Number.NaN)
    if (bytes[at] === ascii.return) at++
    return bytes[at] === ascii.newline ? at + 1 : this.#fault("a comma, or a space and the time")
  }

  #beginning(from: number): number {
    const { bytes } = this.#message
    let at = from
    while (bytes[at] === ascii.space || bytes[at] === ascii.tab) at++
    return at
  }

  #pastSpaces(from: number): number {
    const { bytes } = this.#message
    let at = from
    while (bytes[at] === ascii.space) at++
    return at
  }

  #isEmpty(at: number): boolean {
    const { bytes } = this.#message
    const byte = bytes[at]
    const isEnd = byte === ascii.return && bytes[at + 1] === ascii.newline
    return byte === ascii.newline || byte === ascii.hash || isEnd
  }

  #behindBreak(at: number): number {
    return this.#message.bytes.indexOf(ascii.newline, at) + 1
  }

  #fault(expected: string): number {
    this.#expected = expected
    return atFault
  }

  #faultAt(from: number, line: number): LineFault {
    const { bytes } = this.#message
    const to = Math.min(bytes.indexOf(ascii.newline, from), from + shownBytes)
    return { line, got: this.#message.text(from, to), expected: this.#expected }
  }

  /** Behind a line at fault, breaks within its texts passed over. */
  #skip(from: number): number {
    const { bytes } = this.#message
    const to = lineEnd(bytes, from)
    for (let at = from; at < to; at++) if (bytes[at] === ascii.newline) this.#line++
    return to + 1
  }
}

function isBreak(byte: number): boolean {
  return byte === ascii.newline || byte === ascii.return
}
