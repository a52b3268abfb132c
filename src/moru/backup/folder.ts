import { createHash } from "node:crypto"
import { join } from "node:path"
import { DamagedTar, readTar, type TarFile, tarEnd, tarFill, tarHead } from "../../codec/tar.ts"
import type { Files } from "../../kernel/files.ts"
import { Problem } from "../../model/problem.ts"
import type { BackupPart } from "./make.ts"
import { checkPath, type Manifest, manifestFile, parseManifest } from "./manifest.ts"

/** A backup holds keys and what people are called: only its owner may read it. */
const mode = 0o600

/** The parts as one stream of bytes: a tar whose last file is the manifest. */
export async function* asTar(parts: AsyncIterable<BackupPart>): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    yield tarHead(part)
    yield* part.content
    yield tarFill(part.bytes)
  }
  yield tarEnd()
}

/** The parts of a stream of bytes. Throws `backup-damaged`, while a part is read too. */
export async function* fromTar(
  pieces: AsyncIterable<Uint8Array>,
  where: string,
): AsyncGenerator<TarFile> {
  for await (const file of told(readTar(pieces), where)) {
    checkPath(file.path, where)
    yield { ...file, content: told(file.content, where) }
  }
}

async function* told<Item>(items: AsyncIterable<Item>, where: string): AsyncGenerator<Item> {
  try {
    yield* items
  } catch (thrown) {
    if (!(thrown instanceof DamagedTar)) throw thrown
    throw new Problem("backup-damaged", where, thrown.message, { cause: thrown })
  }
}

/**
 * Writes the parts into a folder, each file checked against the manifest, which is written last: a folder without one is no
 * backup. Files that the manifest names and that did not come are taken from an earlier backup of the same disk.
 */
export async function writeFolder(
  parts: AsyncIterable<BackupPart>,
  folder: string,
  { files, since }: { readonly files: Files; readonly since?: EarlierBackup },
): Promise<Manifest> {
  const sums = new Map<string, string>()
  let manifest: Uint8Array | undefined
  for await (const { path, content } of parts) {
    if (path === manifestFile) {
      manifest = Buffer.concat(await Array.fromAsync(content))
      continue
    }
    const hash = createHash("sha256")
    await files.writePieces(join(folder, path), hashed(content, hash), { mode })
    sums.set(path, hash.digest("hex"))
  }
  if (!manifest)
    throw new Problem("backup-damaged", folder, "got no manifest, expected one at the end")
  const parsed = parseManifest(manifest, folder)
  for (const { path, sha256 } of parsed.files) {
    const got = sums.get(path)
    const kept = got === undefined ? since?.files.get(sha256) : undefined
    if (kept !== undefined) await files.link(kept, join(folder, path))
    else if (got !== sha256)
      throw new Problem("backup-damaged", join(folder, path), gotSum(got, sha256))
  }
  await files.write(join(folder, manifestFile), manifest, { mode })
  return parsed
}

/** A backup folder whose files may be taken again. */
export interface EarlierBackup {
  /** Where a file of this SHA-256 stands. */
  readonly files: ReadonlyMap<string, string>
}

/** Throws `not-found` or `backup-damaged`. */
export async function openEarlier(folder: string, files: Files): Promise<EarlierBackup> {
  const manifest = await readManifest(folder, files)
  return { files: new Map(manifest.files.map(({ path, sha256 }) => [sha256, join(folder, path)])) }
}

/** Throws `not-found` or `backup-damaged`. */
export async function readManifest(folder: string, files: Files): Promise<Manifest> {
  const path = join(folder, manifestFile)
  const bytes = await files.read(path)
  if (!bytes) throw new Problem("not-found", path, "got no manifest: it is no backup, or not whole")
  return parseManifest(bytes, path)
}

/** The files of a backup folder, as `fromTar` gives those of a stream. */
export async function* fromFolder(folder: string, files: Files): AsyncGenerator<BackupPart> {
  const manifest = await readManifest(folder, files)
  for (const { path, bytes } of manifest.files) {
    const from = join(folder, path)
    if (!(await files.look(from)))
      throw new Problem("backup-damaged", from, "got no such file, expected one")
    yield { path, bytes, content: files.pieces(from) }
  }
  const from = join(folder, manifestFile)
  yield { path: manifestFile, bytes: 0, content: files.pieces(from) }
}

export function gotSum(got: string | undefined, expected: string): string {
  return got === undefined
    ? "got no such file, expected one"
    : `got the SHA-256 ${got}, expected ${expected}`
}

async function* hashed(
  content: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    hash.update(piece)
    yield piece
  }
}
