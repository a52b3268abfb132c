import { createHash } from "node:crypto"
import { join } from "node:path"
import {
  addSources,
  askDatabase,
  copyDatabase,
} from "../../historian/chunks/upkeep/copy-database.ts"
import type { Files } from "../../kernel/files.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { type Manifest, manifestFile } from "./manifest.ts"

export interface BackupSource {
  readonly dataFolder: string
  /** With the files of the plant, as they were read; absent where they are not known. */
  readonly plant?: {
    readonly name: string
    readonly folder: string
    readonly files: readonly string[]
  }
  readonly files: Files
  /** Plant time. */
  readonly now: () => Instant
  readonly version: string
  /** SHA-256 of files that whoever asks has already: they are named, not sent. */
  readonly have: ReadonlySet<string>
}

/** A file of a backup on its way. The manifest is the last. */
export interface BackupPart {
  readonly path: string
  readonly bytes: number
  readonly content: AsyncIterable<Uint8Array>
}

/** Copies stand here until they are sent; on the data folder's disk, so that the log's files need only another name. */
const stagingFolder = "backup.tmp"
/** What belongs to the process that runs, and what can be made again. */
const leftOut = [
  /^lock\./,
  /^trial$/,
  /^backup\.tmp$/,
  /^history\/ballast$/,
  /\.writing$/,
  /-(wal|shm|journal)$/,
]

type Sums = { path: string; bytes: number; sha256: string }[]

/**
 * A data folder as it is, while Moru runs or not: every sample, cycle and record that was acknowledged before it began is
 * in it. First the catalog, then the log, then the partitions: what leaves the log meanwhile has reached them. The records
 * come last, so that they know every tag of the samples. Each part has to be read before the next. Throws `store-failed`,
 * and what the disk throws.
 */
