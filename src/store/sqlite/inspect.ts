import { join } from "node:path"
import { sql } from "kysely"
import type { Files } from "../../kernel/files.ts"
import { Problem } from "../../model/problem.ts"
import type { LedgerBreak } from "../ledger.ts"
import { openReadOnly } from "./database.ts"
import { fingerprint, readHeads, readPublicKey } from "./heads.ts"
import { databaseFile, readNode } from "./store.ts"
import { verifyChain } from "./verify.ts"

/** What `moru doctor` says of a data folder's ledger. */
export interface Inspection {
  readonly node: string
  readonly records: number
  /** Number of the last head that is signed; 0 where none is. */
  readonly lastHead: number
  /** Compare it with the one noted elsewhere: who changes the key could sign anything. */
  readonly keyFingerprint: string
  readonly breaks: readonly LedgerBreak[]
  /** What SQLite finds wrong with the file itself. */
  readonly fileFaults: readonly string[]
}

/**
 * Verifies a data folder without changing it, whether Moru runs or not. `headsFolder` names a folder with copies of
 * `heads.jsonl` and `ledger-key.pub.pem` that were kept elsewhere. Throws `not-found` or `store-failed`.
 */
export async function inspectStore(
  where: { readonly folder: string; readonly headsFolder?: string; readonly files: Files },
  signal: AbortSignal,
): Promise<Inspection> {
  const { folder, headsFolder = folder, files } = where
  if (!(await files.list(folder)).includes(databaseFile))
    throw new Problem("not-found", folder, `no ${databaseFile}: no Moru has run with this folder`)
  const key = await readPublicKey(headsFolder, files)
  const database = openReadOnly(join(folder, databaseFile))
  try {
    const faults = await sql<{ quick_check: string }>`PRAGMA quick_check(20)`.execute(database)
    const node = (await readNode(database)) ?? ""
    const heads = await readHeads(headsFolder, files, key)
    const { count } = await database
      .selectFrom("record")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow()
    return {
      node,
      records: count,
      lastHead: heads.signed.at(-1)?.number ?? 0,
      keyFingerprint: fingerprint(key),
      breaks: await verifyChain({ database, node, heads }, signal),
      fileFaults: faults.rows.map((row) => row.quick_check).filter((says) => says !== "ok"),
    }
  } catch (thrown) {
    signal.throwIfAborted()
    const what = thrown instanceof Error ? thrown.message : String(thrown)
    throw new Problem("store-failed", join(folder, databaseFile), what, { cause: thrown })
  } finally {
    await database.destroy()
  }
}
