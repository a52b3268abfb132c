import { createHash } from "node:crypto"
import { join } from "node:path"
import { inspectHistory } from "../../historian/chunks/inspect.ts"
import type { Disk } from "../../kernel/disk.ts"
import type { Files } from "../../kernel/files.ts"
import { problemOf } from "../../model/problem.ts"
import { inspectStore } from "../../store/sqlite/inspect.ts"
import { gotSum, readManifest } from "./folder.ts"
import type { Manifest } from "./manifest.ts"

/** What was looked at in a backup, and what is wrong with it. */
export interface Verification {
  readonly manifest: Manifest
  readonly files: number
  readonly bytes: number
  readonly samples: number
  readonly cycles: number
  readonly records: number
  readonly faults: readonly string[]
}

/**
 * Reads a backup folder whole: every file's sum, every chunk and summary unpacked, the log's frames, the ledger's chain
 * with its signed heads, and the counts of the manifest. Throws `not-found` or `backup-damaged` where it is no backup.
 */
export async function verifyBackup(
  folder: string,
  { files, disk }: { readonly files: Files; readonly disk: Disk },
  signal: AbortSignal,
): Promise<Verification> {
  const manifest = await readManifest(folder, files)
  const faults: string[] = []
  let bytes = 0
  for (const file of manifest.files) {
    signal.throwIfAborted()
    bytes += file.bytes
    const got = await sumOf(join(folder, file.path), files)
    if (got !== file.sha256) faults.push(`${file.path}: ${gotSum(got, file.sha256)}`)
  }
  const chunks = await inspectHistory({ folder, files, disk }, signal)
  faults.push(...chunks.faults)
  const records = await ledgerOf(folder, files, { signal, faults, manifest })
  const { counts } = manifest
  for (const [name, got, expected] of [
    ["samples", chunks.samples, counts.samples],
    ["cycles", chunks.cycles, counts.cycles],
    ["records", records, counts.records],
  ] as const)
    if (got !== expected) faults.push(`${name}: got ${got}, expected ${expected}`)
  const { samples, cycles } = chunks
  return { manifest, files: manifest.files.length, bytes, samples, cycles, records, faults }
}

async function sumOf(path: string, files: Files): Promise<string | undefined> {
  if ((await files.look(path))?.kind !== "file") return undefined
  const hash = createHash("sha256")
  for await (const piece of files.pieces(path)) hash.update(piece)
  return hash.digest("hex")
}

async function ledgerOf(
  folder: string,
  files: Files,
  { signal, faults, manifest }: { signal: AbortSignal; faults: string[]; manifest: Manifest },
): Promise<number> {
  try {
    const seen = await inspectStore({ folder, files }, signal)
    faults.push(...seen.breaks.map((b) => `ledger record ${b.number} ${b.kind}: ${b.says}`))
    faults.push(...seen.fileFaults.map((fault) => `store.db: ${fault}`))
    const { number } = manifest.until.ledger
    if (seen.lastHead > number)
      faults.push(`ledger: ends at ${number}, expected at least the signed ${seen.lastHead}`)
    return seen.records
  } catch (thrown) {
    signal.throwIfAborted()
    faults.push(problemOf(thrown, "store.db").message)
    return 0
  }
}
