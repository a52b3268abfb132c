// Each case really edits the SQLite file as somebody with a database tool would, then looks as `moru doctor` does.
import assert from "node:assert/strict"
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { after, before, suite, test } from "node:test"
import { SimulatedClock } from "../../kernel/clock/simulated.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { silentLog } from "../../kernel/log.ts"
import { Problem } from "../../model/problem.ts"
import { firstHash, hashOf } from "../chain.ts"
import type { LedgerDraft, LedgerRecord } from "../ledger.ts"
import { inspectStore } from "./inspect.ts"
import { openStore } from "./store.ts"

const root = mkdtempSync(join(tmpdir(), "moru-verify-"))
const whole = join(root, "whole")
const { signal } = new AbortController()
let copies = 0
after(() => rmSync(root, { recursive: true, force: true }))

const open = (folder: string) =>
  openStore({
    folder,
    node: "plant",
    clock: new SimulatedClock(1000),
    files: nodeFiles,
    log: silentLog,
  })

/** 450 records, each caused by the one before; heads at 200, 400 and, by closing, 450. */
before(async () => {
  const store = await open(whole)
  for (let i = 1; i <= 450; i++) await store.commit({ records: [draft(i)] })
  await store.close()
})

const draft = (i: number): LedgerDraft => ({
  kind: "effect.measured",
  subject: `line/dc-${i % 3}`,
  by: "part:act",
  causes: i > 1 ? [`plant:${i - 1}`] : [],
  body: { change: i },
})

/** A copy of the whole folder with the statements done to its database. */
function edited(...statements: string[]): string {
  const folder = join(root, `copy-${copies++}`)
  cpSync(whole, folder, { recursive: true })
  const database = new DatabaseSync(join(folder, "store.db"), {
    enableForeignKeyConstraints: false,
  })
  for (const statement of statements) database.exec(statement)
  database.close()
  return folder
}

async function breaksOf(folder: string): Promise<[kind: string, number: number][]> {
  const { breaks } = await inspectStore({ folder, files: nodeFiles }, signal)
  for (const { says } of breaks) assert.ok(says.length > 10)
  return breaks.map(({ kind, number }) => [kind, number])
}

/** What somebody who knows the code could do: change a record and compute all hashes after it anew. */
function rewriteFrom(folder: string, from: number, body: (record: LedgerRecord) => object): void {
  const database = new DatabaseSync(join(folder, "store.db"))
  const rows = database.prepare("SELECT * FROM record ORDER BY number").all()
  const update = database.prepare("UPDATE record SET body = ?, hash = ? WHERE number = ?")
  let previous = firstHash
  database.exec("BEGIN")
  for (const row of rows as unknown as (LedgerRecord & { body: string })[]) {
    const record = {
      ...row,
      id: `plant:${row.number}`,
      causes: row.number > 1 ? [`plant:${row.number - 1}`] : [],
      body: JSON.parse(row.body),
    }
    if (record.number === from) record.body = body(record)
    previous = hashOf(previous, record)
    update.run(JSON.stringify(record.body), previous, record.number)
  }
  database.exec("COMMIT")
  database.close()
}

