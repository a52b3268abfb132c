import type { DatabaseSync } from "node:sqlite"
import type { Instant } from "../../model/instant.ts"
import type { TagId } from "../../model/tag.ts"

/** Rows removed in one transaction, so that appends never wait long. */
const rowsAtOnce = 4000

/** The tags that have samples, found by one step in the index for each. */
export function tagsIn(database: DatabaseSync): readonly TagId[] {
  const next = database.prepare("SELECT min(tag) AS tag FROM sample WHERE tag > ?")
  const tags: TagId[] = []
  for (;;) {
    const tag = next.get(tags.at(-1) ?? -1)?.tag
    if (typeof tag !== "number") return tags
    tags.push(tag)
  }
}

/** Removes the first rows of an interval; gives where to go on, undefined when all are gone. */
export function forgetInterval(
  database: DatabaseSync,
  interval: { readonly tag: TagId; readonly from: Instant; readonly to: Instant },
): Instant | undefined {
  const { tag, from, to } = interval
  const found = database
    .prepare(
      "SELECT at FROM sample WHERE tag = ? AND at >= ? AND at < ? ORDER BY at LIMIT 1 OFFSET ?",
    )
    .get(tag, from, to, rowsAtOnce)?.at
  const end = typeof found === "number" ? found : undefined
  const removed = database
    .prepare("DELETE FROM sample WHERE tag = ? AND at >= ? AND at < ?")
    .run(tag, from, end ?? to)
  if (end !== undefined && removed.changes === 0)
    database.prepare("DELETE FROM sample WHERE tag = ? AND at = ?").run(tag, end)
  return end
}
