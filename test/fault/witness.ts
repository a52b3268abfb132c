// A process that appends until it is ended and says what it sends and what it was told to be durable. With `early` it
// says so before it is true: what the tests must find out.
import { writeSync } from "node:fs"
import { parseArgs } from "node:util"
import { openChunkHistory } from "../../src/historian/chunks/history.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { Problem } from "../../src/model/problem.ts"
import { appendOf } from "./account.ts"

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "" },
    first: { type: "string", default: "1" },
    most: { type: "string", default: "1000000" },
    early: { type: "boolean", default: false },
  },
})

const history = await openChunkHistory({ folder: values.data, log: silentLog })
let next = Number(values.first)
const last = next + Number(values.most)

/** At once, so that nothing said is lost by a kill. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}

async function append(n: number): Promise<void> {
  const { block, cycles } = appendOf(n)
  say(`sent ${n}`)
  if (values.early) say(`durable ${n}`)
  try {
    await history.append(block, cycles)
    say(`durable ${n}`)
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    say(`refused ${n} ${thrown.code}`)
  }
}

say("open")
while (next < last) await Promise.all(Array.from({ length: 1 + (next % 5) }, () => append(next++)))
await history.close()
say("closed")
