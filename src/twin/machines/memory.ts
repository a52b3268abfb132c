import { join } from "node:path"
import type { MachineContext } from "../machine.ts"

/** What a small controller remembers without power: its counters, as one JSON file. */
export class CounterMemory<Memory> {
  readonly #context: Pick<MachineContext, "files" | "folder">
  #kept = ""
  #work: Promise<void> = Promise.resolve()

  constructor(context: Pick<MachineContext, "files" | "folder">) {
    this.#context = context
  }

  /** Undefined at the first start. */
  async read(): Promise<Memory | undefined> {
    const bytes = await this.#context.files.read(this.#path)
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Memory)
  }

  /** Resolves once safe; the same again costs nothing. */
  async keep(memory: Memory): Promise<void> {
    const text = JSON.stringify(memory)
    if (text === this.#kept) return
    this.#kept = text
    const work = this.#work.then(() => this.#context.files.write(this.#path, text))
    this.#work = work.catch(() => {
      this.#kept = ""
    })
    await work
  }

  get #path(): string {
    return join(this.#context.folder, "memory.json")
  }
}
