import { join, resolve } from "node:path"
import { formatIso } from "../../codec/iso-time.ts"
import { readTar } from "../../codec/tar.ts"
import { sizeText } from "../../historian/storage.ts"
import { SystemClock } from "../../kernel/clock/system.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { Problem } from "../../model/problem.ts"
import { asTar, fromTar, openEarlier, writeFolder } from "../../moru/backup/folder.ts"
import { makeBackup } from "../../moru/backup/make.ts"
import { type Manifest, manifestFile, parseManifest } from "../../moru/backup/manifest.ts"
import { plantFilesIn } from "../../moru/backup/plant-files.ts"
import { version } from "../../moru/version.ts"
import { lockFolder } from "../../store/sqlite/lock.ts"
import { databaseFile } from "../../store/sqlite/store.ts"
import { print } from "../print.ts"
import { MoruClient } from "../values/client.ts"
import { type EnterOptions, enter } from "../values/enter.ts"

export interface BackUpOptions extends EnterOptions {
  /** Folder, or file that ends with `.tar`. */
  readonly to: string
  readonly since?: string
  readonly data?: string
  readonly plant?: string
  readonly json: boolean
}

const files = nodeFiles

/** Makes a backup of a running Moru, or of a stopped one's data folder. */
export async function backUp(options: BackUpOptions, signal: AbortSignal): Promise<void> {
  const { since, json, plant, data } = options
  const to = resolve(options.to)
  const isFile = to.endsWith(".tar")
  await expectRoom(to)
  if (isFile && since !== undefined)
    throw new Problem("option-invalid", "--since", "only goes with a folder, got a file for --to")
  if (plant !== undefined && data === undefined)
    throw new Problem(
      "option-invalid",
      "--plant",
      "only goes with --data: a running Moru knows its plant",
    )
  const earlier = since === undefined ? undefined : await openEarlier(resolve(since), files)
  const have = [...(earlier?.files.keys() ?? [])]
  const from =
    data === undefined ? fromRunning(options, have, signal) : fromStopped(options, have, signal)
  try {
    const manifest = isFile
      ? await writeFile(from, to)
      : await writeFolder(fromTar(from, to), to, { files, ...(earlier && { since: earlier }) })
    say(manifest, { to, json })
  } catch (thrown) {
    await files.remove(to)
    throw thrown
  }
}

async function expectRoom(to: string): Promise<void> {
  const look = await files.look(to)
  if (!look || (look.kind === "folder" && (await files.list(to)).length === 0)) return
  throw new Problem("option-invalid", "--to", `got ${to}, which is there, expected a new name`)
}

async function* fromRunning(
  options: BackUpOptions,
  have: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const client = new MoruClient(options.url, signal)
  await enter(client, options)
  // The newest that fit: what is not named is sent again.
  yield* await client.download("/backup", { have: have.slice(-800) })
}

async function* fromStopped(
  { data = "", plant }: BackUpOptions,
  have: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const dataFolder = resolve(data)
  if (!(await files.look(join(dataFolder, databaseFile))))
    throw new Problem(
      "not-found",
      dataFolder,
      `no ${databaseFile}: no Moru has run with this folder`,
    )
  const lock = await lockFolder(dataFolder, files)
  try {
    const clock = new SystemClock()
    const folder = plant === undefined ? undefined : resolve(plant)
    const known = folder && {
      name: folder,
      ...{ folder, files: await plantFilesIn(folder, dataFolder, files) },
    }
    const source = { dataFolder, files, now: () => clock.now(), version, have: new Set(have) }
    yield* asTar(makeBackup({ ...source, ...(known && { plant: known }) }, signal))
  } finally {
    await lock.release()
  }
}

/** The bytes as they come; what they hold is looked at on the way. */
async function writeFile(from: AsyncIterable<Uint8Array>, to: string): Promise<Manifest> {
  let manifest: Manifest | undefined
  const through = async function* (): AsyncGenerator<Uint8Array> {
    const seen = new Tee(from)
    for await (const { path, content } of readTar(seen.pieces())) {
      if (path === manifestFile)
        manifest = parseManifest(Buffer.concat(await Array.fromAsync(content)), to)
      else for await (const _ of content) yield* seen.take()
      yield* seen.take()
    }
    yield* seen.take()
  }
  await files.writePieces(to, through(), { mode: 0o600 })
  if (manifest) return manifest
  throw new Problem("backup-damaged", to, "got no manifest, expected one at the end")
}

/** Remembers the pieces that went by until they are taken. */
class Tee {
  readonly #from: AsyncIterable<Uint8Array>
  #seen: Uint8Array[] = []

  constructor(from: AsyncIterable<Uint8Array>) {
    this.#from = from
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#from) {
      this.#seen.push(piece)
      yield piece
    }
  }

  take(): readonly Uint8Array[] {
    return this.#seen.splice(0)
  }
}

function say(manifest: Manifest, { to, json }: { to: string; json: boolean }): void {
  const { until, counts } = manifest
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  if (json)
    print(JSON.stringify({ backup: to, files: manifest.files.length, bytes, until, counts }))
  else {
    print(`${to}: ${manifest.files.length} files, ${sizeText(bytes)}`)
    print(`  Samples until ${formatIso(until.samples)}, ledger until record ${until.ledger.number}`)
  }
}
