import { type Static, Type } from "typebox"
import { Value } from "typebox/value"
import { Problem } from "../../model/problem.ts"

export const manifestFile = "manifest.json"

/** What a backup holds, and until when. Times are ms since 1970 UTC. */
export const manifestShape = Type.Object({
  moru: Type.Literal("backup"),
  format: Type.Literal(1),
  /** Of the Moru that made it. */
  version: Type.String(),
  plant: Type.Optional(Type.String()),
  /** When it was begun. */
  at: Type.Number(),
  until: Type.Object({
    /** Every sample and cycle that was acknowledged by then is in it. */
    samples: Type.Number(),
    /** The last record of the ledger that is in it. */
    ledger: Type.Object({ number: Type.Integer(), hash: Type.String() }),
  }),
  counts: Type.Object({
    /** In sealed partitions; those in the log are not counted. */
    samples: Type.Integer(),
    cycles: Type.Integer(),
    records: Type.Integer(),
  }),
  files: Type.Array(
    Type.Object({
      /** Within the data folder; what begins with `plant/` within the plant's. */
      path: Type.String(),
      bytes: Type.Integer({ minimum: 0 }),
      /** Hex. */
      sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
    }),
  ),
})

export type Manifest = Static<typeof manifestShape>

/** Throws `backup-damaged` where it is none, or names a file outside of the backup. */
export function parseManifest(bytes: Uint8Array, where: string): Manifest {
  const json = jsonIn(bytes)
  if (!Value.Check(manifestShape, json))
    throw new Problem("backup-damaged", where, "got no manifest of a backup, expected one")
  for (const { path } of json.files) checkPath(path, where)
  return json
}

/** Throws `backup-damaged` for a path that leads out of the folder it is put in. */
export function checkPath(path: string, where: string): void {
  const names = path.split("/")
  const wrong = (name: string) =>
    name === "" || name === "." || name === ".." || /[\\:\0]/.test(name)
  if (names.some(wrong))
    throw new Problem("backup-damaged", where, `got the file "${path}", expected one within`)
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
