import { join } from "node:path"
import type { Disk, DiskFile } from "./disk.ts"
import { headOf, type Packed, pack, unpack } from "./journal/frame.ts"
import { walk } from "./journal/walk.ts"

export { type Packed, pack }

/** What was appended once, as it is read back. */
export interface JournalFrame {
  /** Counts on over all segments; what a failed disk lost leaves a hole. */
  readonly position: number
  readonly payload: Uint8Array
}

/** Bytes of a journal that are no frame. */
export interface Damage {
  readonly file: string
  readonly offset: number
  readonly bytes: number
  /**
   * It was the end of the newest segment and has been cut off: what a crash leaves of frames that were never
   * acknowledged. False where frames stand behind it: those are lost.
   */
  readonly tail: boolean
}

export interface JournalOptions {
  readonly disk: Disk
  /** Made where it is missing. */
  readonly folder: string
  /** A segment takes no more frames beyond it. Default 64 MB. */
  readonly segmentBytes?: number
  /** Called while opening (the tail) and while reading (the rest, each time it is read). */
  readonly onDamage?: (damage: Damage) => void
}

interface Segment {
  readonly path: string
  /** Position of its first frame: its name. */
  readonly first: number
  bytes: number
  /** So many of them are on the disk. */
  durable: number
}

const ending = ".journal"

/**
 * Opens the log of a folder: cuts what a crash left half-written at its end and makes the rest durable, so that what is
 * read from it once stays. Throws what the disk throws.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { disk, folder } = options
  disk.makeFolder(folder)
  const journal = new Journal(options, segmentsIn(disk, folder))
  await journal.mend()
  return journal
}

/** Frames and damages of a folder as they are, without changing anything; `tail` where the newest segment ends with it. */
export function* inspectJournal(disk: Disk, folder: string): Generator<JournalFrame | Damage> {
  const segments = segmentsIn(disk, folder)
  for (const segment of segments)
    for (const found of framesIn(disk, segment)) {
      const isLast = segment === segments.at(-1)
      if ("payload" in found) yield found
      else yield { ...found, tail: isLast && found.offset + found.bytes === segment.bytes }
    }
}

function segmentsIn(disk: Disk, folder: string): Segment[] {
  const segments: Segment[] = []
  for (const name of disk.list(folder)) {
    const first = Number(name.slice(0, -ending.length))
    if (!name.endsWith(ending) || !Number.isSafeInteger(first)) continue
    const path = join(folder, name)
    const file = disk.open(path)
    segments.push({ path, first, bytes: file.bytes, durable: file.bytes })
    file.close()
  }
  return segments
}

function* framesIn(
  disk: Disk,
  { path, first, durable }: Segment,
): Generator<JournalFrame | Damage> {
  const file = disk.open(path)
  try {
    for (const { offset, bytes, frame } of walk(file, { first, end: durable }))
      if (frame) yield { position: frame.position, payload: unpack(frame.head, frame.stored) }
      else yield { file: path, offset, bytes, tail: false }
  } finally {
    file.close()
  }
}

/**
 * Frames in the order in which they were appended, in files (*segments*) of bounded size. One writer; readers in the
 * same process. Made by `openJournal`.
 */
export class Journal {
  readonly #disk: Disk
  readonly #folder: string
  readonly #segmentBytes: number
  readonly #onDamage: (damage: Damage) => void
  readonly #segments: Segment[]
  /** The newest segment, open for appending; undefined before the first frame and after the disk failed it. */
  #file: DiskFile | undefined
  #position = 0
  #durable = 0
  /** Frames up to here that were not durable by then went with a segment that the disk could not make safe. */
  #lost: { readonly position: number; readonly failure: unknown } | undefined
  #syncs: Promise<unknown> = Promise.resolve()

  constructor(options: JournalOptions, segments: Segment[]) {
    this.#disk = options.disk
    this.#folder = options.folder
    this.#segmentBytes = options.segmentBytes ?? 64 * 1024 * 1024
    this.#onDamage = options.onDamage ?? (() => {})
    this.#segments = segments
  }

  /** Of the frame appended last; 0 before the first. */
  get position(): number {
    return this.#position
  }

  /** All frames up to here are on the disk. */
  get durable(): number {
    return this.#durable
  }

