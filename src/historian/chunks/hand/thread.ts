import { type Transferable, Worker } from "node:worker_threads"
import type { Instant } from "../../../model/instant.ts"
import { Problem, type ProblemCode } from "../../../model/problem.ts"
import type { Batch, Forgetting, Found, Hand, Notes, Replayed, Sealing, Settling } from "./hand.ts"

/** A call of the hand's, as it goes to its thread. */
export interface Call {
  readonly id: number
  readonly name: keyof Hand
  readonly argument: unknown
}

/** The thread's answer. */
export interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly problem?: { readonly code: ProblemCode; readonly where: string; readonly what: string }
}

interface Asked {
  readonly done: (result: unknown) => void
  readonly failed: (problem: Problem) => void
}

/** A hand in a thread of its own, so that packing and writing hold up nobody. */
export class ThreadHand implements Hand {
  readonly #folder: string
  readonly #worker: Worker
  readonly #asked = new Map<number, Asked>()
  #calls = 0
  #ended: Problem | undefined

  /** `folder` is the history's own. */
  constructor(folder: string) {
    this.#folder = folder
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { folder } })
    this.#worker.on("message", (answer: Answer) => this.#take(answer))
    this.#worker.on("error", (thrown) => this.#end(String(thrown)))
    this.#worker.on("exit", () => this.#end("the history is closed"))
    this.#worker.unref()
  }

  start(): Promise<Found> {
    return this.#ask("start") as Promise<Found>
  }

  replay(): Promise<Replayed> {
    return this.#ask("replay") as Promise<Replayed>
  }

  write(batch: Batch): Promise<void> {
    return this.#ask("write", batch, [batch.rows.buffer]) as Promise<void>
  }

  note(notes: Notes): Promise<void> {
    return this.#ask("note", notes) as Promise<void>
  }

  seal(sealing: Sealing): Promise<readonly Instant[]> {
    return this.#ask("seal", sealing) as Promise<readonly Instant[]>
  }

  roll(): Promise<number> {
    return this.#ask("roll") as Promise<number>
  }

  settle(settling: Settling): Promise<void> {
    return this.#ask("settle", settling) as Promise<void>
  }

  forget(forgetting: Forgetting): Promise<readonly Instant[]> {
    return this.#ask("forget", forgetting) as Promise<readonly Instant[]>
  }

  removeEmpty(partitions: readonly Instant[]): Promise<readonly Instant[]> {
    return this.#ask("removeEmpty", partitions) as Promise<readonly Instant[]>
  }

  compact(): Promise<boolean> {
    return this.#ask("compact") as Promise<boolean>
  }

  async close(): Promise<void> {
    await this.#ask("close").catch(() => {})
    await this.#worker.terminate()
  }

  #ask(name: keyof Hand, argument?: unknown, moved: Transferable[] = []): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = ++this.#calls
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#asked.set(id, { done: resolve, failed: reject })
    // Who waits for an answer keeps the process running; an idle thread does not.
    this.#worker.ref()
    this.#worker.postMessage({ id, name, argument } satisfies Call, moved)
    return promise
  }

  #take({ id, result, problem }: Answer): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (this.#asked.size === 0) this.#worker.unref()
    if (problem) asked?.failed(new Problem(problem.code, problem.where, problem.what))
    else asked?.done(result)
  }

  #end(what: string): void {
    this.#ended ??= new Problem("store-failed", this.#folder, what)
    for (const { failed } of this.#asked.values()) failed(this.#ended)
    this.#asked.clear()
  }
}
