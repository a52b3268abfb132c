import assert from "node:assert/strict"
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import type { Cycle } from "../../model/cycle.ts"
import { parsePath } from "../../model/path.ts"
import { Problem, type ProblemCode } from "../../model/problem.ts"
import type { SqlQuestion, SqlSource } from "../sql.ts"
import { longHistory, numbers, smallPlant, source, start, whole } from "../testing/plant.ts"
import { SqlProcess } from "./engine.ts"

const isInstalled = await import("@duckdb/node-api").then(
  () => true,
  () => false,
)
const skip = isInstalled ? false : "@duckdb/node-api is not installed"
const { signal } = new AbortController()
const engine = new SqlProcess()

function asked(sql: string, more: Partial<SqlQuestion> = {}): SqlQuestion {
  return { ...whole, sql, limit: 1000, after: 0, ...more }
}

async function plantSource(): Promise<SqlSource> {
  const plant = await smallPlant()
  return { ...plant, cycles: plant.history.cycles }
}

/** Throws unless it ends in this problem; gives its words. */
async function problemOf(sql: string, code: ProblemCode, by = engine): Promise<string> {
  const thrown = await by.ask(asked(sql), await plantSource(), signal).catch((e: unknown) => e)
  assert.ok(thrown instanceof Problem, `${sql}: got ${JSON.stringify(thrown)}`)
  assert.equal(thrown.code, code, `${sql}: ${thrown.message}`)
  return thrown.message
}

suite("SQL over the history", { skip }, () => {
  test("sees samples as they are kept, times in ms, in words what is kept as numbers", async () => {
    const { rows, columns, samples } = await engine.ask(
      asked("SELECT * FROM samples ORDER BY number"),
      await plantSource(),
      signal,
    )
    assert.equal(samples, 14)
    assert.deepEqual(
      columns.map(({ name, type }) => `${name} ${type}`),
      [
        ...["path VARCHAR", "at TIMESTAMP", "local_time TIMESTAMP", "value DOUBLE"],
        ...["text VARCHAR", "quality VARCHAR", "unit VARCHAR", "source VARCHAR", "number BIGINT"],
      ],
    )
    const nine = 9 * 3_600_000
    assert.deepEqual(rows[1], [
      ...["hwaseong/dc-1/temperature", start + 1.5, start + 1.5 + nine, -0, null, "good"],
      ...["Cel", source, 71],
    ])
    assert.deepEqual(
      rows.slice(0, 8).map(([, , , value]) => value),
      numbers.map((value) => (Number.isFinite(value) ? value : null)),
    )
    assert.deepEqual(
      rows.slice(8, 12).map(([, , , value, text]) => [value, text]),
      [
        [1, null],
        [0, null],
        [null, '=cmd("한글", 1)'],
        [null, "두 줄\r\n글"],
      ],
    )
  })

  test("sees cycles with their numbers and texts", async () => {
    const plant = await plantSource()
    const cycle: Cycle = {
      ...{ id: `${source}#1`, equipment: parsePath("hwaseong/dc-1"), source, sequence: 1 },
      ...{ start, end: start + 40_500, verdict: "bad", order: "A-1" },
      values: { biscuit: 31.5, operator: "Kim" },
    }
    const read = async () => [cycle]
    const { rows } = await engine.ask(
      asked(
        `SELECT epoch(c.end - c.start), c.order, verdict, numbers['biscuit'], texts FROM cycles c`,
      ),
      { ...plant, cycles: { read } },
      signal,
    )
    assert.deepEqual(rows, [[40.5, "A-1", "bad", 31.5, { operator: "Kim" }]])
  })

  test("gives its answer page by page", async () => {
    const history = await longHistory(30_000)
    const plant = { ...history, cycles: (await plantSource()).cycles }
    const page = (after: number) =>
      engine.ask(
        asked("SELECT number FROM samples ORDER BY 1", { limit: 10_000, after }),
        plant,
        signal,
      )
    const first = await page(0)
    assert.equal(first.samples, 30_000)
    assert.deepEqual([first.rows.length, first.more], [10_000, true])
    const last = await page(20_000)
    assert.deepEqual([last.rows[0], last.rows.length, last.more], [[20_000], 10_000, false])
  })

  test("is asked for the tags and the time that were named, and no more", async () => {
    const { rows } = await engine.ask(
      asked("SELECT count(*), max(samples.at) FROM samples", {
        to: start + 2,
        tags: whole.tags.slice(0, 1),
      }),
      await plantSource(),
      signal,
    )
    assert.deepEqual(rows, [[2, start + 1.5]])
  })

  test("says what is wrong with a query before it reads anything", async () => {
    const source = await plantSource()
    const untouched = { ...source, history: { read: () => assert.fail("the history was read") } }
    await assert.rejects(
      engine.ask(asked("SELECT pth FROM samples"), untouched, signal),
      /query-refused|pth/,
    )
    assert.match(await problemOf("SELEC 1", "query-refused"), /one SELECT/)
    const bare = "SELECT max(at) FROM samples"
    assert.match(await problemOf(bare, "query-refused"), /in quotes or as samples\.at/)
  })
})

