import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { fileURLToPath } from "node:url"
import { silentLog } from "../../kernel/log.ts"
import { seededRandom } from "../../kernel/random.ts"
import { openChunkHistory } from "./history.ts"

const program = fileURLToPath(new URL("../testing/endless-append.ts", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "moru-kill-"))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Lets the process run until it has said so many numbers, kills it and gives the last one. */
async function killAfter(count: number): Promise<number> {
  const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] })
  let said = ""
  for await (const chunk of child.stdout) {
    said += chunk
    if (said.split("\n").length > count) child.kill("SIGKILL")
  }
  return Math.max(...said.split("\n").slice(0, -1).map(Number))
}

test("what was acknowledged before kill -9 is there once, whole, ten kills in a row", async () => {
  const seed = 7
  const random = seededRandom(seed)
  const { signal } = new AbortController()
  for (let kill = 1; kill <= 10; kill++) {
    const acknowledged = await killAfter(1 + Math.floor(random.next() * 120))
    const history = await openChunkHistory({ folder, log: silentLog })
    const cycles = await history.cycles.read({ from: 0, to: 1e9 })
    const last = cycles.length
    assert.ok(last >= acknowledged, `kill ${kill}, seed ${seed}: ${last} of ${acknowledged}`)
    assert.deepEqual(
      cycles.map(({ sequence, values }) => [sequence, values.n]),
      cycles.map((_, i) => [i + 1, i + 1]),
    )
    const range = { tags: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], from: 0, to: 1e9 }
    for await (const { length, tag, at, value, number } of history.read(range, signal))
      for (let i = 0; i < length; i++) {
        assert.equal(value[i], at[i])
        assert.equal(number[i], (at[i] ?? 0) * 10 + (tag[i] ?? 0) - 1)
      }
    assert.equal(await history.count(), last * 10)
    await history.close()
  }
})