  /** Of all segments. */
  get bytes(): number {
    let bytes = 0
    for (const segment of this.#segments) bytes += segment.bytes
    return bytes
  }

  /** The position of the oldest frame that may still be there. */
  get first(): number {
    return this.#segments[0]?.first ?? this.#position + 1
  }

  /** Called once by `openJournal`. */
  async mend(): Promise<void> {
    const segment = this.#segments.at(-1)
    if (!segment) return
    const file = this.#disk.open(segment.path)
    this.#file = file
    this.#position = segment.first - 1
    let end = 0
    for (const { offset, bytes, frame } of walk(file, { first: segment.first, end: file.bytes }))
      if (frame) {
        this.#position = frame.position
        end = offset + bytes
      }
    const bytes = file.bytes - end
    if (bytes > 0) {
      this.#onDamage({ file: segment.path, offset: end, bytes, tail: true })
      file.truncate(end)
      segment.bytes = end
      segment.durable = end
    }
    await file.sync()
    this.#durable = this.#position
  }

  /**
   * Adds payloads, each a frame, in one write; gives the last one's position. Safe once `sync`, called in the same turn,
   * has resolved. Where it throws (a full disk), none of them is there, and a later call may work again.
   */
  append(payloads: readonly (Uint8Array | Packed)[]): number {
    const packed = payloads.map((one) => (one instanceof Uint8Array ? pack(one) : one))
    const { segment, file } = this.#writable()
    const parts: Uint8Array[] = []
    let position = this.#position
    for (const one of packed) {
      position += 1
      parts.push(headOf(one, { position, segment: segment.first }), one.bytes)
    }
    try {
      file.append(parts)
    } catch (thrown) {
      if (!isCut(file, segment.bytes)) this.#giveUp(thrown)
      throw thrown
    }
    segment.bytes = file.bytes
    this.#position = position
    return position
  }

  /**
   * Resolves once all that was appended before is safe. Where the disk refuses, it rejects, for these frames and those
   * appended meanwhile: the segment is given up (a second fsync would claim what never reached the disk) and the next
   * frame begins another.
   */
  sync(): Promise<void> {
    const position = this.#position
    const done = this.#syncs.then(() => this.#syncTo(position))
    this.#syncs = done.catch(() => {})
    return done
  }

  /** Ends the segment, so that `dropBefore` can remove it; the next frame begins another. */
  async roll(): Promise<void> {
    await this.sync()
    if (this.#segments.at(-1)?.bytes && this.#durable === this.#position) this.#begin()
  }

  /** Removes segments whose every frame is before the position; the newest stays. */
  dropBefore(position: number): void {
    for (;;) {
      const [oldest, next] = this.#segments
      if (!oldest || !next || next.first > position) return
      this.#disk.remove(oldest.path)
      this.#segments.shift()
    }
  }

  /**
   * Durable frames after a position, one in memory at a time, of each segment as it is when the reader comes to it. What is
   * damaged is told and left out.
   */
  *read(after = 0): Generator<JournalFrame> {
    let segment = this.#segments.findLast(({ first }) => first <= after + 1) ?? this.#segments[0]
    while (segment) {
      const { first } = segment
      for (const found of framesIn(this.#disk, segment))
        if (!("payload" in found)) this.#onDamage(found)
        else if (found.position > after) yield found
      segment = this.#segments.find((other) => other.first > first)
    }
  }

  /** What was not synced may be lost; never throws. */
  close(): void {
    this.#letGo()
  }

  #writable(): { segment: Segment; file: DiskFile } {
    const newest = this.#segments.at(-1)
    const isFull = newest !== undefined && newest.bytes >= this.#segmentBytes
    // A segment that ends before it is safe could be found torn with a whole one behind it.
    if (!this.#file || (isFull && this.#durable === this.#position)) this.#begin()
    return { segment: this.#segments.at(-1) as Segment, file: this.#file as DiskFile }
  }

  #begin(): void {
    const first = this.#position + 1
    const path = join(this.#folder, `${String(first).padStart(16, "0")}${ending}`)
    const file = this.#disk.open(path)
    try {
      file.truncate(0)
      this.#disk.syncFolder(this.#folder)
    } catch (thrown) {
      file.close()
      throw thrown
    }
    this.#letGo()
    this.#file = file
    if (this.#segments.at(-1)?.first === first) this.#segments.pop()
    this.#segments.push({ path, first, bytes: 0, durable: 0 })
  }

  async #syncTo(position: number): Promise<void> {
    if (position <= this.#durable) return
    if (this.#lost && position <= this.#lost.position) throw this.#lost.failure
    const [segment, file] = [this.#segments.at(-1) as Segment, this.#file as DiskFile]
    const [reach, bytes] = [this.#position, segment.bytes]
    try {
      await file.sync()
    } catch (failure) {
      this.#giveUp(failure)
      throw failure
    }
    if (this.#file !== file) throw this.#lost?.failure
    this.#durable = reach
    segment.durable = bytes
  }

  /** Nothing after the last sync counts: it is cut off, as far as this disk still does what it is told. */
  #giveUp(failure: unknown): void {
    this.#lost = { position: this.#position, failure }
    const segment = this.#segments.at(-1)
    if (segment && this.#file && isCut(this.#file, segment.durable)) segment.bytes = segment.durable
    this.#letGo()
  }

  #letGo(): void {
    try {
      this.#file?.close()
    } catch {
      // The system has let it go in any case.
    }
    this.#file = undefined
  }
}

function isCut(file: DiskFile, bytes: number): boolean {
  try {
    file.truncate(bytes)
    return true
  } catch {
    return false
  }
}
