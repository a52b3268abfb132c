import type { SourceId } from "../model/block.ts"
import { type Cycle, cycleId, type Verdict } from "../model/cycle.ts"
import type { Instant } from "../model/instant.ts"
import type { CycleConfig } from "../model/plant.ts"

/** One record of a numbered buffer; `values` without what was empty or refused. */
export interface MachineRecord {
  readonly source: SourceId
  readonly number: number
  /** When the cycle ended. */
  readonly at: Instant
  readonly values: Readonly<Record<string, number | string>>
}

/** The cycle that a record stands for: its time is the end, its duration field gives the start. */
export function cycleOf(record: MachineRecord, config: CycleConfig): Cycle {
  const { source, number, at, values } = record
  const tool = config.toolField === undefined ? undefined : values[config.toolField]
  const verdict = verdictOf(values, config)
  return {
    id: cycleId(source, number),
    equipment: config.equipment,
    source,
    sequence: number,
    start: at - durationMsOf(values, config),
    end: at,
    values,
    ...(tool === undefined ? {} : { tool: String(tool) }),
    ...(verdict === undefined ? {} : { verdict }),
  }
}

function durationMsOf(values: MachineRecord["values"], config: CycleConfig): number {
  const seconds = config.durationField === undefined ? 0 : values[config.durationField]
  return typeof seconds === "number" && seconds > 0 ? seconds * 1000 : 0
}

function verdictOf(values: MachineRecord["values"], config: CycleConfig): Verdict | undefined {
  for (const rule of config.verdicts) {
    const value = values[rule.field]
    if (value !== undefined && rule.is.some((is) => is === value || String(is) === String(value)))
      return rule.verdict
  }
  return undefined
}
