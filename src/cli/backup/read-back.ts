import { resolve } from "node:path"
import { formatIso } from "../../codec/iso-time.ts"
import { sizeText } from "../../historian/storage.ts"
import { nodeDisk } from "../../kernel/disk/node.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { Problem } from "../../model/problem.ts"
import { fromFolder, fromTar, writeFolder } from "../../moru/backup/folder.ts"
import type { BackupPart } from "../../moru/backup/make.ts"
import { restoreBackup } from "../../moru/backup/restore.ts"
import { type Verification, verifyBackup } from "../../moru/backup/verify.ts"
import { print } from "../print.ts"

export interface VerifyOptions {
  /** Folder, or file that ends with `.tar`. */
  readonly backup: string
  readonly json: boolean
}

export interface RestoreOptions extends VerifyOptions {
  readonly data: string
  readonly plant?: string
}

const files = nodeFiles

/** Reads a backup whole; the exit code is 1 where something is wrong. */
export async function verify(options: VerifyOptions, signal: AbortSignal): Promise<void> {
  const seen = await unpacked(resolve(options.backup), (folder) =>
    verifyBackup(folder, { files, disk: nodeDisk }, signal),
  )
  const { manifest, faults, ...counted } = seen
  if (options.json)
    print(JSON.stringify({ ok: faults.length === 0, ...counted, until: manifest.until, faults }))
  else for (const line of linesOf(seen)) print(line)
  process.exitCode = faults.length === 0 ? 0 : 1
}

/** Puts a backup into an empty data folder. */
export async function restore(options: RestoreOptions, _signal: AbortSignal): Promise<void> {
  const dataFolder = resolve(options.data)
  const plant = options.plant === undefined ? {} : { plantFolder: resolve(options.plant) }
  const parts = await partsOf(resolve(options.backup))
  const { until } = await restoreBackup({ parts, dataFolder, ...plant, files })
  if (options.json) print(JSON.stringify({ data: dataFolder, until }))
  else {
    print(`${dataFolder}: restored, with samples until ${formatIso(until.samples)}`)
    print("  Nothing is written to machines until an engineer allows it under Settings.")
  }
}

function* linesOf({ manifest, faults, ...seen }: Verification): Iterable<string> {
  const { until } = manifest
  yield `${seen.files} files, ${sizeText(seen.bytes)}: ${seen.samples} samples, ${seen.cycles} cycles, ${seen.records} records`
  yield `Samples until ${formatIso(until.samples)}, ledger until record ${until.ledger.number}`
  for (const fault of faults) yield `BAD  ${fault}`
  yield faults.length === 0 ? "The backup is whole." : `${faults.length} faults`
}

async function partsOf(backup: string): Promise<AsyncIterable<BackupPart>> {
  const look = await files.look(backup)
  if (!look)
    throw new Problem("not-found", backup, "got no such backup, expected a folder or a file")
  if (look.kind === "folder") return fromFolder(backup, files)
  return fromTar(files.pieces(backup), backup)
}

/** A file is unpacked beside itself meanwhile. */
async function unpacked<Result>(
  backup: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const look = await files.look(backup)
  if (look?.kind !== "file") return work(backup)
  const aside = `${backup}.unpacked`
  await files.remove(aside)
  try {
    await writeFolder(fromTar(files.pieces(backup), backup), aside, { files })
    return await work(aside)
  } finally {
    await files.remove(aside)
  }
}
