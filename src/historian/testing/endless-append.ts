// A process that appends until it is killed and says each number once it was told that it is durable.
import { silentLog } from "../../kernel/log.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { cycleId } from "../../model/cycle.ts"
import { parsePath } from "../../model/path.ts"
import { openChunkHistory } from "../chunks/history.ts"

const [folder = ""] = process.argv.slice(2)
const source = sourceId({ name: "dc-1/shots", epoch: "a" })
const history = await openChunkHistory({ folder, log: silentLog })
const rows = new BlockWriter()
let next = (await history.cycles.lastSequence(source)) + 1

/** Shot n has the rows 10n to 10n + 9, all of value n. */
async function append(n: number): Promise<void> {
  for (let tag = 1; tag <= 10; tag++) rows.add(tag, n, n, 0)
  const block = rows.take({ source, sequence: n * 10, received: n })
  const equipment = parsePath("line/dc-1")
  const id = cycleId(source, n)
  await history.append(block, [
    { id, equipment, source, sequence: n, start: n, end: n, values: { n } },
  ])
  process.stdout.write(`${n}\n`)
}

for (;;) await Promise.all(Array.from({ length: 1 + (next % 7) }, () => append(next++)))
