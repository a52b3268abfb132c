import { createHash } from "node:crypto"
import { join, parse } from "node:path"
import { tableLimits, writeTable } from "../../codec/table.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Deliver, Host, ResumeFrom } from "../connector.ts"
import { runOf, type Target, timesOf } from "../grid.ts"
import { deliveryOf } from "../records.ts"
import type { Drop } from "./drop.ts"
import type { FileOptions } from "./options.ts"
import { type ReadFile, readFile } from "./read.ts"

export const doneFolder = "done"
export const errorFolder = "errors"

const rowsAtOnce = 500
const mostErrors = 10_000

export interface TakeJob {
  readonly options: FileOptions
  readonly host: Host
  readonly drop: Drop
  readonly targets: readonly Target[]
  readonly deliver: Deliver
  readonly resumeFrom: ResumeFrom
  readonly signal: AbortSignal
}

/**
 * Takes finished files. A file's rows are records of a source whose epoch is the digest of its content: a file that was stored
 * in part before a stop goes on where it was, and one that is dropped a second time, under any name, is stored once.
 */
export class Taker {
  readonly #job: TakeJob
  /** Files that may not be read and were told of. */
  readonly #told = new Set<string>()

  constructor(job: TakeJob) {
    this.#job = job
  }

  async take(name: string): Promise<void> {
    const { drop, options, targets, signal } = this.#job
    const bytes = await this.#bytesOf(name)
    if (bytes instanceof Problem) return this.#leave(name, bytes)
    // Somebody writes again: it was not finished.
    if (!bytes || !(await drop.isUnchanged(name))) return
    const epoch = createHash("sha256").update(bytes).digest("hex").slice(0, 16)
    const read = await readFile(bytes, name, { options, targets }).catch(asProblem)
    if (read instanceof Problem) {
      await this.#tell(read)
      await this.#writeErrors(name, [read])
      return this.#move(name, errorFolder)
    }
    const problems = [...read.problems]
    for (const target of targets) problems.push(...(await this.#store(target, read, epoch)))
    if (signal.aborted) return
    if (problems.length > 0) await this.#writeErrors(name, problems)
    await this.#move(name, doneFolder)
  }

  /** Undefined where it has gone. */
  async #bytesOf(name: string): Promise<Uint8Array | Problem | undefined> {
    const { drop, host } = this.#job
    const look = await host.files.look(drop.pathOf(name))
    // Its beginning is enough to say that it is too large.
    if (look && look.bytes > tableLimits.bytes) return new Uint8Array(tableLimits.bytes + 1)
    try {
      return await host.files.read(drop.pathOf(name))
    } catch (thrown) {
      const what = `got "${messageOf(thrown)}", expected a file that this user may read`
      return new Problem("config-unreadable", name, what)
    }
  }

  /** Gives what is wrong in the rows, also in those that were durable before. */
  async #store(target: Target, { grid }: ReadFile, epoch: string): Promise<readonly Problem[]> {
    const { host, deliver, resumeFrom, signal } = this.#job
    const source = sourceId({ name: `${host.name}/${target.name}`, epoch })
    const durable = await resumeFrom(source)
    const received = host.clock.now()
    const times = timesOf(grid, received)
    const problems = times.flatMap(({ isOwn }, row) => {
      if (isOwn) return []
      const what = "got no time that can be read, expected one such as 2026-01-05 08:00:00"
      return [new Problem("time-implausible", grid.where(grid.time[0] ?? "", row), what)]
    })
    for (let from = 0; from < grid.rows.length && !signal.aborted; from += rowsAtOnce) {
      const to = Math.min(from + rowsAtOnce, grid.rows.length)
      const run = runOf(grid, target, { source, first: 1, from, to, received, times })
      const delivery = deliveryOf(run, host.registry)
      problems.push(...(delivery.refused ?? []))
      if (to > durable) await deliver(delivery)
    }
    return problems
  }

  async #leave(name: string, problem: Problem): Promise<void> {
    if (this.#told.has(name)) return
    this.#told.add(name)
    await this.#tell(problem)
  }

  async #tell(problem: Problem): Promise<void> {
    const { host, deliver } = this.#job
    const source = sourceId({ name: `${host.name}/files`, epoch: "0" })
    const head = { source, sequence: 0, received: host.clock.now() }
    await deliver({ block: new BlockWriter(1).take(head), refused: [problem] })
  }

  async #writeErrors(name: string, problems: readonly Problem[]): Promise<void> {
    const { drop, host } = this.#job
    const lines = new Map(problems.map((problem) => [problem.message, problem]))
    const rows = [...lines.values()]
      .slice(0, mostErrors)
      .map(({ where, what, hint }) => [where, what, hint])
    const head = [["place", "problem", "remedy"]]
    const bytes = await writeTable({ rows: [...head, ...rows] }, "csv")
    const path = join(drop.folder, errorFolder, `${name}.errors.csv`)
    await this.#orSay(host.files.write(path, bytes), path)
  }

  /** An older file of the same name stays; the newer gets a number. */
  async #move(name: string, folder: string): Promise<void> {
    const { drop, host } = this.#job
    const { name: stem, ext } = parse(name)
    let to = join(drop.folder, folder, name)
    for (let n = 2; (await host.files.look(to)) !== undefined; n++)
      to = join(drop.folder, folder, `${stem}.${n}${ext}`)
    await this.#orSay(host.files.move(drop.pathOf(name), to), to)
  }

  async #orSay(work: Promise<void>, path: string): Promise<void> {
    const { host } = this.#job
    await work.catch((cause) => {
      const what = `got "${messageOf(cause)}", expected that this user may write "${path}"`
      throw new Problem("config-unreadable", host.name, what, { cause })
    })
  }
}

function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  throw thrown
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
