import assert from "node:assert/strict"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { after, suite, test } from "node:test"
import { nodeDisk } from "../../kernel/disk/node.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { silentLog } from "../../kernel/log.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { openChunkHistory } from "./history.ts"
import { inspectHistory } from "./inspect.ts"

const root = mkdtempSync(join(tmpdir(), "moru-inspect-"))
after(() => rmSync(root, { recursive: true, force: true }))

const look = (folder: string) =>
  inspectHistory({ folder, files: nodeFiles, disk: nodeDisk }, new AbortController().signal)

/** A folder as a crash leaves it: 30 rows in chunks, three appends of 10 in the journal. */
async function madeFolder(): Promise<string> {
  const folder = mkdtempSync(join(root, "h-"))
  const history = await openChunkHistory({ folder, log: silentLog })
  const append = async (length: number, sequence: number) => {
    const rows = new BlockWriter()
    for (let i = 0; i < length; i++) rows.add(1, sequence + i, i, 0)
    const source = sourceId({ name: "dc-1", epoch: "a" })
    await history.append(rows.take({ source, sequence, received: 0 }))
  }
  await append(30, 0)
  await history.shelves().seal()
  for (const sequence of [30, 40, 50]) await append(10, sequence)
  const crashed = mkdtempSync(join(root, "c-"))
  cpSync(folder, crashed, { recursive: true })
  await history.close()
  return crashed
}

suite("looking at a history", () => {
  test("counts chunks and journal, and changes nothing", async () => {
    const folder = await madeFolder()
    const { samples, inJournal, cycles, faults } = await look(folder)
    assert.deepEqual(
      { samples, inJournal, cycles, faults },
      {
        ...{ samples: 30, inJournal: 30, cycles: 0, faults: [] },
      },
    )
    const history = await openChunkHistory({ folder, log: silentLog })
    assert.equal(await history.count(), 60)
    await history.close()
    assert.deepEqual((await look(folder)).samples, 60)
  })

  test("names what is damaged in the journal and in chunks, a half-written end is none", async () => {
    const folder = await madeFolder()
    const journal = join(folder, "history", "journal")
    const segment = join(journal, readdirSync(journal).at(-1) ?? "")
    const bytes = readFileSync(segment)
    bytes[40] = (bytes[40] ?? 0) ^ 1
    writeFileSync(segment, bytes.subarray(0, -1))
    const file = readdirSync(join(folder, "history")).find((name) => /^\d.*\.db$/.test(name)) ?? ""
    const partition = new DatabaseSync(join(folder, "history", file))
    const record = partition.prepare("SELECT bytes FROM record").get()?.bytes as Uint8Array
    const last = record.length - 1
    record[last] = (record[last] ?? 0) ^ 1
    partition.prepare("UPDATE record SET bytes = ?").run(record)
    partition.close()
    const { inJournal, faults } = await look(folder)
    assert.equal(inJournal, 10)
    assert.equal(faults.length, 2)
    assert.match(faults[0] ?? "", /30 samples of tag 1 .* cannot be read/)
    assert.match(faults[1] ?? "", /journal: \d+ bytes from byte 0 on are damaged/)
  })

  test("a folder of nobody is a problem that says so", async () => {
    const nowhere = mkdtempSync(join(root, "n-"))
    await assert.rejects(
      look(nowhere),
      (thrown) => thrown instanceof Problem && thrown.code === "not-found",
    )
  })
})
