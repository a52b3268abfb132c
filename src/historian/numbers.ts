/** Whole numbers from 0 on, most of them in runs: a bit each, in pages that are made where a number falls. */
export class Numbers {
  readonly #pages = new Map<number, Uint32Array>()
  #lastPage = -1
  #lastBits: Uint32Array = new Uint32Array(0)
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  size = 0

  add(number: number): void {
    const page = Math.floor(number / pageSize)
    if (page !== this.#lastPage) this.#turnTo(page)
    const place = number - page * pageSize
    const word = place >>> 5
    const bit = 1 << (place & 31)
    const bits = this.#lastBits[word] ?? 0
    if ((bits & bit) !== 0) return
    this.#lastBits[word] = bits | bit
    this.size += 1
    if (number < this.min) this.min = number
    if (number > this.max) this.max = number
  }

  has(number: number): boolean {
    const page = Math.floor(number / pageSize)
    const bits = this.#pages.get(page)
    if (!bits) return false
    const place = number - page * pageSize
    return ((bits[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0
  }

  /** What is missing between the least and the greatest, ascending, at most so many runs. */
  holes(most: number): readonly Run[] {
    const found: Run[] = []
    if (this.size === 0 || this.size === this.max - this.min + 1) return found
    let first: number | undefined
    for (let n = this.min; n <= this.max && found.length < most; n++) {
      const isThere = this.has(n)
      if (isThere && first !== undefined) {
        found.push({ first, last: n - 1 })
        first = undefined
      } else if (!isThere) {
        first ??= n
        n = this.#beforeNext(n)
      }
    }
    return found
  }

  /** The last of the numbers from `n` on that stand on an empty page, so that a far hole is crossed at once. */
  #beforeNext(n: number): number {
    let page = Math.floor(n / pageSize)
    if (this.#pages.has(page)) return n
    const pages = [...this.#pages.keys()].filter((each) => each > page)
    page = pages.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY)
    return Number.isFinite(page) ? page * pageSize - 1 : n
  }

  #turnTo(page: number): void {
    let bits = this.#pages.get(page)
    if (!bits) {
      bits = new Uint32Array(pageSize / 32)
      this.#pages.set(page, bits)
    }
    this.#lastPage = page
    this.#lastBits = bits
  }
}

/** Both ends belong to it. */
export interface Run {
  readonly first: number
  readonly last: number
}

const pageSize = 65_536
