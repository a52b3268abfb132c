import { type ChildProcess, fork } from "node:child_process"
import { constants, setPriority } from "node:os"
import { join } from "node:path"
import type { StoredBlock } from "../../historian/historian.ts"
import { Problem } from "../../model/problem.ts"
import type { ExportTag } from "../export.ts"
import { blocksOf } from "../rows.ts"
import {
  type SqlAnswer,
  type SqlEngine,
  type SqlQuestion,
  type SqlSource,
  sqlLimits,
} from "../sql.ts"
import type { FromProcess, RowsMessage, ToProcess } from "./messages.ts"

export interface SqlProcessOptions {
  /** Default: `sqlLimits.ms`. */
  readonly ms?: number
  /** For the process's own runtime. */
  readonly execArgv?: readonly string[]
}

/** Answers each query by DuckDB in a process of its own, walled in, one at a time. */
export class SqlProcess implements SqlEngine {
  readonly #options: SqlProcessOptions
  #busy = false

  constructor(options: SqlProcessOptions = {}) {
    this.#options = options
  }

  async ask(question: SqlQuestion, source: SqlSource, signal: AbortSignal): Promise<SqlAnswer> {
    if (this.#busy) throw new Problem("too-many-requests", "sql", "another query is running")
    this.#busy = true
    const late = AbortSignal.timeout(this.#options.ms ?? sqlLimits.ms)
    const run = new Run(this.#options.execArgv ?? [], AbortSignal.any([signal, late]))
    try {
      return await run.ask(question, source)
    } catch (thrown) {
      signal.throwIfAborted()
      if (late.aborted) throw tooLarge(`it took longer than ${sqlLimits.ms / 1000} s`)
      throw thrown
    } finally {
      await run.end()
      this.#busy = false
    }
  }
}

/** One process with its one query. */
class Run {
  readonly #child: ChildProcess
  readonly #signal: AbortSignal
  readonly #exited: Promise<void>
  #answered: PromiseWithResolvers<FromProcess> | undefined
  #samples = 0
  #cycles = 0

  constructor(execArgv: readonly string[], signal: AbortSignal) {
    this.#signal = signal
    this.#child = fork(join(import.meta.dirname, "main.ts"), {
      ...{ serialization: "advanced", stdio: ["ignore", "ignore", "ignore", "ipc"], env: {} },
      execArgv: ["--max-old-space-size=256", "--disable-warning=ExperimentalWarning", ...execArgv],
    })
    this.#exited = new Promise((done) => {
      this.#child.once("exit", () => done())
      this.#child.once("error", () => done())
    })
    this.#child.on("message", (message: FromProcess) => this.#answered?.resolve(message))
    const { pid } = this.#child
    // What the plant sends and people look at goes first.
    if (pid !== undefined) yieldTo(pid)
    void this.#exited.then(() =>
      this.#answered?.reject(tooLarge("its process ended, most likely for want of memory")),
    )
    signal.addEventListener("abort", this.#stop, { once: true })
  }

  async ask(question: SqlQuestion, source: SqlSource): Promise<SqlAnswer> {
    const { sql, timezone, tags, limit, after } = question
    const needs = await this.#say({ kind: "ask", sql, timezone }, "needs")
    if (needs.samples) {
      const told = tags.map(({ id, path, unit, kind }) => ({
        ...{ id, path, unit, isText: kind === "text" },
      }))
      await this.#say({ kind: "tags", tags: told }, "took")
      await this.#tellSamples(question, source)
    }
    if (needs.cycles) await this.#tellCycles(question, source)
    const { kind, ...answer } = await this.#say({ kind: "run", limit, after }, "answer")
    return { ...answer, samples: this.#samples, cycles: this.#cycles }
  }

  /** Gone when it resolves. */
  async end(): Promise<void> {
    this.#signal.removeEventListener("abort", this.#stop)
    this.#child.kill("SIGKILL")
    await this.#exited
  }

  readonly #stop = () => {
    this.#answered?.reject(this.#signal.reason)
    this.#child.kill("SIGKILL")
  }

  async #tellSamples(question: SqlQuestion, source: SqlSource): Promise<void> {
    const words = new Words(source)
    for await (const { tag, block } of blocksOf(question, source, this.#signal)) {
      this.#samples += block.length
      if (this.#samples > sqlLimits.samples)
        throw tooLarge(`the tags have more than ${sqlLimits.samples} samples in this time`)
      await this.#say(words.messageOf(tag, block), "took")
    }
  }

  async #tellCycles({ from, to }: SqlQuestion, source: SqlSource): Promise<void> {
    const cycles = await source.cycles.read({ from, to, limit: sqlLimits.cycles + 1 })
    this.#cycles = cycles.length
    if (cycles.length > sqlLimits.cycles)
      throw tooLarge(`there are more than ${sqlLimits.cycles} cycles in this time`)
    for (let i = 0; i < cycles.length; i += 1000)
      await this.#say({ kind: "cycles", cycles: cycles.slice(i, i + 1000) }, "took")
  }

  async #say<Kind extends FromProcess["kind"]>(
    message: ToProcess,
    expected: Kind,
  ): Promise<Extract<FromProcess, { kind: Kind }>> {
    this.#signal.throwIfAborted()
    const answered = Promise.withResolvers<FromProcess>()
    this.#answered = answered
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      answered.reject(tooLarge("its process ended"))
    else this.#child.send(message, (failed) => failed && answered.reject(failed))
    const answer = await answered.promise
    if (answer.kind === "problem") throw new Problem(answer.code, "sql", answer.what)
    if (answer.kind !== expected) throw new Error(`got ${answer.kind}, expected ${expected}`)
    return answer as Extract<FromProcess, { kind: Kind }>
  }
}

/** Numbers the sources and names the texts that rows are the first to use. */
class Words {
  readonly #source: SqlSource
  readonly #sources = new Map<string, number>()
  readonly #texts = new Map<number, Set<number>>()

  constructor(source: SqlSource) {
    this.#source = source
  }

  messageOf(tag: ExportTag, block: StoredBlock): RowsMessage {
    const newSources: [number, string][] = []
    const ids = block.sources.map((name) => {
      const id = this.#sources.get(name) ?? this.#sources.size
      if (id === this.#sources.size) newSources.push([id, name])
      this.#sources.set(name, id)
      return id
    })
    const { length } = block
    return {
      ...{ kind: "rows", tag: tag.id, newSources, newTexts: this.#newTexts(tag, block) },
      source: block.origin.subarray(0, length).map((place) => ids[place] ?? 0),
      at: block.at.subarray(0, length),
      value: block.value.subarray(0, length),
      quality: block.quality.subarray(0, length),
      number: block.number.subarray(0, length),
    }
  }

  #newTexts(tag: ExportTag, block: StoredBlock): [number, string][] {
    if (tag.kind !== "text") return []
    const told = this.#texts.get(tag.id) ?? new Set()
    this.#texts.set(tag.id, told)
    const fresh: [number, string][] = []
    for (let row = 0; row < block.length; row++) {
      const id = block.value[row] ?? Number.NaN
      if (told.has(id)) continue
      told.add(id)
      const text = this.#source.textOf(tag.id, id)
      if (text !== undefined) fresh.push([id, text])
    }
    return fresh
  }
}

function tooLarge(what: string): Problem {
  return new Problem("query-too-large", "sql", what)
}

function yieldTo(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // It has ended already, or this computer knows no priorities.
  }
}
