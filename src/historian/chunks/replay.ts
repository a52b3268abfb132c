import { DamagedRows, decodeRows } from "../../codec/rows.ts"
import type { Damage } from "../../kernel/journal.ts"
import type { Log } from "../../kernel/log.ts"
import type { Block, SourceId } from "../../model/block.ts"
import { problemOf } from "../../model/problem.ts"
import type { MoreOfRows } from "./appends.ts"
import type { Hand } from "./hand/hand.ts"
import { AddedRows } from "./open/open-run.ts"
import type { OpenRuns } from "./open/open-runs.ts"
import type { Sources } from "./open/sources.ts"
import type { Sealer } from "./sealer.ts"

interface Place {
  readonly hand: Hand
  readonly runs: OpenRuns
  readonly sources: Sources
  readonly sealer: Sealer
  readonly log: Log
}

/** Rows in memory beyond which they go into chunks before more is read. */
const mostRows = 500_000

/**
 * Reads again what a crash left in the journal and brings it into chunks, which leave out what they have already. What is
 * damaged is logged and left out. A disk that is full leaves the rows in memory and in the journal.
 */
export async function replay(place: Place): Promise<void> {
  const { hand, runs, sealer, log } = place
  let rows = 0
  runs.isReplay = true
  for (;;) {
    const { rows: bytes, damages } = await hand.replay()
    for (const damage of damages) tell(log, damage)
    if (!bytes) break
    for (const block of await taken(place, bytes)) rows += block.length
    if (runs.frozenRows > mostRows) await sealer.seal().catch(() => {})
  }
  try {
    await sealer.turnOver("none")
  } catch (thrown) {
    const { code, message } = problemOf(thrown, "historian")
    log.warn("rows of the journal are not in chunks yet", { code, message })
  }
  runs.isReplay = false
  if (rows > 0) log.info("the journal was read again", { rows })
}

async function taken(
  { hand, runs, sources, log }: Place,
  bytes: Uint8Array,
): Promise<readonly Block[]> {
  try {
    const { blocks, more } = decodeRows(bytes)
    const { origins, cycles = [] } = more as MoreOfRows
    const names = Object.keys(origins) as SourceId[]
    const numbers = new Map(names.map((name) => [origins[name], sources.idOf(name, origins[name])]))
    const untold = sources.untold(names)
    if (untold.length + cycles.length > 0)
      await hand.note({
        sources: untold,
        cycles: cycles.map((one) => ({ ...one, source: numbers.get(one.source) ?? one.source })),
      })
    sources.told(untold)
    for (const block of blocks) {
      runs.add(new AddedRows(block, sources.idOf(block.source)))
      if (block.length > 0) sources.sawRow(block.source, block.sequence + block.length - 1)
    }
    return blocks
  } catch (thrown) {
    if (!(thrown instanceof DamagedRows)) throw thrown
    log.error("rows of the journal cannot be read and are left out", { what: thrown.message })
    return []
  }
}

function tell(log: Log, { file, offset, bytes, tail }: Damage): void {
  if (tail) log.info("the journal's end was half-written and is cut off", { file, offset, bytes })
  else log.error("the journal is damaged; rows are lost", { file, offset, bytes })
}
