// A disk that gives back other bytes than it was given: what is damaged is told and never served, the rest stays.
import assert from "node:assert/strict"
import {
  cpSync,
  mkdirSync,
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
import { seededRandom } from "../../src/kernel/random.ts"
import { Problem } from "../../src/model/problem.ts"
import { scaled } from "../support/scale.ts"
import { Account, balanceOf, even } from "./account.ts"
import { opened } from "./opened.ts"
import { testify } from "./witnessed.ts"

const root = mkdtempSync(join(tmpdir(), "moru-damage-"))
after(() => rmSync(root, { recursive: true, force: true }))

/** Killed: its newest rows stand in the journal alone. */
const killed = join(root, "killed")
/** Closed: all of it is sealed. */
const closed = join(root, "closed")
const account = new Account()
const random = seededRandom(5)

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

before(async () => {
  mkdirSync(killed)
  let left = 240
  await testify(account, { data: killed, heard: (_, end) => --left === 0 && end() })
  cpSync(killed, closed, { recursive: true })
  await (await opened(closed)).close()
})

/** The balance of a copy after some harm; undefined where it says that it cannot be opened or read. */
async function harmed(whole: string, harm: (folder: string) => void) {
  const folder = mkdtempSync(join(root, "harmed-"))
  cpSync(whole, folder, { recursive: true })
  harm(folder)
  try {
    const history = await opened(folder)
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
      filesIn(killed)
        .filter((file) => file.includes("journal"))
        .at(-1) ?? ""
    const size = statSync(segment).size
    const name = segment.slice(killed.length)
    let lost = 0
    for (let n = 0; n < cuts; n++) {
      const balance = await harmed(killed, (folder) =>
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
    let hits = 0
    for (let n = 0; n < flips; n++) {
      const whole = n % 3 === 0 ? killed : closed
      const files = filesIn(whole).filter(
        (file) => /\.(db|journal)$/.test(file) && statSync(file).size > 0,
      )
      const file = files[n % files.length] ?? ""
      const at = Math.floor(random.next() * statSync(file).size)
      const balance = await harmed(whole, (folder) => {
        const place = join(folder, file.slice(whole.length))
        const bytes = readFileSync(place)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random.next() * 8))
        writeFileSync(place, bytes)
      })
      if (!balance || balance.lost > 0) hits++
      const { phantom, doubled, disordered, misjudged } = balance ?? even
      assert.deepEqual(
        { phantom, doubled, disordered, misjudged },
        { phantom: 0, doubled: 0, disordered: 0, misjudged: 0 },
        `flip ${n}: ${file} at ${at}`,
      )
    }
    assert.ok(hits > flips / 20, `${hits} of the flips hit something`)
  })
})
