// Somebody reads slowly while samples come in: nothing waits for him, nothing piles up, and he sees each row once.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { scaled } from "../support/scale.ts"
import { Account, appendOf, balanceOf, even } from "./account.ts"
import { opened } from "./opened.ts"

const folder = mkdtempSync(join(tmpdir(), "moru-slow-"))
after(() => rmSync(folder, { recursive: true, force: true }))

test("a reader that takes a block between many appends", { timeout: 600_000 }, async () => {
  const history = await opened(folder)
  const account = new Account()
  async function append(): Promise<void> {
    const n = account.next
    account.note(`sent ${n}`)
    const { block, cycles } = appendOf(n)
    await history.append(block, cycles)
    account.note(`durable ${n}`)
  }
  const before = scaled(100, 1000)
  for (let n = 0; n < before; n++) await append()
  const { signal } = new AbortController()
  const range = { tags: [3, 4], from: 0, to: 1e15 }
  const seen = new Set<number>()
  let most = 0
  for await (const block of history.read(range, signal)) {
    for (let n = 0; n < 20; n++) await append()
    for (let i = 0; i < block.length; i++) {
      assert.ok(!seen.has(block.number[i] ?? 0), "no row comes twice")
      seen.add(block.number[i] ?? 0)
    }
    most = Math.max(most, block.length)
  }
  assert.ok(seen.size >= before * 80, `${seen.size} rows`)
  assert.ok(most <= 5000)
  assert.deepEqual(await balanceOf(account, history), even)
  await history.close()
})
