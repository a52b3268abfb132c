import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, suite, test } from "node:test"
import { SimulatedClock } from "../../kernel/clock/simulated.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import type { Files } from "../../kernel/files.ts"
import { silentLog } from "../../kernel/log.ts"
import { parsePath } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import type { LedgerDraft } from "../ledger.ts"
import { inspectStore } from "./inspect.ts"
import { openStore, type SqliteStore } from "./store.ts"

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "moru-store-"))
  folders.push(folder)
  return folder
}

function open(folder: string, files: Files = nodeFiles): Promise<SqliteStore> {
  return openStore({
    folder,
    node: "plant",
    clock: new SimulatedClock(1000),
    files,
    log: silentLog,
  })
}

const draft = (subject: string, more: Partial<LedgerDraft> = {}): LedgerDraft => ({
  kind: "finding.raised",
  subject,
  by: "part:analyse",
  causes: [],
  body: {},
  ...more,
})

const problem = (code: string) => (thrown: unknown) =>
  thrown instanceof Problem && thrown.code === code

suite("store", () => {
  test("a change stands in the ledger and in the documents, also after a restart", async () => {
    const folder = newFolder()
    const first = await open(folder)
    const [record] = await first.commit({
      records: [
        draft("hwaseong/dc-1", { body: { b: 1, a: [true, "금형", undefined, Number.NaN] } }),
      ],
      puts: [{ collection: "finding", id: "f1", document: { open: true } }],
    })
    await first.close()
    const again = await open(folder)
    assert.equal(record?.id, "plant:1")
    assert.equal(record?.at, 1000)
    assert.deepEqual(record?.body, { b: 1, a: [true, "금형", null, null] })
    assert.deepEqual(await again.ledger.get("plant:1"), record)
    assert.deepEqual(await again.get("finding", "f1"), { open: true })
    await again.commit({ puts: [{ collection: "finding", id: "f1", document: undefined }] })
    assert.equal(await again.get("finding", "f1"), undefined)
    assert.deepEqual(await again.list("finding"), [])
    await again.close()
  })

  test("changes of one moment keep their order and their last document wins", async () => {
    const store = await open(newFolder())
    const results = await Promise.all(
      Array.from({ length: 1200 }, (_, i) =>
        store.commit({
          records: [draft(`m/${i}`)],
          puts: [{ collection: "setting", id: "last", document: i }],
        }),
      ),
    )
    assert.deepEqual(
      results.map(([record]) => record?.number),
      Array.from({ length: 1200 }, (_, i) => i + 1),
    )
    assert.equal(await store.get("setting", "last"), 1199)
    assert.deepEqual(await store.ledger.verify(AbortSignal.timeout(10_000)), [])
    await store.close()
  })

  test("a record with a cause that does not exist is refused alone", async () => {
    const store = await open(newFolder())
    const results = await Promise.allSettled([
      store.commit({ records: [draft("a")] }),
      store.commit({
        records: [draft("b", { causes: ["plant:99"] })],
        puts: [{ collection: "setting", id: "b", document: 1 }],
      }),
      store.commit({ records: [draft("c", { causes: ["elsewhere:1"] })] }),
      store.commit({ records: [draft("d", { causes: ["plant:1"] })] }),
    ])
    assert.deepEqual(
      results.map((r) => r.status),
      ["fulfilled", "rejected", "rejected", "fulfilled"],
    )
    assert.equal(await store.get("setting", "b"), undefined)
    assert.deepEqual((await store.ledger.get("plant:2"))?.causes, ["plant:1"])
    await store.close()
  })

  test("a listing goes from new to old, page by page, by kind, subject, person and time", async () => {
    const store = await open(newFolder())
    const approved = { kind: "decision.approved", by: "p1" } as const
    await store.commit({
      records: [
        draft("line", { at: 1 }),
        draft("line/dc-1", { at: 2 }),
        draft("line/dc-1/die", { at: 3, ...approved }),
        draft("line/dc-10", { at: 4, ...approved }),
        draft("line0", { at: 5 }),
      ],
    })
    const numbers = async (filter: object) =>
      (await store.ledger.list({ limit: 10, ...filter })).map((record) => record.number)
    assert.deepEqual(await numbers({}), [5, 4, 3, 2, 1])
    assert.deepEqual(await numbers({ limit: 2 }), [5, 4])
    assert.deepEqual(await numbers({ limit: 2, before: 4 }), [3, 2])
    assert.deepEqual(await numbers({ subject: "line/dc-1" }), [3, 2])
    assert.deepEqual(await numbers({ subject: "line" }), [4, 3, 2, 1])
    assert.deepEqual(await numbers({ kinds: ["decision.approved"], from: 4 }), [4])
    assert.deepEqual(await numbers({ by: "p1", to: 4 }), [3])
    await store.close()
  })

  test("a chain holds all that led to a record and all that followed, and nothing else", async () => {
    const store = await open(newFolder())
    for (const causes of [[], ["1"], ["1"], ["2", "3"], ["3"], ["4"], []])
      await store.commit({ records: [draft("m", { causes: causes.map((n) => `plant:${n}`) })] })
    const numbers = async (id: string, limit?: number) =>
      (await store.ledger.chain(id, limit))?.records.map((record) => record.number)
    assert.deepEqual(await numbers("plant:4"), [1, 2, 3, 4, 6])
    assert.deepEqual(await numbers("plant:1"), [1, 2, 3, 4, 5, 6])
    assert.deepEqual(await numbers("plant:4", 4), [2, 3, 4, 6])
    assert.equal(await numbers("plant:8"), undefined)
    await store.close()
  })

  test("tags and texts have the same ids after a restart", async () => {
    const folder = newFolder()
    const first = await open(folder)
    const path = parsePath("line/dc-1/state")
    const id = first.registry.tagId(path, "text")
    assert.equal(first.registry.tagId(path, "text"), id)
    assert.notEqual(first.registry.tagId(path, "number"), id)
    const texts = ["가동", "", "정지"].map((text) => first.registry.textId(id, text))
    assert.deepEqual(texts, [1, 2, 3])
    await Promise.all([first.registry.flush(), first.registry.flush()])
    await first.close()
    const again = await open(folder)
    assert.equal(again.registry.tagId(path, "text"), id)
    assert.equal(again.registry.pathOf(id), path)
    assert.equal(again.registry.kindOf(id), "text")
    assert.equal(again.registry.textOf(id, 3), "정지")
    assert.equal(again.registry.textId(id, "정지"), 3)
    assert.equal(again.registry.textId(id, "고장"), 4)
    assert.equal(again.registry.textOf(id, 9), undefined)
    await again.close()
  })

  test("a folder in use is refused with the number of the process that uses it", async () => {
    const folder = newFolder()
    const store = await open(folder)
    await assert.rejects(open(folder), (thrown) => {
      assert.ok(problem("data-locked")(thrown))
      assert.match(String(thrown), new RegExp(`process ${process.pid}\\b`))
      return true
    })
    await store.close()
    await (await open(folder)).close()
  })

  test("a lock left by a killed process does not block, and what it committed is there", async () => {
    const folder = newFolder()
    const script = `
      import { openStore } from ${JSON.stringify(new URL("./store.ts", import.meta.url).href)}
      import { nodeFiles } from ${JSON.stringify(new URL("../../kernel/files/node.ts", import.meta.url).href)}
      import { silentLog } from ${JSON.stringify(new URL("../../kernel/log.ts", import.meta.url).href)}
      const store = await openStore({ folder: ${JSON.stringify(folder)}, node: "plant", files: nodeFiles,
        log: silentLog, clock: { now: () => 5 } })
      for (;;) {
        const [record] = await store.commit({ records: [{ kind: "gap.opened", subject: "m", by: "t", causes: [], body: {} }] })
        process.stdout.write(record.number + "\\n")
      }`
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    let said = ""
    for await (const chunk of child.stdout) {
      said += chunk
      if (!child.killed && said.split("\n").length > 250) {
        await assert.rejects(open(folder), problem("data-locked"))
        child.kill("SIGKILL")
      }
    }
    const acknowledged = said.split("\n").length - 1
    const looked = await inspectStore({ folder, files: nodeFiles }, AbortSignal.timeout(10_000))
    assert.ok(looked.records >= acknowledged)
    const store = await open(folder)
    const [last] = await store.ledger.list({ limit: 1 })
    assert.ok(last && last.number >= acknowledged, `${last?.number} of ${acknowledged}`)
    assert.deepEqual(await store.ledger.verify(AbortSignal.timeout(10_000)), [])
    await store.close()
  })

  test("the key that signs heads may be read by its owner alone", async () => {
    const folder = newFolder()
    await (await open(folder)).close()
    assert.equal(statSync(join(folder, "ledger-key.pem")).mode & 0o777, 0o600)
  })

  test("another chain's name is refused, and a closed store takes nothing", async () => {
    const folder = newFolder()
    const store = await open(folder)
    await store.close()
    await assert.rejects(store.commit({ records: [draft("m")] }), problem("store-failed"))
    const other = openStore({
      folder,
      node: "other",
      clock: new SimulatedClock(),
      files: nodeFiles,
      log: silentLog,
    })
    await assert.rejects(other, problem("store-failed"))
    await (await open(folder)).close()
  })

  test("a head that cannot be written stops no record and is written later", async () => {
    const folder = newFolder()
    let full = true
    const files: Files = {
      ...nodeFiles,
      append: (path, content) =>
        full ? Promise.reject(new Error("disk full")) : nodeFiles.append(path, content),
    }
    const store = await open(folder, files)
    const many = Array.from({ length: 201 }, (_, i) => draft(`m/${i}`))
    await store.commit({ records: many })
    assert.equal(await nodeFiles.read(join(folder, "heads.jsonl")), undefined)
    full = false
    await store.commit({ records: [draft("m")] })
    await store.close()
    const content = new TextDecoder().decode(await nodeFiles.read(join(folder, "heads.jsonl")))
    assert.equal(JSON.parse(content).number, 202)
  })

  test("a change that the database refuses is a problem and leaves the chain whole", async () => {
    const folder = newFolder()
    const store = await open(folder)
    await store.commit({ records: [draft("m")] })
    await assert.rejects(
      store.commit({
        records: [draft("m")],
        puts: [{ collection: null as never, id: "x", document: 1 }],
      }),
      problem("store-failed"),
    )
    const [record] = await store.commit({ records: [draft("m")] })
    assert.equal(record?.number, 2)
    assert.deepEqual(await store.ledger.verify(AbortSignal.timeout(10_000)), [])
    await store.close()
  })
})
