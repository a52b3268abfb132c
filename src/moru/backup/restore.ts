import { join } from "node:path"
import { Switch } from "../../act/gate/switch.ts"
import { formatIso } from "../../codec/iso-time.ts"
import type { Files } from "../../kernel/files.ts"
import { silentLog } from "../../kernel/log.ts"
import { Problem } from "../../model/problem.ts"
import { openStore } from "../../store/sqlite/store.ts"
import { openPlantClock } from "../plant-clock.ts"
import { writeFolder } from "./folder.ts"
import type { BackupPart } from "./make.ts"
import { type Manifest, manifestFile } from "./manifest.ts"

export interface RestoreRequest {
  readonly parts: AsyncIterable<BackupPart>
  /** Missing or empty. */
  readonly dataFolder: string
  /** Missing or empty; where it is absent, the plant's files stay in the backup. */
  readonly plantFolder?: string
  readonly files: Files
}

const by = "part:restore"

/**
 * Puts a backup into a data folder, checked file by file, with all writing to machines forbidden until a person allows it
 * again. The folder has its name only once that is so. Throws `option-invalid` where a folder is not empty, and
 * `backup-damaged`; then nothing of it stays.
 */
export async function restoreBackup(request: RestoreRequest): Promise<Manifest> {
  const { parts, dataFolder, plantFolder, files } = request
  await expectEmpty("--data", dataFolder, files)
  if (plantFolder !== undefined) await expectEmpty("--plant", plantFolder, files)
  const aside = `${dataFolder}.restoring`
  await files.remove(aside)
  try {
    const manifest = await writeFolder(parts, aside, { files })
    await files.remove(join(aside, manifestFile))
    await forbidWrites(aside, manifest, files)
    if (plantFolder !== undefined) await movePlant(manifest, { aside, plantFolder, files })
    await files.remove(join(aside, "plant"))
    await files.remove(dataFolder)
    await files.move(aside, dataFolder)
    return manifest
  } catch (thrown) {
    await files.remove(aside)
    throw thrown
  }
}

async function expectEmpty(option: string, folder: string, files: Files): Promise<void> {
  const look = await files.look(folder)
  if (look && look.kind !== "folder")
    throw new Problem("option-invalid", option, `got ${folder}, expected a folder`)
  const { length } = await files.list(folder)
  if (length > 0) {
    const what = `got ${folder} with ${length} files, expected an empty folder or none`
    throw new Problem("option-invalid", option, what)
  }
}

/** Nobody knows what was written to the machines since the backup, so the ledger and the gate begin with that. */
async function forbidWrites(folder: string, manifest: Manifest, files: Files): Promise<void> {
  const clock = await openPlantClock(folder, files, 1)
  const store = await openStore({ folder, node: "plant", clock, files, log: silentLog })
  try {
    const { at, until, version } = manifest
    const body = { madeAt: at, until, version }
    await store.commit({
      records: [{ kind: "backup.restored", subject: "plant", by, causes: [], body }],
    })
    const writes = new Switch(store, "writes", {
      stop: "writes.forbidden",
      allow: "writes.allowed",
    })
    const reason = `restored from the backup of ${formatIso(at)}`
    await writes.stop({ by, reason, at: clock.now() })
  } finally {
    await store.close()
  }
}

async function movePlant(
  manifest: Manifest,
  to: { readonly aside: string; readonly plantFolder: string; readonly files: Files },
): Promise<void> {
  const { aside, plantFolder, files } = to
  for (const { path } of manifest.files)
    if (path.startsWith("plant/"))
      await files.writePieces(
        join(plantFolder, path.slice("plant/".length)),
        files.pieces(join(aside, path)),
      )
}
