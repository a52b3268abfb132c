import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { zstdDecompressSync } from "node:zlib"
import { parquetReadObjects } from "hyparquet"
import { openChunkHistory } from "../historian/chunks/history.ts"
import { SystemClock } from "../kernel/clock/system.ts"
import { nodeFiles } from "../kernel/files/node.ts"
import { silentLog } from "../kernel/log.ts"
import { BlockWriter, sourceId } from "../model/block.ts"
import { parsePath } from "../model/path.ts"
import { administratorOf, browserOf, password } from "../serve/testing/browser.ts"
import { note, temperature } from "../serve/testing/plant.ts"
import { openRig, type Rig } from "../serve/testing/rig.ts"
import { openStore } from "../store/sqlite/store.ts"
import { readTime } from "./exchange/time.ts"

const folder = mkdtempSync(join(tmpdir(), "moru-export-"))
const at = Date.UTC(2026, 6, 28, 5)
after(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function moru(...args: readonly string[]): Promise<Ended> {
  const main = join(import.meta.dirname, "..", "main.ts")
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, MORU_PASSWORD: password },
  })
  const said = { out: "", err: "" }
  child.stdout.on("data", (text) => (said.out += text))
  child.stderr.on("data", (text) => (said.err += text))
  return new Promise((done) => child.on("close", (code) => done({ code, ...said })))
}

async function rowsOf(file: string) {
  return await parquetReadObjects({
    file: new Uint8Array(readFileSync(file)).buffer,
    compressors: { ZSTD: (bytes) => new Uint8Array(zstdDecompressSync(bytes)) },
  })
}

describe("moru export and moru sql, of a running Moru", () => {
  let rig: Rig
  let own: readonly string[] = []
  before(async () => {
    rig = await openRig()
    await browserOf("viewer", await administratorOf(rig), rig.url)
    await rig.deliver([
      { tag: temperature, at, value: 201.5 },
      { tag: temperature, at: at + 1000, value: 202 },
      { tag: note, at, value: "한글" },
    ])
    own = ["--url", rig.url, "--user", "the viewer"]
  })
  after(() => rig.close())

  test("a file is written whole, times in the plant's zone", async () => {
    const out = join(folder, "a.parquet")
    const span = ["--from", "2026-07-28T14:00", "--to", "2026-07-28T14:00:01"]
    const ended = await moru("export", "--tags", "**", ...span, "--out", out, "--json", ...own)
    assert.equal(ended.code, 0, ended.err)
    const { bytes, ...rest } = JSON.parse(ended.out)
    assert.deepEqual(rest, { file: out, format: "parquet" })
    assert.equal(bytes, readFileSync(out).length)
    const rows = await rowsOf(out)
    assert.deepEqual(
      rows.map(({ path, value, text }) => [path, value, text]),
      [
        [temperature, 201.5, null],
        [note, null, "한글"],
      ],
    )
  })

  test("what is wrong is said, and leaves no file", async () => {
    const bad: readonly (readonly [RegExp, ...string[]])[] = [
      [
        /tag no\/such: the plant has no such tag/,
        "--tags",
        "no/such",
        "--from",
        "2026-07-28",
        "--out",
        "b.csv",
      ],
      [
        /--from: got "yesterday", expected a time such as/,
        "--tags",
        "**",
        "--from",
        "yesterday",
        "--out",
        "b.csv",
      ],
      [
        /--format: got "xlsx", expected csv or parquet/,
        "--tags",
        "**",
        "--from",
        "2026-07-28",
        "--out",
        "b.xlsx",
      ],
      [
        /got ENOENT, expected a file to write/,
        "--tags",
        "**",
        "--from",
        "2026-07-28",
        "--out",
        "none/b.csv",
      ],
      [
        /address from: got \d+, expected a time before/,
        "--tags",
        "**",
        "--from",
        "2026-07-28",
        "--to",
        "2026-07-27",
        "--out",
        "b.csv",
      ],
    ]
    const tried = bad.map(async ([says, ...args]) => {
      const out = args.pop() ?? ""
      const ended = await moru("export", ...args, join(folder, out), ...own)
      assert.equal(ended.code, 1, ended.err)
      assert.match(ended.err, says)
    })
    await Promise.all(tried)
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("b.")),
      [],
    )
  })

  test("SQL is answered as a table, or refused with its reason", async (t) => {
    if (!existsSync("node_modules/@duckdb/node-api"))
      return t.skip("@duckdb/node-api is not installed")
    const query = "SELECT path, value, samples.at FROM samples ORDER BY number"
    const ended = await moru("sql", query, "--from", "2026-07-28T05:00Z", "--limit", "1", ...own)
    assert.equal(ended.code, 0, ended.err)
    assert.deepEqual(ended.out.split("\n"), [
      `${"path".padEnd(temperature.length + 2)}value  at`,
      `${temperature}  201.5  2026-07-28T05:00:00.000`,
      "",
    ])
    assert.match(ended.err, /there are more rows: --after 1/)
    const refused = await moru("sql", "DROP TABLE samples", ...own)
    assert.equal(refused.code, 1)
    assert.match(refused.err, /sql: expected one SELECT\n {2}Ask one SELECT/)
  })
})