suite("SQL cannot leave its walls", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "moru-sql-"))
  const secret = join(folder, "secret.csv")
  let asks = 0
  const server = createServer((_, answer) => {
    asks++
    answer.end("a\n1\n")
  })
  let url = ""

  before(async () => {
    writeFileSync(secret, "a,b\nsecret,1\n")
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`
  })
  after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  const escapes = (file: string, web: string, out: string) => [
    `COPY (SELECT 1) TO '${out}/o.csv'`,
    `COPY samples TO '${out}/o.parquet' (FORMAT parquet)`,
    `COPY kept.tag FROM '${file}'`,
    `EXPORT DATABASE '${out}/all'`,
    `IMPORT DATABASE '${out}'`,
    `ATTACH '${out}/other.db' AS other`,
    "ATTACH ':memory:' AS other",
    "DETACH memory",
    "USE memory",
    "INSTALL httpfs",
    "FORCE INSTALL httpfs",
    "LOAD httpfs",
    `LOAD '${file}'`,
    "UPDATE EXTENSIONS",
    "SET enable_external_access = true",
    "SET memory_limit = '64GB'",
    "SET disabled_filesystems = ''",
    "RESET lock_configuration",
    "PRAGMA enable_object_cache",
    "PRAGMA database_list",
    "PRAGMA memory_limit = '64GB'",
    "CALL pragma_version()",
    "CREATE TABLE x(a INT)",
    "CREATE SECRET (TYPE s3)",
    "CREATE MACRO f() AS 1",
    "INSERT INTO kept.source VALUES (1, 'x')",
    "WITH a AS (SELECT 1) INSERT INTO kept.source SELECT 1, 'x'",
    "UPDATE kept.sample SET value = 0",
    "DELETE FROM kept.sample",
    "DROP VIEW samples",
    "ALTER VIEW samples RENAME TO other",
    "PREPARE p AS SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "DESCRIBE samples",
    "SHOW TABLES",
    "CHECKPOINT",
    "VACUUM",
    "BEGIN",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '/dev/null'",
    "/* a comment */ -- and another\n COPY (SELECT 1) TO '/dev/null'",
    "SELECT $1",
    `SELECT * FROM '${file}'`,
    `SELECT * FROM read_csv('${file}')`,
    `SELECT * FROM read_csv_auto('${file}')`,
    `SELECT * FROM sniff_csv('${file}')`,
    `SELECT * FROM read_text('${file}')`,
    `SELECT * FROM read_blob('${file}')`,
    `SELECT * FROM read_json('${file}')`,
    `SELECT * FROM read_ndjson_objects('${file}')`,
    `SELECT * FROM glob('${out}/*')`,
    `SELECT * FROM read_parquet('${file}')`,
    `SELECT * FROM parquet_scan('${file}')`,
    `SELECT * FROM parquet_metadata('${file}')`,
    `SELECT * FROM parquet_schema('${file}')`,
    `SELECT * FROM parquet_kv_metadata('${file}')`,
    `SELECT * FROM read_duckdb('${file}')`,
    `SELECT * FROM sqlite_scan('${file}', 't')`,
    "SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 't')",
    `SELECT * FROM query('COPY (SELECT 1) TO ''${out}/o.csv''')`,
    `SELECT * FROM query_table('${file}')`,
    `SELECT * FROM json_execute_serialized_sql('{"statements":[{"node":{"type":"COPY"}}]}')`,
    `SELECT * FROM read_csv('${web}')`,
    `SELECT * FROM read_parquet('${web}')`,
    `SELECT * FROM '${web}.csv'`,
    "SELECT * FROM read_csv('s3://bucket/x.csv')",
    "SELECT getenv('HOME')",
    "SELECT * FROM duckdb_secrets()",
    `SELECT * FROM duckdb_extensions()`,
    `SELECT * FROM enable_profiling('${out}/profile')`,
  ]

  test("neither to files, to the network, to extensions nor to settings", async () => {
    const names = readdirSync(folder)
    const waiting = escapes(secret, url, folder)
    const tryNext = async () => {
      const by = new SqlProcess()
      for (let sql = waiting.pop(); sql !== undefined; sql = waiting.pop())
        assert.doesNotMatch(await problemOf(sql, "query-refused", by), /secret,1/)
    }
    await Promise.all([tryNext(), tryNext(), tryNext()])
    assert.deepEqual(readdirSync(folder), names)
    assert.equal(existsSync(join(folder, "o.csv")), false)
    assert.equal(asks, 0)
  })

  test("and the list of ways out would find one: without walls the first of them lead out", async () => {
    const { DuckDBInstance } = await import("@duckdb/node-api")
    const open = await (await DuckDBInstance.create(":memory:")).connect()
    await open.run(`COPY (SELECT 1) TO '${folder}/control.csv'`)
    assert.ok(existsSync(join(folder, "control.csv")))
    const { rowCount } = await open
      .runAndReadAll(`SELECT * FROM read_csv('${secret}')`)
      .then((read) => ({ rowCount: read.currentRowCount }))
    assert.equal(rowCount, 1)
    open.closeSync()
  })

  test("nor take the computer's memory", async () => {
    for (const sql of [
      "SELECT count(*) FROM (SELECT DISTINCT a.range * 1000000 + b.range FROM range(30000) a, range(30000) b)",
      "SELECT max(x) FROM (SELECT list(repeat(a.range::VARCHAR, 1000)) AS x FROM range(100000000) a)",
      "SELECT length(repeat(repeat('x', 1000000), 4000))",
    ])
      await problemOf(sql, "query-too-large")
  })

  test("nor its time, nor an answer without end", async () => {
    const hasty = new SqlProcess({ ms: 1500 })
    const endless =
      "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range * b.range = 7"
    await problemOf(endless, "query-too-large", hasty)
    const huge = asked("SELECT repeat('x', 2000) FROM range(100000)", { limit: 10_000 })
    await assert.rejects(engine.ask(huge, await plantSource(), signal), /beyond 8388608 bytes/)
  })

  test("a query ends at once with whoever asked, and another can be asked", async () => {
    const controller = new AbortController()
    const endless = asked("SELECT count(*) FROM range(1000000000) a, range(1000000000) b")
    const running = engine.ask(endless, await plantSource(), controller.signal)
    await problemOf("SELECT 1", "too-many-requests")
    controller.abort(new Error("left"))
    await assert.rejects(running, /left/)
    const { rows } = await engine.ask(asked("VALUES (1)"), await plantSource(), signal)
    assert.deepEqual(rows, [[1]])
  })
})

test("Without DuckDB a query is told what to install", async () => {
  const hide = `import { registerHooks } from "node:module"
    registerHooks({ resolve(name, context, next) {
      if (name.startsWith("@duckdb/")) throw new Error("Cannot find package " + name)
      return next(name, context)
    } })`
  const without = new SqlProcess({
    execArgv: ["--import", `data:text/javascript,${encodeURIComponent(hide)}`],
  })
  const message = await problemOf("SELECT 1", "part-missing", without)
  assert.match(message, /expected @duckdb\/node-api/)
})
