import { createHash } from "node:crypto"
import type { LedgerId, LedgerRecord } from "./ledger.ts"

/** What stands before the first record. */
export const firstHash = "0".repeat(64)

/** JSON with sorted names and no spaces, so that the same content has the same text anywhere. Given must be plain JSON. */
export function canonicalJson(json: unknown): string {
  if (Array.isArray(json)) return `[${json.map(canonicalJson).join(",")}]`
  if (typeof json !== "object" || json === null) return JSON.stringify(json)
  const entries = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${canonicalJson(value)}`).join(",")}}`
}

/** SHA-256, hex, over the previous record's hash and this record's canonical JSON. */
export function hashOf(previous: string, record: Omit<LedgerRecord, "hash">): string {
  const { id, number, at, kind, subject, by, causes, body } = record
  const content = canonicalJson({ id, number, at, kind, subject, by, causes, body })
  return createHash("sha256").update(`${previous}\n${content}`).digest("hex")
}

export function ledgerId(node: string, number: number): LedgerId {
  return `${node}:${number}`
}

/** The number in an id of this node's chain; undefined where the id is of another node or none at all. */
export function numberIn(node: string, id: LedgerId): number | undefined {
  if (!id.startsWith(`${node}:`)) return undefined
  const text = id.slice(node.length + 1)
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined
}