describe("moru export of a stopped Moru", () => {
  const data = join(folder, "data")
  const open = () =>
    openStore({
      ...{
        folder: data,
        node: "plant",
        clock: new SystemClock(),
        files: nodeFiles,
        log: silentLog,
      },
    })
  before(async () => {
    const store = await open()
    const history = await openChunkHistory({ folder: data, log: silentLog })
    const writer = new BlockWriter()
    const id = store.registry.tagId(parsePath("line/press/force"), "number")
    const words = store.registry.tagId(parsePath("line/press/word"), "text")
    writer.add(id, at, 12.5, 0)
    writer.add(words, at, store.registry.textId(words, "up"), 0)
    await store.registry.flush()
    await history.append(
      writer.take({ source: sourceId({ name: "p", epoch: "1" }), sequence: 0, received: at }),
    )
    await history.close()
    await store.close()
  })

  test("reads its data folder", async () => {
    const out = join(folder, "stopped.csv")
    const args = ["--tags", "line/**", "--from", "2026-07-28", "--out", out, "--data", data]
    const ended = await moru("export", ...args)
    assert.equal(ended.code, 0, ended.err)
    assert.equal(
      readFileSync(out, "utf8"),
      "\uFEFFpath,time,local_time,value,unit,quality,source,sequence\r\n" +
        "line/press/force,2026-07-28T05:00:00.000Z,2026-07-28 05:00:00.000,12.5,,good,p@1,0\r\n" +
        "line/press/word,2026-07-28T05:00:00.000Z,2026-07-28 05:00:00.000,up,,good,p@1,1\r\n",
    )
  })

  test("says where there is none, and that Moru still runs", async () => {
    const args = ["--tags", "**", "--from", "2026-07-28", "--out", join(folder, "c.csv")]
    const none = await moru("export", ...args, "--data", join(folder, "nowhere"))
    assert.match(none.err, /nowhere: no store.db: no Moru has run with this folder/)
    assert.equal(existsSync(join(folder, "nowhere")), false)
    const store = await open()
    const running = await moru("export", ...args, "--data", data, "--json")
    await store.close()
    assert.equal(JSON.parse(running.out).problem.code, "data-locked")
    assert.equal(running.code, 1)
  })
})

test("Times are read as a person writes them", () => {
  const read = (text: string) => readTime("from", text, "Asia/Seoul")
  assert.equal(read("2026-07-28"), Date.UTC(2026, 6, 27, 15))
  assert.equal(read("2026-07-28 14:00"), at)
  assert.equal(read("2026-07-28T05:00:00.25Z"), at + 250)
  assert.equal(read("2026-07-28T07:00+02:00"), at)
  assert.equal(read(`${at}.5`), at + 0.5)
  for (const wrong of ["", "now", "2026-13-01", "2026-07-28T25:00", "28.07.2026", "2026-07-28T14"])
    assert.throws(() => read(wrong), /option-invalid|expected a time/)
})
