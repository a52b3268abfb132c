// Killed at any moment, and at any write or fsync of its, a history holds what it acknowledged, once, and nothing else.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, suite, test } from "node:test"
import { seededRandom } from "../../src/kernel/random.ts"
import { scaled } from "../support/scale.ts"
import { Account, balanceOf, even } from "./account.ts"
import { opened } from "./opened.ts"
import { testify } from "./witnessed.ts"

const root = mkdtempSync(join(tmpdir(), "moru-kill-"))
after(() => rmSync(root, { recursive: true, force: true }))

const seed = 4
const random = seededRandom(seed)
const drawn = (below: number) => 1 + Math.floor(random.next() * below)
const folderOf = (name: string) => mkdtempSync(join(root, name))
const tracer = spawnSync("strace", ["-V"]).status === 0 ? [] : ["no strace"]

const group = `/sys/fs/cgroup/memory/moru-${process.pid}`
const limited = makeGroup()
after(() => {
  if (limited) rmdirSync(group)
})

function makeGroup(): boolean {
  try {
    mkdirSync(group)
    return true
  } catch {
    return false
  }
}

async function weigh(account: Account, data: string) {
  const history = await opened(data)
  const balance = await balanceOf(account, history)
  await history.close()
  return balance
}

suite("kill -9", () => {
  const atRandom = scaled(5, 100)
  test(`at ${atRandom} random moments, one run after another`, { timeout: 3_000_000 }, async () => {
    const data = folderOf("random-")
    let account = new Account()
    for (let kill = 1; kill <= atRandom; kill++) {
      let left = drawn(400)
      await testify(account, { data, heard: (_, end) => --left === 0 && end() })
      assert.deepEqual(await weigh(account, data), even, `seed ${seed}, kill ${kill}`)
      // The history grows with every run; what was weighed once is weighed again for a while only.
      if (kill % 20 === 0) {
        rmSync(data, { recursive: true })
        account = new Account()
      }
    }
    assert.ok(account.durable.size > 0 || atRandom % 20 === 0)
  })

  const calls = ["fdatasync", "fsync", "pwrite64", "writev,pwritev", "write", "unlink"]
  const atCalls = scaled(6, 100)
  test(`at ${atCalls} of its writes, fsyncs and removals`, {
    timeout: 3_000_000,
    skip: tracer[0] ?? false,
  }, async () => {
    let killed = 0
    for (let kill = 0; kill < atCalls; kill++) {
      const data = folderOf("call-")
      const account = new Account()
      const call = calls[kill % calls.length] ?? ""
      const nth = drawn(call === "unlink" ? 3 : 60)
      const inject = `inject=${call}:signal=SIGKILL:when=${nth}`
      const under = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", inject]
      let heard = 0
      const said = await testify(account, {
        ...{ data, under },
        // Where that call never comes so often, it is killed anyhow.
        heard: (_, end) => ++heard > 3000 && end(),
      })
      if (!said.includes("closed")) killed++
      assert.deepEqual(await weigh(account, data), even, `seed ${seed}: ${call} ${nth}`)
      rmSync(data, { recursive: true })
    }
    assert.equal(killed, atCalls)
  })

  test("by the system when memory runs out", {
    skip: limited ? false : "no memory limit can be set here",
  }, async () => {
    const data = folderOf("memory-")
    const account = new Account()
    for (const megabytes of [70, 100, 130]) {
      writeFileSync(join(group, "memory.limit_in_bytes"), `${megabytes * 1_000_000}`)
      const under = ["sh", "-c", `echo $$ > ${group}/cgroup.procs; exec "$@"`, "sh"]
      let heard = 0
      await testify(account, { data, under, heard: (_, end) => ++heard > 4000 && end() })
      assert.deepEqual(await weigh(account, data), even, `${megabytes} MB`)
    }
    assert.ok(account.durable.size > 0)
  })

  test("a witness that says durable too early is found out", async () => {
    const lost = []
    for (let kill = 1; kill <= 6; kill++) {
      const data = folderOf("early-")
      const account = new Account()
      let left = 20 * kill
      const heard = (line: string, end: () => void) =>
        line.startsWith("durable") && --left < 0 && end()
      await testify(account, { data, more: ["--early"], heard })
      lost.push((await weigh(account, data)).lost)
    }
    assert.ok(
      lost.some((count) => count > 0),
      `${lost}`,
    )
  })
})
