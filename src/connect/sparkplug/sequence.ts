import type { Instant } from "../../model/instant.ts"

/** A message that waits for those before it. */
export interface Held<Message> {
  readonly seq: number
  /** When its sender says that it was sent. */
  readonly sentAt: Instant
  readonly bytes: number
  readonly message: Message
}

/** Numbers run from 0 to 255 and begin anew (tck-id-payloads-sequence-num-incrementing). */
const numbers = 256

/** Puts the messages of one edge node in their order. */
export class Sequence<Message> {
  /** Undefined until a birth begins the count. */
  #next: number | undefined
  readonly #held = new Map<number, Held<Message>>()
  readonly #letGo: (message: Message) => void

  /** `letGo` hears of messages that never have their turn. */
  constructor(letGo: (message: Message) => void = () => {}) {
    this.#letGo = letGo
  }

  get isWaiting(): boolean {
    return this.#held.size > 0
  }

  get heldBytes(): number {
    return [...this.#held.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** What to do with a message: take it now, hold it, or know that its number has passed. */
  placeOf(seq: number): "next" | "early" | "late" {
    if (this.#held.has(seq)) return "late"
    if (this.#next === undefined) return "early"
    const ahead = (seq - this.#next + numbers) % numbers
    if (ahead === 0) return "next"
    return ahead < numbers / 2 ? "early" : "late"
  }

  hold(held: Held<Message>): void {
    this.#held.set(held.seq, held)
  }

  /** A birth: the count goes on behind it. What was sent before it is let go. */
  begin(seq: number, sentAt: Instant): void {
    this.#next = (seq + 1) % numbers
    for (const held of this.#held.values())
      if (held.sentAt < sentAt) {
        this.#held.delete(held.seq)
        this.#letGo(held.message)
      }
  }

  /** The message with the next number was taken. */
  advance(): void {
    if (this.#next !== undefined) this.#next = (this.#next + 1) % numbers
  }

  /** The held message whose turn it is. */
  takeReady(): Held<Message> | undefined {
    const held = this.#next === undefined ? undefined : this.#held.get(this.#next)
    if (held) this.#held.delete(held.seq)
    return held
  }

  /** Waits no longer: gives what is held, in order, and how many are missing between. Before a birth all is let go. */
  giveUp(): { readonly missing: number; readonly held: readonly Held<Message>[] } {
    const next = this.#next
    const ahead = ({ seq }: Held<Message>) => (seq - (next ?? 0) + numbers) % numbers
    const held = [...this.#held.values()].sort((a, b) => ahead(a) - ahead(b))
    this.#held.clear()
    const last = held.at(-1)
    if (next === undefined || !last) {
      for (const { message } of held) this.#letGo(message)
      return { missing: 0, held: [] }
    }
    this.#next = (last.seq + 1) % numbers
    return { missing: ahead(last) + 1 - held.length, held }
  }
}
