// A real Moru writes its ledger, somebody edits the files afterwards, and `moru doctor` as well as the next Moru tells.
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { cp, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { after, before, suite, test } from "node:test"
import type { Examination } from "../src/cli/doctor.ts"
import type { LedgerBreakView } from "../src/serve/api.ts"
import { Browser } from "../src/serve/testing/browser.ts"
import { firstHash, hashOf } from "../src/store/chain.ts"
import type { LedgerRecord } from "../src/store/ledger.ts"
import { type Example, startExample } from "./support/example.ts"
import { freePort } from "./support/free-port.ts"
import { until } from "./support/until.ts"
import { read, visitorsOf } from "./support/visitors.ts"

interface Edit {
  readonly edit: (database: DatabaseSync) => void
  /** What the doctor says at first. */
  readonly wanted: RegExp
  /** What is said once a Moru went on with the folder. */
  readonly later?: RegExp
}

type Row = Omit<LedgerRecord, "body" | "causes" | "id"> & { readonly body: string }

suite("moru doctor on the folder of a run", () => {
  let root: string
  let whole: string
  let env: NodeJS.ProcessEnv

  before(async () => {
    root = await mkdtemp(join(tmpdir(), "moru-doctor-"))
    whole = join(root, "whole")
    const plant = await startExample({ data: whole, speed: 60 })
    env = plant.env
    try {
      await live(plant)
    } finally {
      assert.equal(await plant.stop(), 0)
    }
  })

  after(() => rm(root, { recursive: true, force: true }))

  test("a folder that nobody touched is well", async () => {
    const { code, found } = await doctor(whole)
    assert.deepEqual(
      found.filter(({ state }) => state === "bad"),
      [],
    )
    assert.equal(code, 0)
    assert.match(says(found, "ledger"), /^\d+ records, signed up to \d+, key [0-9a-f]{16}$/)
    assert.match(
      says(found, "storage"),
      /^[\d.]+ [kM]B used: samples .*, records .*; samples since /,
    )
    assert.match(says(found, "history"), /^\d{4,} samples, \d{3} cycles$/)
  })

  test("a folder that no Moru has used is no illness", async () => {
    const { code, found } = await doctor(join(root, "nowhere"))
    assert.equal(code, 0)
    assert.match(says(found, "ledger"), /no Moru has run with this folder/)
  })

  const edits: Readonly<Record<string, Edit>> = {
    "a record that was changed": {
      edit: (database) => database.exec("UPDATE record SET by = 'p7' WHERE number = 2"),
      wanted: /^record 2 tampered: /,
    },
    "a tail that was cut off": {
      edit: cutTail,
      wanted: /^record \d+ cut-tail: /,
      // New records come to stand in the place of those that were cut off.
      later: /^record \d+ (cut-tail|rewritten): /,
    },
    "a chain that was computed anew": { edit: rewrite, wanted: /^record \d+ rewritten: / },
  }
  for (const [what, { edit, wanted, later = wanted }] of Object.entries(edits))
    test(`${what} is named by the doctor, and by the next Moru`, async () => {
      const folder = join(root, what.replaceAll(" ", "-"))
      await cp(whole, folder, { recursive: true })
      const database = new DatabaseSync(join(folder, "store.db"))
      edit(database)
      database.close()
      const { code, found } = await doctor(folder)
      assert.equal(code, 1)
      const bad = found.filter(({ state }) => state === "bad")
      assert.deepEqual(
        bad.map(({ name }) => name),
        ["ledger"],
      )
      assert.match(bad[0]?.says ?? "", wanted)
      const plant = await startExample({ data: folder, env, speed: 60 })
      try {
        // A record that is written in between would part the two.
        await until("the doctor and the running Moru say the same", async () => {
          const guest = new Browser(plant.url)
          const breaks = await read<LedgerBreakView[]>(guest, "ledger/verify")
          const seen = breaks.map(({ number, kind, says }) => `record ${number} ${kind}: ${says}`)
          assert.match(seen[0] ?? "", later)
          const { found } = await doctor(folder)
          return seen.join() === found.flatMap(saysOfLedger).join()
        })
      } finally {
        assert.equal(await plant.stop(), 0)
      }
    })

  async function doctor(data: string): Promise<{ code: number; found: readonly Examination[] }> {
    const args = ["src/main.ts", "doctor", "--data", data, "--json"]
    args.push("--port", String(await freePort()))
    const { promise, resolve } = Promise.withResolvers<{ code: number; stdout: string }>()
    execFile(process.execPath, args, (error, stdout) =>
      resolve({ code: Number(error?.code ?? 0), stdout }),
    )
    const { code, stdout } = await promise
    return { code, found: JSON.parse(stdout).examinations }
  }
})

/** Some days in a few seconds: people come, and a set point is changed. */
async function live(plant: Example): Promise<void> {
  const { operator } = await visitorsOf(plant)
  const wish = { target: "hwaseong/casting/line-1/dc-1/cooling-flow-set", value: 45 }
  await until("the flow is set", async () => {
    const { body } = await operator.post<{ state: string }>("/api/v1/commands", wish)
    return body.state === "done"
  })
}

function says(found: readonly Examination[], name: string): string {
  return found.find((each) => each.name === name)?.says ?? ""
}

function saysOfLedger({ name, says }: Examination): readonly string[] {
  return name === "ledger" ? [says] : []
}

/** Sets SQLite's own count back too. */
function cutTail(database: DatabaseSync): void {
  const cut = "> (SELECT max(number) - 2 FROM record)"
  database.exec(`DELETE FROM cause WHERE effect ${cut}; DELETE FROM record WHERE number ${cut}`)
  database.exec("UPDATE sqlite_sequence SET seq = seq - 2 WHERE name = 'record'")
}

/** What somebody who knows the code could do: change a record and compute every hash after it anew. */
function rewrite(database: DatabaseSync): void {
  const rows = database.prepare("SELECT * FROM record ORDER BY number").all() as unknown as Row[]
  const causes = database.prepare("SELECT cause FROM cause WHERE effect = ? ORDER BY place")
  const update = database.prepare("UPDATE record SET by = ?, hash = ? WHERE number = ?")
  let previous = firstHash
  for (const row of rows) {
    const record = {
      ...row,
      id: `plant:${row.number}`,
      by: row.number === 2 ? "somebody else" : row.by,
      causes: causes.all(row.number).map(({ cause }) => `plant:${cause}`),
      body: JSON.parse(row.body),
    }
    previous = hashOf(previous, record)
    update.run(record.by, previous, record.number)
  }
}