export async function* makeBackup(
  source: BackupSource,
  signal: AbortSignal,
): AsyncGenerator<BackupPart> {
  const { dataFolder, files } = source
  const staging = join(dataFolder, stagingFolder)
  await files.remove(staging)
  const copies = new Copies(source, staging)
  const sums: Sums = []
  const at = source.now()
  try {
    const until = source.now()
    await copies.takeLog()
    for await (const part of copies.all()) {
      signal.throwIfAborted()
      const sent = await send(part, source, sums)
      if (sent) yield sent
      await files.remove(join(staging, part.path))
    }
    const manifest: Manifest = {
      ...{ moru: "backup", format: 1, version: source.version, at },
      ...(source.plant && { plant: source.plant.name }),
      until: { samples: until, ledger: copies.tip },
      counts: copies.counts,
      files: sums,
    }
    const bytes = new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`)
    yield { path: manifestFile, bytes: bytes.length, content: once(bytes) }
  } finally {
    await files.remove(staging)
  }
}

interface Part {
  /** In the backup. */
  readonly path: string
  /** Where it is read. */
  readonly from: string
  /** Where it grows: as far as it is taken. */
  readonly bytes?: number
}

class Copies {
  readonly #source: BackupSource
  readonly #staging: string
  readonly counts = { samples: 0, cycles: 0, records: 0 }
  tip = { number: 0, hash: "" }
  readonly #log: Part[] = []

  constructor(source: BackupSource, staging: string) {
    this.#source = source
    this.#staging = staging
  }

  async takeLog(): Promise<void> {
    const { dataFolder, files } = this.#source
    const hasCatalog = await this.#copy(catalog)
    for (const name of await files.list(join(dataFolder, "history", "journal"))) {
      const path = `history/journal/${name}`
      const bytes = await this.#link(path)
      if (bytes !== undefined) this.#log.push({ path, from: join(this.#staging, path), bytes })
    }
    if (hasCatalog) addSources(join(dataFolder, catalog), join(this.#staging, catalog))
  }

  async *all(): AsyncGenerator<Part> {
    const { files } = this.#source
    const paths = await this.#walk("")
    const others = paths.filter((path) => !path.startsWith("history/") && path !== "store.db")
    if (await files.look(join(this.#staging, catalog))) yield this.#catalog()
    yield* this.#log
    for (const path of others)
      if (!path.endsWith(".db")) yield { path, from: join(this.#source.dataFolder, path) }
      else if (await this.#copy(path)) yield this.#staged(path)
    for (const path of await this.#walk("history"))
      if (isPartition(path) && path !== catalog && (await this.#copy(path)))
        yield this.#partition(path)
    if (await this.#copy("store.db")) yield this.#records()
    const { plant } = this.#source
    for (const path of plant?.files ?? [])
      yield { path: `plant/${path}`, from: join(plant?.folder ?? "", path) }
  }

  #staged(path: string): Part {
    return { path, from: join(this.#staging, path) }
  }

  #catalog(): Part {
    const part = this.#staged(catalog)
    this.counts.cycles = Number(askDatabase(part.from, "SELECT count(*) AS n FROM cycle").n)
    return part
  }

  #partition(path: string): Part {
    const part = this.#staged(path)
    if (!/\.rollup\.db$/.test(path))
      this.counts.samples += Number(askDatabase(part.from, partitionCount).n)
    return part
  }

  #records(): Part {
    const part = this.#staged("store.db")
    this.counts.records = Number(askDatabase(part.from, "SELECT count(*) AS n FROM record").n)
    const last = "SELECT number, hash FROM record ORDER BY number DESC LIMIT 1"
    const { number = 0, hash = "" } = askDatabase(part.from, last)
    this.tip = { number: Number(number), hash: String(hash) }
    return part
  }

  /** False where it is gone by now: retention took it. */
  async #copy(path: string): Promise<boolean> {
    const { dataFolder, files } = this.#source
    if ((await files.look(join(dataFolder, path)))?.kind !== "file") return false
    const to = join(this.#staging, path)
    await files.makeFolder(join(to, ".."))
    await copyDatabase(join(dataFolder, path), to)
    return true
  }

  /** How long it is; undefined where it is gone by now: its rows are in partitions. */
  async #link(path: string): Promise<number | undefined> {
    const { dataFolder, files } = this.#source
    const to = join(this.#staging, path)
    try {
      await files.link(join(dataFolder, path), to)
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined
      throw thrown
    }
    return (await files.look(to))?.bytes
  }

  /** Paths of files beneath, in order. */
  async #walk(folder: string): Promise<string[]> {
    const { dataFolder, files } = this.#source
    const found: string[] = []
    for (const name of await files.list(join(dataFolder, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`
      if (leftOut.some((pattern) => pattern.test(path))) continue
      const look = await files.look(join(dataFolder, path))
      if (look?.kind === "file") found.push(path)
      else if (look?.kind === "folder") found.push(...(await this.#walk(path)))
    }
    return found
  }
}

const catalog = "history/catalog.db"

function isPartition(path: string): boolean {
  return /^history\/[^/]+\.db$/.test(path)
}

const partitionCount = "SELECT coalesce(sum(count), 0) AS n FROM chunk"

/** The part with its sum noted as it is read; undefined where whoever asks has it. */
async function send(part: Part, source: BackupSource, sums: Sums): Promise<BackupPart | undefined> {
  const { files, have } = source
  const { path, from } = part
  const known = part.bytes ?? (await files.look(from))?.bytes
  if (known === undefined) return undefined
  const bytes = known
  if (have.size > 0 && isPartition(path)) {
    const hash = createHash("sha256")
    for await (const piece of files.pieces(from)) hash.update(piece)
    const sha256 = hash.digest("hex")
    if (have.has(sha256)) {
      sums.push({ path, bytes, sha256 })
      return undefined
    }
  }
  async function* content(): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256")
    let sent = 0
    // A file that grows meanwhile counts as it was when it was looked at.
    for await (const piece of files.pieces(from, bytes)) {
      hash.update(piece)
      sent += piece.length
      yield piece
    }
    if (sent < bytes)
      throw new Problem("store-failed", from, `got ${sent} bytes, expected ${bytes}`)
    sums.push({ path, bytes, sha256: hash.digest("hex") })
  }
  return { path, bytes, content: content() }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
