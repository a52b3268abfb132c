import { createHash } from "node:crypto"
import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join, resolve } from "node:path"
import { type Recording, readRecording } from "../../codec/recording.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { Problem } from "../../model/problem.ts"
import { planOf, type RecordedMachine } from "../../twin/recording.ts"
import { complain } from "../print.ts"

/** The files of one folder, read. */
export interface RecordedFolder {
  readonly files: readonly string[]
  readonly machines: readonly RecordedMachine[]
  /** The same files in the same zone have the same. */
  readonly digest: string
}

/** Says on standard error what could not be read. Throws `not-found` where there is no file of shots. */
export async function readFolder(folder: string, zone: string): Promise<RecordedFolder> {
  const names = (await nodeFiles.list(folder)).filter((name) => /_group_.*\.csv$/i.test(name))
  if (names.length === 0)
    throw new Problem("not-found", folder, "got no file named <anything>_group_<mould>.csv")
  const files = names.map((name) => resolve(folder, name))
  const digest = createHash("sha256").update(zone)
  const recordings: Recording[] = []
  for (const file of files) {
    const bytes = (await nodeFiles.read(file)) ?? new Uint8Array()
    digest.update(`\0${basename(file)}\0`).update(bytes)
    recordings.push(readRecording(bytes, basename(file), zone))
  }
  for (const { message } of recordings.flatMap(({ problems }) => problems)) complain(message)
  return { files, machines: planOf(recordings), digest: digest.digest("hex") }
}

const marker = "recording.json"

/** Where everything is kept. One folder takes one recording: shots of two would be counted as one another's. */
export async function claimFolder(given: string | undefined, digest: string): Promise<string> {
  if (given === undefined) return mkdtemp(join(tmpdir(), "moru-replay-"))
  const folder = resolve(given)
  const claimed = await nodeFiles.read(join(folder, marker))
  const names = await nodeFiles.list(folder)
  const isOther = claimed
    ? new TextDecoder().decode(claimed) !== JSON.stringify({ digest })
    : names.some((name) => !name.startsWith(marker))
  if (isOther)
    throw new Problem(
      "option-invalid",
      "--data",
      `got ${folder}, which holds something else, expected a new folder or that of the same files`,
    )
  if (!claimed) await nodeFiles.write(join(folder, marker), JSON.stringify({ digest }))
  return folder
}
