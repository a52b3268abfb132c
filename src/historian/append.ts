import type { Block } from "../model/block.ts"
import type { Cycle } from "../model/cycle.ts"

/**
 * Refuses what no store could keep, before anything of it is written: whoever appends has checked times and numbers at
 * the border, so this is a programmer's error and spoils only its own append. Throws a RangeError.
 */
export function checkAppend(block: Block, cycles: readonly Cycle[]): void {
  const { source, sequence, length, at } = block
  if (!isCount(sequence) || !isCount(sequence + length))
    throw new RangeError(`${source}: row number ${sequence}, expected a whole number from 0 on`)
  for (let row = 0; row < length; row++)
    if (!Number.isFinite(at[row]))
      throw new RangeError(`${source}: row ${sequence + row} has the time ${at[row]}`)
  for (const cycle of cycles)
    if (!isCount(cycle.sequence) || !Number.isFinite(cycle.start) || !Number.isFinite(cycle.end))
      throw new RangeError(`cycle ${cycle.id}: got ${cycle.sequence}, ${cycle.start}, ${cycle.end}`)
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0
}
