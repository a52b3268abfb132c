// A process that appends until it is ended and says what it sends and what it was told to be durable. With `early` it
// says so before it is true: what the tests must find out.
import { writeSync } from "node:fs"
import { parseArgs } from "node:util"
import { Problem } from "../../src/model/problem.ts"
import { appendOf } from "./account.ts"
import { opened } from "./opened.ts"

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "" },
    first: { type: "string", default: "1" },
    most: { type: "string", default: "1000000" },
    early: { type: "boolean", default: false },
  },
})

const history = await opened(values.data)
let next = Number(values.first)
const last = next + Number(values.most)

/** At once, so that nothing said is lost by a kill; whoever listens slowly is waited for. */
function say(line: string): void {
  for (;;)
    try {
      writeSync(1, `${line}\n`)
      return
    } catch (thrown) {
      if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EAGAIN")) throw thrown
    }
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
