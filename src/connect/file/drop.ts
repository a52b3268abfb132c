import { join } from "node:path"
import type { FileLook } from "../../kernel/files.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { Instant } from "../../model/instant.ts"
import type { Host } from "../connector.ts"
import type { FileOptions } from "./options.ts"

/** Names under which programs keep what they have not finished. */
const unfinished = /^(~\$|\.)|\.(tmp|part|partial|crdownload|writing)$|~$/i

/** Looked at in one go; the next come when these are moved away. */
const mostFiles = 1000

interface Seen {
  readonly look: FileLook
  readonly since: Instant
}

/** A folder into which others write. Knows which files are finished; takes nothing but files of the folder itself. */
export class Drop {
  readonly folder: string
  readonly #host: Host
  readonly #settleMs: number
  readonly #matches: (name: string) => boolean
  #seen = new Map<string, Seen>()

  constructor(folder: string, { pattern, settle }: FileOptions, host: Host) {
    this.folder = folder
    this.#host = host
    this.#settleMs = parseDuration(settle) * (host.clock.speed ?? 1)
    this.#matches = matcherOf(pattern)
  }

  /** Names of files that stood still long enough, in their order. Links are left where they are. */
  async finished(): Promise<readonly string[]> {
    const { clock } = this.#host
    const seen = new Map<string, Seen>()
    const finished: string[] = []
    for (const { name, look } of await this.matching(this.folder)) {
      const before = this.#seen.get(name)
      const stands = before !== undefined && isSame(before.look, look)
      const since = stands ? before.since : clock.now()
      seen.set(name, { look, since })
      if (clock.now() - since >= this.#settleMs) finished.push(name)
    }
    this.#seen = seen
    return finished
  }

  /** The files of the drop's kind in a folder, finished or not. */
  async matching(folder: string): Promise<readonly { name: string; look: FileLook }[]> {
    const { files } = this.#host
    const found: { name: string; look: FileLook }[] = []
    for (const name of await files.list(folder)) {
      if (unfinished.test(name) || !this.#matches(name)) continue
      const look = await files.look(join(folder, name))
      if (look?.kind === "file") found.push({ name, look })
      if (found.length === mostFiles) break
    }
    return found
  }

  /** True where the file is still as it was when it was found to be finished. */
  async isUnchanged(name: string): Promise<boolean> {
    const [before, look] = [this.#seen.get(name), await this.#host.files.look(this.pathOf(name))]
    return before !== undefined && look?.kind === "file" && isSame(before.look, look)
  }

  pathOf(name: string): string {
    return join(this.folder, name)
  }
}

function isSame(a: FileLook, b: FileLook): boolean {
  return a.bytes === b.bytes && a.changedAt === b.changedAt
}

/** `*` stands for any characters; upper and lower case are one, for people and programs do not agree about them. */
function matcherOf(pattern: string): (name: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
  const expression = new RegExp(`^${parts.join("[^/]*?")}$`, "is")
  return (name) => expression.test(name)
}
