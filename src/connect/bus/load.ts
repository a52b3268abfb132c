/** How much is under way, and when there is room for more. */
export class Load {
  readonly #most: { readonly messages: number; readonly bytes: number }
  readonly #room: (() => void)[] = []
  #messages = 0
  #bytes = 0

  constructor(most: { readonly messages: number; readonly bytes: number }) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#messages >= this.#most.messages || this.#bytes >= this.#most.bytes
  }

  add(messages: number, bytes: number): void {
    this.#messages += messages
    this.#bytes += bytes
  }

  remove(messages: number, bytes: number): void {
    this.add(-messages, -bytes)
    if (this.#room.length > 0 && !this.isFull) for (const resolve of this.#room.splice(0)) resolve()
  }

  /** Calls back as soon as there is room: at once, where there is. */
  whenRoom(then: () => void): void {
    if (this.isFull) this.#room.push(then)
    else then()
  }
}