suite("ledger: what an edit of the file gives away", () => {
  test("a chain that nobody touched is whole", async () => {
    const found = await inspectStore({ folder: whole, files: nodeFiles }, signal)
    assert.deepEqual(
      { ...found, keyFingerprint: found.keyFingerprint.length },
      {
        node: "plant",
        records: 450,
        lastHead: 450,
        keyFingerprint: 16,
        breaks: [],
        fileFaults: [],
      },
    )
  })

  test("the doctor may look while Moru runs, and where there is nothing says so", async () => {
    const folder = edited()
    const store = await open(folder)
    await store.commit({ records: [draft(451)] })
    const found = await inspectStore({ folder, files: nodeFiles }, signal)
    assert.deepEqual([found.records, found.lastHead, found.breaks], [451, 450, []])
    await store.close()
    const nowhere = inspectStore({ folder: join(root, "nowhere"), files: nodeFiles }, signal)
    await assert.rejects(nowhere, (t) => t instanceof Problem && t.code === "not-found")
  })

  for (const [what, statement] of Object.entries({
    "value in the body": `UPDATE record SET body = '{"change":1000}' WHERE number = 123`,
    person: "UPDATE record SET by = 'p7' WHERE number = 123",
    time: "UPDATE record SET at = at + 1 WHERE number = 123",
    cause: "UPDATE cause SET cause = 5 WHERE effect = 123",
    "removed cause": "DELETE FROM cause WHERE effect = 123",
    "body that is no JSON any more": "UPDATE record SET body = '{' WHERE number = 123",
  }))
    test(`a changed record is named: ${what}`, async () => {
      assert.deepEqual(await breaksOf(edited(statement)), [["tampered", 123]])
    })

  test("two changed records are both named", async () => {
    const folder = edited("UPDATE record SET subject = 'x' WHERE number IN (7, 300)")
    assert.deepEqual(await breaksOf(folder), [
      ["tampered", 7],
      ["tampered", 300],
    ])
  })

  test("a changed record with its own hash computed anew shows at the next record", async () => {
    const folder = edited(`UPDATE record SET hash = '${"a".repeat(64)}' WHERE number = 123`)
    assert.deepEqual(await breaksOf(folder), [
      ["tampered", 123],
      ["tampered", 124],
    ])
  })

  test("missing records are named, in the middle and at the start", async () => {
    assert.deepEqual(await breaksOf(edited("DELETE FROM record WHERE number = 88")), [
      ["missing", 88],
    ])
    assert.deepEqual(await breaksOf(edited("DELETE FROM record WHERE number < 10")), [
      ["missing", 1],
    ])
  })

  test("a cut tail is named from its first record on, also with SQLite's own count set back", async () => {
    const cut = ["DELETE FROM record WHERE number > 430", "DELETE FROM cause WHERE effect > 430"]
    const back = "UPDATE sqlite_sequence SET seq = 430 WHERE name = 'record'"
    assert.deepEqual(await breaksOf(edited(...cut)), [["cut-tail", 431]])
    assert.deepEqual(await breaksOf(edited(...cut, back)), [["cut-tail", 431]])
    assert.deepEqual(await breaksOf(edited("DELETE FROM record", back)), [["cut-tail", 1]])
  })

  test("a tail cut after the last head shows by SQLite's own count", async () => {
    const folder = edited("DELETE FROM record WHERE number > 430")
    const heads = join(folder, "heads.jsonl")
    writeFileSync(
      heads,
      readFileSync(heads, "utf8").split("\n").slice(0, 2).join("\n").concat("\n"),
    )
    assert.deepEqual(await breaksOf(folder), [["cut-tail", 431]])
  })

  test("a chain written anew from a record on differs from the next signed head", async () => {
    const folder = edited()
    rewriteFrom(folder, 250, () => ({ change: -1 }))
    const { breaks } = await inspectStore({ folder, files: nodeFiles }, signal)
    assert.deepEqual(
      breaks.map(({ kind, number }) => [kind, number]),
      [["rewritten", 400]],
    )
    assert.match(breaks[0]?.says ?? "", /records 201 to 400/)
  })

  test("writing the chain anew with the same content is no break", async () => {
    const folder = edited()
    rewriteFrom(folder, 250, (record) => record.body)
    assert.deepEqual(await breaksOf(folder), [])
  })

  test("a cut tail that was continued by a restart stays visible", async () => {
    const folder = edited(
      "DELETE FROM record WHERE number > 390",
      "DELETE FROM cause WHERE effect > 390",
    )
    const store = await open(folder)
    for (let i = 0; i < 100; i++) await store.commit({ records: [{ ...draft(1), causes: [] }] })
    assert.deepEqual(
      (await store.ledger.verify(signal)).map(({ kind, number }) => [kind, number]),
      [["rewritten", 400]],
    )
    await store.close()
  })

  test("a head that was changed or forged is named, half a line of a power cut is not", async () => {
    const folder = edited()
    const heads = join(folder, "heads.jsonl")
    const lines = readFileSync(heads, "utf8")
    writeFileSync(heads, lines.replace('"number":200', '"number":199'))
    assert.deepEqual(await breaksOf(folder), [["tampered", 0]])
    writeFileSync(heads, lines)
    appendFileSync(heads, lines.slice(0, 80))
    const store = await open(folder)
    assert.deepEqual(await store.ledger.verify(signal), [])
    await store.commit({ records: [draft(2)] })
    await store.close()
    assert.deepEqual(await breaksOf(folder), [])
  })

  test("heads kept elsewhere convict who rewrote the folder with its key", async () => {
    const folder = edited()
    rewriteFrom(folder, 10, () => ({ change: 0 }))
    rmSync(join(folder, "heads.jsonl"))
    rmSync(join(folder, "ledger-key.pem"))
    await (await open(folder)).close()
    assert.deepEqual(await breaksOf(folder), [])
    const elsewhere = { folder, headsFolder: whole, files: nodeFiles }
    const { breaks } = await inspectStore(elsewhere, signal)
    assert.deepEqual(
      breaks.map(({ kind, number }) => [kind, number]),
      [["rewritten", 200]],
    )
  })
})
