import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import type { ProblemBody } from "../api.ts"
import type { SqlView } from "../api-sql.ts"
import { administratorOf, type Browser, browserOf } from "../testing/browser.ts"
import { flow, note, temperature } from "../testing/plant.ts"
import { openRig, type Rig } from "../testing/rig.ts"

const now = Date.now()
const skip = await import("@duckdb/node-api").then(
  () => false,
  () => "@duckdb/node-api is not installed",
)

describe("SQL over HTTP", { skip }, () => {
  let rig: Rig
  let viewer: Browser

  before(async () => {
    rig = await openRig()
    viewer = await browserOf("viewer", await administratorOf(rig), rig.url)
    await rig.deliver([
      { tag: temperature, at: now - 2, value: 201.5 },
      { tag: temperature, at: now - 1, value: 202.5 },
      { tag: flow, at: now - 1, value: 40 },
      { tag: note, at: now - 1, value: "한글" },
    ])
  })
  after(() => rig.close())

  const ask = (body: object) => viewer.post<SqlView & ProblemBody>("/api/v1/sql", body)

  test("answers a SELECT of the last hours of all tags, or of those that were named", async () => {
    const sql = "SELECT path, avg(value), max(text) FROM samples GROUP BY path ORDER BY path"
    const { status, body } = await ask({ sql })
    assert.equal(status, 200)
    assert.deepEqual(body.rows, [
      [flow, 40, null],
      [temperature, 202, null],
      [note, null, "한글"],
    ])
    assert.equal(body.samples, 4)
    const { body: one } = await ask({ sql, tags: "hwaseong/*/note,hwaseong/*/none" })
    assert.equal(one.code, "not-found")
    const { body: some } = await ask({ sql, tags: temperature, from: now - 1, to: now })
    assert.deepEqual(some.rows, [[temperature, 202.5, null]])
  })

  test("gives pages of as many rows as were asked for", async () => {
    const sql = "SELECT path FROM samples ORDER BY number"
    const { body: first } = await ask({ sql, limit: 3 })
    assert.deepEqual([first.rows.length, first.more], [3, true])
    const { body: last } = await ask({ sql, limit: 3, after: 3 })
    assert.deepEqual([last.rows, last.more], [[[note]], false])
  })

  test("refuses what is no question, says why, and goes on", async () => {
    const wrong = { sql: "DELETE FROM kept.sample" }
    const { status, body } = await ask(wrong)
    assert.equal(status, 400)
    assert.equal(body.code, "query-refused")
    assert.match(body.hint, /one SELECT/)
    for (const bad of [{}, { sql: "" }, { sql: "SELECT 1", limit: 0 }, { sql: "SELECT 1", spy: 1 }])
      assert.equal((await ask(bad)).status, 400)
    const stranger = await fetch(`${rig.url}/api/v1/sql`, { method: "POST" })
    assert.equal(stranger.status, 401)
    assert.deepEqual((await ask({ sql: "SELECT 1" })).body.rows, [[1]])
  })
})
