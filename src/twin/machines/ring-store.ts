import { join } from "node:path"
import type { Files } from "../../kernel/files.ts"
import type { Instant } from "../../model/instant.ts"

/** One record of a machine's ring; fields are by their address beneath it. */
export interface KeptRecord {
  readonly number: number
  readonly at: Instant
  readonly values: Readonly<Record<string, number | string>>
}

interface Line<Memory> {
  readonly record?: KeptRecord
  readonly memory: Memory
}

export interface RingStoreSetup<Memory> {
  readonly files: Files
  readonly folder: string
  /** Name of the file, such as `shots`. */
  readonly name: string
  readonly capacity: number
  /** What is left of the memory where the numbering starts anew. */
  readonly unnumbered: (memory: Memory) => Memory
}

/** What a machine's controller keeps without power: its ring of records, its numbering and its last state. */
export class RingStore<Memory> {
  readonly #files: Files
  readonly #path: string
  readonly #epochPath: string
  readonly #capacity: number
  readonly #unnumbered: (memory: Memory) => Memory
  #records: KeptRecord[] = []
  #memory: Memory | undefined
  #lines = 0
  #work: Promise<void> = Promise.resolve()

  constructor(setup: RingStoreSetup<Memory>) {
    this.#files = setup.files
    this.#path = join(setup.folder, `${setup.name}.jsonl`)
    this.#epochPath = join(setup.folder, "epoch.json")
    this.#capacity = setup.capacity
    this.#unnumbered = setup.unnumbered
  }

  get records(): readonly KeptRecord[] {
    return this.#records
  }

  get memory(): Memory | undefined {
    return this.#memory
  }

  /** Reads what was kept. Without `keep` the numbering starts anew, as in a controller without a battery. */
  async open(start: { at: Instant; keep: boolean }): Promise<{ epoch: string }> {
    const text = new TextDecoder().decode(await this.#files.read(this.#path))
    for (const line of text.split("\n")) this.#take(line)
    const known = new TextDecoder().decode(await this.#files.read(this.#epochPath))
    const last = known === "" ? undefined : (JSON.parse(known) as { epoch: string; starts: number })
    const goesOn = last !== undefined && start.keep
    if (!goesOn) this.#forgetNumbers()
    // Written anew each time: what is added later must not end up behind a torn line.
    await this.#rewrite()
    if (goesOn) return last
    const starts = (last?.starts ?? 0) + 1
    const epoch = `${Math.floor(start.at).toString(36)}-${starts}`
    await this.#files.write(this.#epochPath, JSON.stringify({ epoch, starts }))
    return { epoch }
  }

  #forgetNumbers(): void {
    this.#records = []
    if (this.#memory) this.#memory = this.#unnumbered(this.#memory)
  }

  /** Resolves once safe; only then may clients see the records. */
  async keep(records: readonly KeptRecord[], memory: Memory): Promise<void> {
    this.#memory = memory
    this.#records = [...this.#records, ...records].slice(-this.#capacity)
    const lines = records.length > 0 ? records.map((record) => ({ record, memory })) : [{ memory }]
    const work = this.#work.then(() => this.#append(lines))
    this.#work = work.catch(() => {})
    await work
  }

  async #append(lines: readonly Line<Memory>[]): Promise<void> {
    this.#lines += lines.length
    if (this.#lines > 2 * this.#capacity + 100) await this.#rewrite()
    else await this.#files.append(this.#path, lines.map((l) => `${JSON.stringify(l)}\n`).join(""))
  }

  async #rewrite(): Promise<void> {
    const memory = this.#memory
    const lines = memory ? [...this.#records.map((record) => ({ record, memory })), { memory }] : []
    this.#lines = lines.length
    await this.#files.write(this.#path, lines.map((l) => `${JSON.stringify(l)}\n`).join(""))
  }

  /** The last line may be torn: the power went while it was written, and nobody has seen its record. */
  #take(text: string): void {
    let line: Line<Memory>
    try {
      line = JSON.parse(text) as Line<Memory>
    } catch {
      return
    }
    this.#lines++
    this.#memory = line.memory
    if (line.record) this.#records = [...this.#records, line.record].slice(-this.#capacity)
  }
}
