import type { Log } from "../../kernel/log.ts"
import type { Command, Write } from "../../model/command.ts"
import type { Path } from "../../model/path.ts"
import { quality } from "../../model/quality.ts"
import type { Sample, Value } from "../../model/tag.ts"
import { type Namespace, tagAt, type Values } from "../../namespace/namespace.ts"
import { ask, type Line } from "./attempt.ts"

export function writesOf(command: Command): readonly Write[] {
  return "writes" in command.body ? command.body.writes : []
}

/** Reads from the machines themselves what the writes stand on: their targets and interlocks that are not fresh. */
export class MachineReader {
  readonly #line: Line
  readonly #namespace: Namespace
  readonly #log: Log

  constructor(line: Line, namespace: Namespace, log: Log) {
    this.#line = line
    this.#namespace = namespace
    this.#log = log
  }

  /** What could not be read is missing in the answer. */
  async targets(writes: readonly Write[]): Promise<ReadonlyMap<Path, Value>> {
    return this.#read(writes.map((write) => write.target))
  }

  /**
   * The values of the moment. A machine that reports only changes leaves a steady interlock old, so an old one is
   * asked for once before its guard has to refuse.
   */
  async values(writes: readonly Write[]): Promise<Values> {
    const values = this.#namespace.snapshot()
    const fresh = await this.#read([...this.#oldInterlocks(writes, values)])
    const at = this.#line.clock.now()
    const samples = new Map<Path, Sample>()
    for (const [path, value] of fresh) {
      const tag = this.#namespace.idOf(path)
      if (tag !== undefined) samples.set(path, { tag, at, value, quality: quality.good })
    }
    return {
      at,
      get: (path) => samples.get(path) ?? values.get(path),
      ageMs: (path) => {
        const sample = samples.get(path) ?? values.get(path)
        return sample === undefined ? undefined : at - sample.at
      },
    }
  }

  #oldInterlocks(writes: readonly Write[], values: Values): ReadonlySet<Path> {
    const old = new Set<Path>()
    for (const { target } of writes) {
      for (const { tag, withinMs } of tagAt(this.#namespace, target)?.tag.writable?.interlocks ??
        []) {
        const age = values.ageMs(tag)
        const known = tagAt(this.#namespace, tag)?.tag
        if (known && (age === undefined || age > Math.min(withinMs, known.staleAfterMs)))
          old.add(tag)
      }
    }
    return old
  }

  async #read(paths: readonly Path[]): Promise<ReadonlyMap<Path, Value>> {
    const line = this.#line
    const values = new Map<Path, Value>()
    for (const path of paths) {
      try {
        const read = (signal: AbortSignal) => line.actuator.read(path, signal)
        values.set(path, await ask(line.readBackTimeoutMs, { line, target: path }, read))
      } catch (thrown) {
        this.#log.warn("a value could not be read from the machine", { path, because: `${thrown}` })
      }
    }
    return values
  }
}
