// The power goes: what the file system had not yet put on the disk is gone. Needs root, for a disk in a file.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, suite, test } from "node:test"
import { seededRandom } from "../../src/kernel/random.ts"
import { scaled } from "../support/scale.ts"
import { Account, balanceOf, even } from "./account.ts"
import { opened } from "./opened.ts"
import { testify } from "./witnessed.ts"

const root = mkdtempSync(join(tmpdir(), "moru-power-"))
const image = join(root, "disk.img")
const mounted = join(root, "disk")
const data = join(mounted, "data")

function run(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0
}

const mount = () => run("mount", "-o", "loop", image, mounted)
const unmount = () => run("umount", mounted)
/** Ends the file system as a power cut does: nothing more reaches the disk. */
const cutPower = () => run("xfs_io", "-x", "-c", "shutdown", mounted)

function begin(): string | undefined {
  mkdirSync(mounted)
  run("dd", "if=/dev/zero", `of=${image}`, "bs=1M", "count=512")
  if (!run("mkfs.ext4", "-q", image) || !mount()) return "no disk in a file can be mounted here"
  if (!cutPower()) return "no file system can be shut down here (xfs_io)"
  unmount()
  mount()
  mkdirSync(data)
  return undefined
}

const hindrance = begin()
after(() => {
  unmount()
  rmSync(root, { recursive: true, force: true })
})

const random = seededRandom(11)

/** One run until the power goes, and what is found when it is back. */
async function cut(account: Account, more: readonly string[], after: number) {
  let left = after
  await testify(account, {
    ...{ data, more },
    heard: (_, end) => {
      if (--left !== 0) return
      cutPower()
      end()
    },
  })
  unmount()
  assert.ok(mount(), "the disk is readable again")
  const history = await opened(data)
  const balance = await balanceOf(account, history)
  await history.close()
  return balance
}

suite("power loss", { skip: hindrance ?? false }, () => {
  const cuts = scaled(5, 60)
  test(`${cuts} times: all that was acknowledged is there`, { timeout: 3_000_000 }, async () => {
    let account = new Account()
    for (let n = 1; n <= cuts; n++) {
      const after = 20 + Math.floor(random.next() * 500)
      assert.deepEqual(await cut(account, [], after), even, `cut ${n} after ${after} lines`)
      if (n % 15 !== 0) continue
      rmSync(data, { recursive: true })
      mkdirSync(data)
      account = new Account()
    }
  })

  test("what is called durable before it is, is found lost", async () => {
    let lost = 0
    for (let n = 1; n <= 5 && lost === 0; n++) {
      rmSync(data, { recursive: true })
      mkdirSync(data)
      lost += (await cut(new Account(), ["--early"], 20 + 7 * n)).lost
    }
    assert.ok(lost > 0)
  })
})
