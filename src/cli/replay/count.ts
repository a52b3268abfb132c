import type { Loop } from "../../moru/loop.ts"
import type { LedgerKind } from "../../store/ledger.ts"
import type { RecordedMachine } from "../../twin/recording.ts"
import { complain } from "../print.ts"
import { compareField } from "./compare.ts"
import { equipmentOf, fieldTag } from "./plant.ts"

/** The last line of `moru replay`, without the time that it took. */
export interface Counted {
  readonly shots: number
  readonly values: number
  readonly stored: number
  readonly refused: number
  readonly lost: number
  readonly duplicates: number
  readonly alarms: number
  readonly findings: number
  readonly decisions: number
}

export async function shotsStored(
  loop: Loop,
  machines: readonly RecordedMachine[],
): Promise<number> {
  const [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  const counts = machines.map((machine) =>
    loop.history.cycles.count({ equipment: equipmentOf(machine), from, to }),
  )
  return (await Promise.all(counts)).reduce((sum, n) => sum + n, 0)
}

/** Reads everything back and compares it with the files; what there is to say of single cells goes to standard error. */
export async function count(loop: Loop, machines: readonly RecordedMachine[]): Promise<Counted> {
  const sum = { values: 0, stored: 0, refused: 0, lost: 0, duplicates: 0 }
  for (const machine of machines)
    for (const field of machine.fields) {
      const tag = loop.namespace.idOf(fieldTag(machine, field))
      if (tag === undefined) throw new Error(`no tag for ${field.column}`)
      const textOf = (id: number) => loop.store.registry.textOf(tag, id)
      const found = await compareField(machine, field, { history: loop.history, tag, textOf })
      for (const key of ["values", "stored", "refused", "lost", "duplicates"] as const)
        sum[key] += found[key]
      for (const remark of found.remarks) complain(remark)
    }
  const shots = await shotsStored(loop, machines)
  const expected = machines.reduce((rows, machine) => rows + machine.rows, 0)
  if (shots !== expected) complain(`${shots} shots are stored, expected ${expected}`)
  return {
    ...{ shots, ...sum },
    alarms: await countRecords(loop, "alarm.raised"),
    findings: await countRecords(loop, "finding.raised"),
    decisions: await countRecords(loop, "decision.proposed"),
  }
}

async function countRecords(loop: Loop, kind: LedgerKind): Promise<number> {
  let total = 0
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = await loop.store.ledger.list({ kinds: [kind], before, limit: 1000 })
    total += page.length
    const last = page.at(-1)
    if (!last) return total
    before = last.number
  }
}
