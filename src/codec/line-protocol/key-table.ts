/** Keys made of bytes, numbered in the order in which they came; each belongs to an owner, and is looked up without a string. */
export class KeyTable {
  /** How many there are; numbers are 0 to `count` - 1. */
  count = 0
  #bytes = new Uint8Array(4096)
  #view = new DataView(this.#bytes.buffer)
  #used = 0
  #start = new Uint32Array(256)
  #length = new Uint32Array(256)
  #owner = new Uint32Array(256)
  #hash = new Int32Array(256)
  /** Number of the key that came after this one last time, itself where none did: most senders keep an order. */
  #next = new Uint32Array(256)
  /** Number + 1; 0 where free. */
  #slots = new Uint32Array(1024)

  /** Length of the key where the bytes at this place begin with it, else 0. */
  lengthAt(key: number, view: DataView, at: number): number {
    const length = this.#length[key] ?? 0
    if (length === 0 || at + length > view.byteLength) return 0
    const mine = this.#view
    const start = this.#start[key] ?? 0
    let i = 0
    for (; i + 4 <= length; i += 4)
      if (mine.getInt32(start + i, true) !== view.getInt32(at + i, true)) return 0
    for (; i < length; i++) if (mine.getUint8(start + i) !== view.getUint8(at + i)) return 0
    return length
  }

  /** The key that is expected after this one. */
  after(key: number): number {
    return this.#next[key] ?? 0
  }

  expect(next: number, after: number): void {
    this.#next[after] = next
  }

  lengthOf(key: number): number {
    return this.#length[key] ?? 0
  }

  /** Number of a key, or -1 where it is new. */
  find(key: Key): number {
    const mask = this.#slots.length - 1
    for (let slot = key.hash & mask; ; slot = (slot + 1) & mask) {
      const found = (this.#slots[slot] ?? 0) - 1
      if (found < 0) return -1
      if (
        this.#hash[found] === key.hash &&
        this.#owner[found] === key.owner &&
        this.#length[found] === key.length &&
        this.lengthAt(found, key.view, key.at) > 0
      )
        return found
    }
  }

  /** Keeps a copy of a key that is new, and gives its number. */
  add({ view, at, length, owner, hash }: Key): number {
    if (this.count === this.#start.length) this.#growKeys()
    while (this.#used + length > this.#bytes.length) this.#growBytes()
    if (this.count * 4 >= this.#slots.length) this.#growSlots()
    const number = this.count++
    this.#bytes.set(new Uint8Array(view.buffer, view.byteOffset + at, length), this.#used)
    this.#start[number] = this.#used
    this.#length[number] = length
    this.#owner[number] = owner
    this.#hash[number] = hash
    this.#next[number] = number
    this.#used += length
    this.#place(number)
    return number
  }

  bytesOf(key: number): Uint8Array {
    const start = this.#start[key] ?? 0
    return this.#bytes.subarray(start, start + this.lengthOf(key))
  }

  ownerOf(key: number): number {
    return this.#owner[key] ?? 0
  }

  #place(number: number): void {
    const mask = this.#slots.length - 1
    let slot = (this.#hash[number] ?? 0) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = number + 1
  }

  #growSlots(): void {
    this.#slots = new Uint32Array(this.#slots.length * 4)
    for (let number = 0; number < this.count; number++) this.#place(number)
  }

  #growBytes(): void {
    const bytes = new Uint8Array(this.#bytes.length * 2)
    bytes.set(this.#bytes)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }

  #growKeys(): void {
    const size = this.#start.length * 2
    this.#start = grown(this.#start, size)
    this.#length = grown(this.#length, size)
    this.#owner = grown(this.#owner, size)
    this.#next = grown(this.#next, size)
    const hash = new Int32Array(size)
    hash.set(this.#hash)
    this.#hash = hash
  }
}

/** Where a key stands in a message; filled anew for each that has to be looked up. */
export class Key {
  view: DataView = new DataView(new ArrayBuffer(0))
  at = 0
  length = 0
  owner = 0
  hash = 0
}

function grown(from: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(size)
  to.set(from)
  return to
}
