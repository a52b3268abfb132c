// A disk that gives back other bytes than it was given: what is damaged is told and never served, the rest stays.
import assert from "node:assert/strict"
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import { openChunkHistory } from "../../src/historian/chunks/history.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { Problem } from "../../src/model/problem.ts"
import { scaled } from "../support/scale.ts"
import { Account, balanceOf } from "./account.ts"
import { testify } from "./witnessed.ts"

const root = mkdtempSync(join(tmpdir(), "moru-damage-"))
after(() => rmSync(root, { recursive: true, force: true }))

const whole = join(root, "whole")
const account = new Account()
const random = seededRandom(5)

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** A killed history: its newest rows stand in the journal alone. */
before(async () => {
  cpSync(mkdtempSync(join(root, "made-")), whole, { recursive: true })
  let left = 900
  await testify(account, { data: whole, heard: (_, end) => --left === 0 && end() })
})

/** The balance of a copy after some harm; undefined where it says that it cannot be opened or read. */
async function harmed(harm: (folder: string) => void) {
  const folder = mkdtempSync(join(root, "harmed-"))
  cpSync(whole, folder, { recursive: true })
  harm(folder)
  try {
    const history = await openChunkHistory({ folder, log: silentLog })
    try {
      return await balanceOf(account, history)
    } finally {
      await history.close()
    }
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    assert.ok(["history-corrupt", "store-failed"].includes(thrown.code), thrown.message)
    return undefined
  } finally {
    rmSync(folder, { recursive: true })
  }
}

suite("damage", () => {
  const cuts = scaled(40, 1500)
  test(`the last segment cut at ${cuts} places: a clean tail, nothing made up`, async () => {
    const segment =
      filesIn(whole)
        .filter((file) => file.includes("journal"))
        .at(-1) ?? ""
    const size = statSync(segment).size
    assert.ok(size > 1000)
    const name = segment.slice(whole.length)
    let lost = 0
    for (let n = 0; n < cuts; n++) {
      const balance = await harmed((folder) =>
        truncateSync(join(folder, name), Math.floor((size * n) / cuts)),
      )
      assert.ok(balance, `cut at ${n}/${cuts} of ${size}: it opens`)
      const { phantom, doubled, disordered, torn } = balance
      assert.deepEqual(
        { phantom, doubled, disordered, torn },
        { phantom: 0, doubled: 0, disordered: 0, torn: 0 },
      )
      lost += balance.lost
    }
    assert.ok(lost > 0, "acknowledged rows stood behind the cuts")
  })

  const flips = scaled(60, 2000)
  test(`one of its bits flipped, ${flips} times: no wrong number is ever served`, async () => {
    const files = filesIn(whole).filter(
      (file) => statSync(file).size > 0 && !/-shm$|ballast/.test(file),
    )
    let harmless = 0
    for (let n = 0; n < flips; n++) {
      const file = files[n % files.length] ?? ""
      const at = Math.floor(random.next() * statSync(file).size)
      const balance = await harmed((folder) => {
        const place = join(folder, file.slice(whole.length))
        const bytes = readFileSync(place)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random.next() * 8))
        writeFileSync(place, bytes)
      })
      if (!balance) continue
      const { phantom, doubled, disordered } = balance
      assert.deepEqual(
        { phantom, doubled, disordered },
        { phantom: 0, doubled: 0, disordered: 0 },
        `${file} at ${at}`,
      )
      if (balance.lost === 0) harmless++
    }
    assert.ok(harmless < flips, "some of the flips hit something")
  })
})
