import { join, resolve } from "node:path"
import { readNumber } from "../../codec/number.ts"
import { kindOf } from "../../codec/recording.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import { Problem } from "../../model/problem.ts"
import type { Deliver, Device, FoundPoint, Host, ResumeFrom, Wanted } from "../connector.ts"
import { targetsOf } from "../grid.ts"
import { checkZone } from "../times.ts"
import { Drop } from "./drop.ts"
import type { FileOptions } from "./options.ts"
import { readHeader } from "./read.ts"
import { doneFolder, errorFolder, Taker } from "./take.ts"

/** A folder whose finished files are stored, each row once, and moved away when they are durable. */
export class FileDevice implements Device {
  readonly #options: FileOptions
  readonly #host: Host
  readonly #drop: Drop

  constructor(options: FileOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#drop = new Drop(resolve(host.plantFolder, options.folder), options, host)
  }

  async connect(): Promise<void> {
    const { files, name } = this.#host
    const { folder } = this.#drop
    checkZone(this.#options.zone, name)
    for (const within of [".", doneFolder, errorFolder]) {
      const look = await files.look(join(folder, within))
      if (look?.kind === "folder" || (within !== "." && !look)) continue
      const got = look ? "something else, or a link," : "nothing"
      const what = `got ${got} at "${join(this.#options.folder, within)}", expected a folder`
      throw new Problem("config-unreadable", name, what)
    }
  }

  async follow(
    wanted: Wanted,
    deliver: Deliver,
    resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const [options, host, drop] = [this.#options, this.#host, this.#drop]
    const targets = targetsOf(wanted)
    const taker = new Taker({ options, host, drop, targets, deliver, resumeFrom, signal })
    while (!signal.aborted) {
      for (const name of await drop.finished()) {
        if (signal.aborted) return
        await taker.take(name)
      }
      if (!(await host.files.look(drop.folder)))
        throw new Problem("connection-lost", host.name, `got nothing at "${drop.folder}" any more`)
      await host.clock.sleep(parseDuration(options.period), signal).catch(() => {})
    }
  }

  /** The columns of the first file that waits, or else of one that was stored. */
  async *browse(): AsyncIterable<FoundPoint> {
    const { files, name: device } = this.#host
    const { folder } = this.#drop
    for (const within of [folder, join(folder, doneFolder)]) {
      const [first] = await this.#drop.matching(within)
      const bytes = first && (await files.read(join(within, first.name)))
      if (!first || !bytes) continue
      for (const { header, cells } of await readHeader(bytes, first.name, this.#options)) {
        const sample = cells.find((cell) => cell !== null) ?? null
        const texts = cells.map((cell) => (typeof cell === "object" ? "" : String(cell)))
        const kind = typeof sample === "boolean" ? "boolean" : kindOf(texts).kind
        const value = kind === "number" ? readNumber(String(sample)) : sample
        yield {
          ...{ address: header, name: header, kind, writable: false },
          ...(typeof value !== "object" && value !== undefined && { value }),
        }
      }
      return
    }
    throw new Problem("not-found", device, "got no file yet, expected one to read columns from")
  }

  async close(): Promise<void> {}
}
