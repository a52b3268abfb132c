import type { Clock } from "../../kernel/clock.ts"
import type { Files } from "../../kernel/files.ts"
import type { Store } from "../../store/store.ts"
import { version } from "../version.ts"
import { asTar } from "./folder.ts"
import { makeBackup } from "./make.ts"
import { plantFilesIn } from "./plant-files.ts"

export interface BackupAsked {
  /** SHA-256 of files that the asker has. */
  readonly have: ReadonlySet<string>
  readonly by: string
}

/** The data folder of this process as one tar; once all of it was taken, the ledger says so. */
export async function* runningBackup(
  from: BackupAsked & {
    readonly dataFolder: string
    readonly plant: { readonly name: string; readonly folder: string }
    readonly clock: Clock
    readonly store: Store
    readonly files: Files
  },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { dataFolder, plant, clock, store, files, have, by } = from
  const now = () => clock.now()
  const at = now()
  const source = {
    ...{ dataFolder, files, now, version, have },
    plant: { ...plant, files: await plantFilesIn(plant.folder, dataFolder, files) },
  }
  let bytes = 0
  for await (const piece of asTar(makeBackup(source, signal))) {
    bytes += piece.length
    yield piece
  }
  await store.commit({
    records: [{ kind: "backup.made", subject: "plant", by, causes: [], body: { at, bytes } }],
  })
}
