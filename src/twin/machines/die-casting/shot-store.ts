import { join } from "node:path"
import type { Files } from "../../../kernel/files.ts"
import type { Instant } from "../../../model/instant.ts"
import type { MachineMemory, Shot } from "./die-casting.ts"

export type KeptShot = Pick<Shot, "number" | "at" | "values">

interface Line {
  readonly shot?: KeptShot
  readonly memory: MachineMemory
}

/** What the machine's controller keeps without power: its ring of shots, its numbering and its last state. */
export class ShotStore {
  readonly #files: Files
  readonly #path: string
  readonly #epochPath: string
  readonly #capacity: number
  #shots: KeptShot[] = []
  #memory: MachineMemory | undefined
  #lines = 0
  #work: Promise<void> = Promise.resolve()

  constructor(options: { files: Files; folder: string; capacity: number }) {
    this.#files = options.files
    this.#path = join(options.folder, "shots.jsonl")
    this.#epochPath = join(options.folder, "epoch.json")
    this.#capacity = options.capacity
  }

  get shots(): readonly KeptShot[] {
    return this.#shots
  }

  get memory(): MachineMemory | undefined {
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
    this.#shots = []
    if (this.#memory) this.#memory = { ...this.#memory, shots: 0 }
  }

  /** Resolves once safe; only then may clients see the shots. */
  async keep(shots: readonly KeptShot[], memory: MachineMemory): Promise<void> {
    this.#memory = memory
    this.#shots = [...this.#shots, ...shots].slice(-this.#capacity)
    const lines = shots.length > 0 ? shots.map((shot) => ({ shot, memory })) : [{ memory }]
    const work = this.#work.then(() => this.#append(lines))
    this.#work = work.catch(() => {})
    await work
  }

  async #append(lines: readonly Line[]): Promise<void> {
    this.#lines += lines.length
    if (this.#lines > 2 * this.#capacity + 100) await this.#rewrite()
    else await this.#files.append(this.#path, lines.map((l) => `${JSON.stringify(l)}\n`).join(""))
  }

  async #rewrite(): Promise<void> {
    const memory = this.#memory
    const lines = memory ? [...this.#shots.map((shot) => ({ shot, memory })), { memory }] : []
    this.#lines = lines.length
    await this.#files.write(this.#path, lines.map((l) => `${JSON.stringify(l)}\n`).join(""))
  }

  /** The last line may be torn: the power went while it was written, and nobody has seen its shot. */
  #take(text: string): void {
    let line: Line
    try {
      line = JSON.parse(text) as Line
    } catch {
      return
    }
    this.#lines++
    this.#memory = line.memory
    if (line.shot) this.#shots = [...this.#shots, line.shot].slice(-this.#capacity)
  }
}
