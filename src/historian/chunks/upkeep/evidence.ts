import type { Path } from "../../../model/path.ts"
import type { LedgerReader } from "../../../store/ledger.ts"
import type { Interval } from "../../forget.ts"

const page = 500

/** The intervals of samples that records of the ledger stand on, by tag: retention spares them. */
export async function evidenceWindows(
  ledger: LedgerReader,
  signal: AbortSignal,
): Promise<ReadonlyMap<Path, readonly Interval[]>> {
  const windows = new Map<Path, Interval[]>()
  let before: number | undefined
  for (;;) {
    signal.throwIfAborted()
    const records = await ledger.list({ limit: page, ...(before !== undefined && { before }) })
    for (const { body } of records)
      for (const { tag, ...interval } of evidenceIn(body)) {
        const known = windows.get(tag)
        if (known) known.push(interval)
        else windows.set(tag, [interval])
      }
    before = records.at(-1)?.number
    if (records.length < page) return windows
  }
}

/** Whatever in a record's body names a tag and an interval of time. */
export function* evidenceIn(json: unknown): Generator<Interval & { readonly tag: Path }> {
  if (typeof json !== "object" || json === null) return
  const { tag, from, to } = json as Record<string, unknown>
  if (typeof tag === "string" && typeof from === "number" && typeof to === "number")
    yield { tag: tag as Path, from, to }
  for (const value of Object.values(json)) yield* evidenceIn(value)
}
