// The disk is full: what does not fit is refused, what was acknowledged stays, and with room it goes on by itself.
// Needs root, for a small disk.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, suite, test } from "node:test"
import { Problem } from "../../src/model/problem.ts"
import { Account, appendOf, balanceOf, even } from "./account.ts"
import { opened } from "./opened.ts"

const root = mkdtempSync(join(tmpdir(), "moru-full-"))
const disk = join(root, "disk")
mkdirSync(disk)
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "moru", disk]).status === 0
after(() => {
  if (mounted) spawnSync("umount", [disk])
  rmSync(root, { recursive: true, force: true })
})

const room = () => {
  const { bavail, bsize } = statfsSync(disk)
  return bavail * bsize
}

suite("a full disk", { skip: mounted ? false : "no small disk can be mounted here" }, () => {
  test("refuses, keeps, and goes on when there is room", async () => {
    const data = join(disk, "data")
    mkdirSync(data)
    const ballast = join(disk, "somebody-elses")
    const account = new Account()
    const history = await opened(data)
    const codes = new Set<string>()
    async function append(): Promise<boolean> {
      const n = account.next
      account.note(`sent ${n}`)
      const { block, cycles } = appendOf(n)
      try {
        await history.append(block, cycles)
      } catch (thrown) {
        if (!(thrown instanceof Problem)) throw thrown
        codes.add(thrown.code)
        return false
      }
      account.note(`durable ${n}`)
      return true
    }
    for (let round = 1; round <= 4; round++) {
      for (let n = 0; n < 50; n++) assert.ok(await append(), `round ${round} begins with room`)
      writeFileSync(ballast, new Uint8Array(Math.max(0, room() - 300_000)))
      let refused = 0
      for (let n = 0; n < 4000 && refused < 20; n++) if (!(await append())) refused++
      assert.equal(refused, 20, `round ${round}: the disk is full in the end`)
      rmSync(ballast)
    }
    assert.deepEqual([...codes], ["storage-full"])
    assert.deepEqual(await balanceOf(account, history), even)
    await history.close()
    const again = await opened(data)
    assert.deepEqual(await balanceOf(account, again), even)
    await again.close()
  })

  test("refuses to open rather than to lose, and opens when there is room", async () => {
    const data = join(disk, "second")
    mkdirSync(data)
    const account = new Account()
    const first = await opened(data)
    for (let n = 1; n <= 60; n++) {
      account.note(`sent ${n}`)
      const { block, cycles } = appendOf(n)
      await first.append(block, cycles)
      account.note(`durable ${n}`)
    }
    await first.close()
    const ballast = join(disk, "somebody-elses")
    writeFileSync(ballast, new Uint8Array(Math.max(0, room())))
    const full = await opened(data).catch((thrown) => thrown)
    if (full instanceof Error) assert.ok(full instanceof Problem, `${full}`)
    else await full.close()
    rmSync(ballast)
    const again = await opened(data)
    assert.deepEqual(await balanceOf(account, again), even)
    await again.close()
  })
})
