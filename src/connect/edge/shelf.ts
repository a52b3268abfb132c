import { join } from "node:path"
import { type ParcelHead, parcelHead } from "../../codec/delivery.ts"
import type { Disk } from "../../kernel/disk.ts"
import { type Damage, type Journal, type JournalFrame, openJournal } from "../../kernel/journal.ts"

export interface ShelfOptions {
  readonly disk: Disk
  readonly folder: string
  readonly segmentBytes: number
  readonly onDamage: (damage: Damage) => void
}

/** A parcel as it stands on a shelf. */
export interface Shelved {
  readonly head: ParcelHead
  readonly bytes: Uint8Array
}

/** Parcels on the disk, oldest first, until they are passed. Made by `openShelf`. */
export class Shelf {
  readonly #journal: Journal
  /** Of the last parcel that was passed. */
  #passed = 0
  #reader: Generator<JournalFrame> | undefined
  /** Read already, oldest first. */
  readonly #ahead: { readonly position: number; readonly parcel: Shelved }[] = []
  /** Number of the last entry of the newest parcel; 0 where none is known. */
  readonly last: number

  constructor(journal: Journal, last: number) {
    this.#journal = journal
    this.#passed = journal.first - 1
    this.last = last
  }

  get bytes(): number {
    return this.isEmpty ? 0 : this.#journal.bytes
  }

  get isEmpty(): boolean {
    return this.#passed >= this.#journal.durable
  }

  /** Durable when it resolves. */
  async put(bytes: Uint8Array): Promise<void> {
    this.#journal.append([bytes])
    await this.#journal.sync()
  }

  /** The oldest parcel; undefined where there is none. */
  peek(): Shelved | undefined {
    return this.look(1)[0]
  }

  /** The oldest parcels up to so many bytes, at least one where there is any. What is damaged is told and left out. */
  look(bytes: number): readonly Shelved[] {
    let count = 0
    for (let sum = 0; sum < bytes; count++) {
      const one = this.#ahead[count] ?? this.#readNext()
      if (!one) break
      sum += one.parcel.bytes.length
    }
    return this.#ahead.slice(0, count).map(({ parcel }) => parcel)
  }

  /** The oldest parcels have gone their way: a segment is given free once all of it is passed. */
  async pass(count = 1): Promise<void> {
    const gone = this.#ahead.splice(0, count).at(-1)
    if (gone) this.#passed = gone.position
    if (this.isEmpty) {
      this.#endReading()
      await this.#journal.roll()
    }
    this.#journal.dropBefore(this.#passed + 1)
  }

  close(): void {
    this.#endReading()
    this.#journal.close()
  }

  #readNext() {
    const after = this.#ahead.at(-1)?.position ?? this.#passed
    const { durable } = this.#journal
    if (after >= durable) return undefined
    let frame = this.#reader?.next().value
    if (frame?.position !== after + 1) {
      // A reader knows a segment as it was when it came to it: what was put there since, it leaves out.
      this.#endReading()
      this.#reader = this.#journal.read(after)
      frame = this.#reader.next().value
    }
    if (!frame) {
      this.#reader = undefined
      // Nothing whole stands there.
      if (this.#ahead.length === 0) this.#passed = durable
      return undefined
    }
    const { position, payload: bytes } = frame
    const one = { position, parcel: { head: parcelHead(bytes), bytes } }
    this.#ahead.push(one)
    return one
  }

  #endReading(): void {
    this.#reader?.return(undefined)
    this.#reader = undefined
  }
}

export async function openShelf(options: ShelfOptions, name: string): Promise<Shelf> {
  const journal = await openJournal({ ...options, folder: join(options.folder, name) })
  let last = 0
  for (const { payload } of journal.read(Math.max(0, journal.position - 1)))
    last = parcelHead(payload).last
  return new Shelf(journal, last)
}
