import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { zstdDecompressSync } from "node:zlib"
import { parquetReadObjects } from "hyparquet"
import type { Exporter } from "../../exchange/export.ts"
import { exporters } from "../../exchange/registry.ts"
import type { ProblemBody } from "../api.ts"
import { administratorOf, type Browser, browserOf } from "../testing/browser.ts"
import { flow, note, temperature } from "../testing/plant.ts"
import { openRig, type Rig } from "../testing/rig.ts"

const hour = 3_600_000
const now = Date.now()

describe("A file of samples", () => {
  let rig: Rig
  let viewer: Browser
  /** Of an export without end. */
  const endless = { pieces: 0, ended: Promise.withResolvers<void>() }
  const writeEndless: Exporter = async function* (_request, _source, signal) {
    try {
      for (; !signal.aborted; endless.pieces++) {
        yield new Uint8Array(1024 ** 2)
        await new Promise((done) => setImmediate(done))
      }
    } finally {
      endless.ended.resolve()
    }
  }

  before(async () => {
    rig = await openRig({ exporters: { ...exporters, csv: async () => writeEndless } })
    viewer = await browserOf("viewer", await administratorOf(rig), rig.url)
    await rig.deliver([
      { tag: temperature, at: now, value: 201.5 },
      { tag: temperature, at: now + 1, value: 202 },
      { tag: flow, at: now, value: 40 },
      { tag: note, at: now, value: "한글" },
    ])
  })
  after(() => rig.close())

  const ask = (query: string) => viewer.get<ProblemBody>(`/api/v1/export?${query}`)

  test("in Parquet holds what a pattern finds, and is called so", async () => {
    const response = await fetch(
      `${rig.url}/api/v1/export?tags=**&from=${now - hour}&to=${now + hour}&format=parquet`,
      { headers: { cookie: viewer.cookie ?? "" } },
    )
    assert.equal(response.headers.get("content-type"), "application/vnd.apache.parquet")
    assert.match(response.headers.get("content-disposition") ?? "", /"moru-samples.parquet"/)
    const rows = await parquetReadObjects({
      file: await response.arrayBuffer(),
      compressors: { ZSTD: (bytes) => new Uint8Array(zstdDecompressSync(bytes)) },
    })
    assert.deepEqual(
      rows.map(({ path, value, text }) => [path, value, text]),
      [
        [flow, 40, null],
        [temperature, 201.5, null],
        [temperature, 202, null],
        [note, null, "한글"],
      ],
    )
  })

  test("is only for those who may read, and says what is wrong with a request", async () => {
    const stranger = await fetch(`${rig.url}/api/v1/export?tags=**`)
    assert.equal(stranger.status, 401)
    const none = await ask("tags=hwaseong/*/nothing&format=parquet")
    assert.equal(none.status, 404)
    assert.match(none.body.message, /tag hwaseong\/\*\/nothing: the plant has no such tag/)
    for (const query of [
      "tags=",
      "tags=**&format=xlsx",
      `tags=**&from=${now}&to=${now}`,
      "format=csv",
    ])
      assert.equal((await ask(query)).status, 400, query)
  })

  test("is read only as fast as it is taken, and no further when the asker leaves", async () => {
    const controller = new AbortController()
    const response = await fetch(`${rig.url}/api/v1/export?tags=**`, {
      headers: { cookie: viewer.cookie ?? "" },
      signal: controller.signal,
    })
    const reader = response.body?.getReader()
    await reader?.read()
    for (let i = 0; i < 200; i++) await viewer.get("/api/v1/health")
    assert.ok(
      endless.pieces < 60,
      `${endless.pieces} MiB were made for a reader that takes nothing`,
    )
    controller.abort()
    await reader?.closed.catch(() => {})
    await endless.ended.promise
  })

  test("waits its turn where four others are under way", async () => {
    const controller = new AbortController()
    const headers = { cookie: viewer.cookie ?? "" }
    const start = () =>
      fetch(`${rig.url}/api/v1/export.csv?tags=**`, { headers, signal: controller.signal })
    const others = await Promise.all([start(), start(), start(), start()])
    const { status, body } = await ask("tags=**&format=parquet")
    assert.equal(status, 429)
    assert.equal(body.code, "too-many-requests")
    controller.abort()
    for (const other of others) await other.body?.cancel().catch(() => {})
    while ((await ask("tags=**&format=parquet")).status !== 200);
  })
})
