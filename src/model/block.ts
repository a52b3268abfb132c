import type { Instant } from "./instant.ts"
import type { Quality } from "./quality.ts"
import type { TagId } from "./tag.ts"

declare const brand: unique symbol

/** Who measured: a device (or one numbered buffer of it) with its epoch, such as `dc-1/shots@7f3a`. A new epoch counts anew. */
export type SourceId = string & { readonly [brand]: "SourceId" }

export function sourceId(origin: { name: string; epoch: string }): SourceId {
  return `${origin.name}@${origin.epoch}` as SourceId
}

/**
 * A source of values from before, which their sender kept while it could not send: late by nature, so they are no
 * newest values.
 */
export function historySource(of: { device: string; epoch: string }): SourceId {
  return sourceId({ name: `${of.device}/history`, epoch: of.epoch })
}

export function isHistorySource(source: SourceId): boolean {
  return nameOf(source).endsWith("/history")
}

/** A source without its epoch: `dc-1/shots`. */
export function nameOf(source: SourceId): string {
  const at = source.lastIndexOf("@")
  return at < 0 ? source : source.slice(0, at)
}

/** Samples as columns: the unit that flows. Row i is one sample. Never an object per sample on the way. */
export interface Block {
  readonly source: SourceId
  /** Number of the first row in that source's count; rows count on. */
  readonly sequence: number
  /** When it entered the house (plant clock). */
  readonly received: Instant
  readonly length: number
  readonly tag: Uint32Array
  /** Source time; implausible source times are quarantined, not stored as truth. */
  readonly at: Float64Array
  /** Number (NaN is legal); boolean 0/1; text = id in the tag's dictionary. */
  readonly value: Float64Array
  readonly quality: Uint8Array
}

/** Collects rows into a block; grows by doubling, so a row costs no object. */
export class BlockWriter {
  #length = 0
  #tag: Uint32Array
  #at: Float64Array
  #value: Float64Array
  #quality: Uint8Array

  constructor(capacity = 256) {
    this.#tag = new Uint32Array(capacity)
    this.#at = new Float64Array(capacity)
    this.#value = new Float64Array(capacity)
    this.#quality = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** `value` is already a number: boolean 0/1, text as its dictionary id. */
  add(tag: TagId, at: Instant, value: number, quality: Quality): void {
    if (this.#length === this.#tag.length) this.#grow()
    const row = this.#length++
    this.#tag[row] = tag
    this.#at[row] = at
    this.#value[row] = value
    this.#quality[row] = quality
  }

  /** Gives the rows so far as a block and starts anew; the block owns its columns. */
  take(head: Pick<Block, "source" | "sequence" | "received">): Block {
    const length = this.#length
    this.#length = 0
    return {
      ...head,
      length,
      tag: this.#tag.slice(0, length),
      at: this.#at.slice(0, length),
      value: this.#value.slice(0, length),
      quality: this.#quality.slice(0, length),
    }
  }

  #grow(): void {
    const size = this.#tag.length * 2
    this.#tag = grown(this.#tag, new Uint32Array(size))
    this.#at = grown(this.#at, new Float64Array(size))
    this.#value = grown(this.#value, new Float64Array(size))
    this.#quality = grown(this.#quality, new Uint8Array(size))
  }
}

/** A longer column with what stood in it. */
export function grown<Column extends Uint32Array | Float64Array | Uint8Array>(
  from: Column,
  to: Column,
): Column {
  to.set(from)
  return to
}
