// What people and machines bring to a real Moru of their own accord: entries by hand, messages, files.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import type { CycleView, LedgerView, SamplesView } from "../src/serve/api.ts"
import type { EntriesView } from "../src/serve/api-entries.ts"
import { type Example, startExample } from "./support/example.ts"
import { until } from "./support/until.ts"
import { read, type Visitors, visitorsOf } from "./support/visitors.ts"

const token = "a-token-that-nobody-may-see"

const plantYaml = `
moru: plant
name: A corner of a plant
timezone: Asia/Seoul
equipment:
  shop:
    level: site
    name: Shop
    contains:
      inspection:
        level: unit
        name: Inspection
        device: inspection
        tags:
          good: { name: Good parts, unit: "{part}", range: [0, 500], address: { manual: count } }
          verdict: { name: Verdict, kind: text, unit: "1", address: { manual: verdict } }
      gauge:
        level: unit
        name: Gauge
        device: gauge
        tags:
          leak: { name: Leak, unit: "1", address: { http: "result.leak" } }
      tester:
        level: unit
        name: Tester
        device: tester
        tags:
          pressure: { name: Pressure, unit: bar, address: { file: 압력 } }
devices:
  inspection: { connector: manual }
  gauge: { connector: http, options: { receive-token: "\${env:MORU_GAUGE_TOKEN}" } }
  tester: { connector: file, options: { folder: drop, time: 시각, period: 50ms, settle: 50ms } }
`

suite("what is brought to a plant", () => {
  let folder: string
  let data: string
  let plant: Example
  let people: Visitors
  const env = { ...process.env, MORU_GAUGE_TOKEN: token }
  const start = () => startExample({ plant: folder, data, env })
  const samplesOf = async (path: string) =>
    (await read<SamplesView>(people.viewer, `samples?tag=shop/${path}&from=1`)).samples

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "moru-brought-"))
    data = join(folder, "data")
    await mkdir(join(folder, "drop"))
    await writeFile(join(folder, "plant.yaml"), plantYaml)
    plant = await start()
    people = await visitorsOf(plant)
  })
  after(async () => {
    await plant?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const at = Date.now() - 3_600_000

  test("an operator's entries are stored with their name, a viewer's are not taken", async () => {
    const entries = [
      { path: "shop/inspection/good", value: 118, at },
      { path: "shop/inspection/verdict", value: "기포", at },
    ]
    const stored = await until("entries are taken", async () => {
      const { body } = await people.operator.post<EntriesView>("/api/v1/entries", { entries })
      return body.record === undefined ? undefined : body
    })
    assert.deepEqual(
      stored.entries.map(({ problem }) => problem),
      [undefined, undefined],
    )
    const [good] = await samplesOf("inspection/good")
    assert.deepEqual([good?.at, good?.value, good?.quality], [at, 118, "good"])
    const record = await read<LedgerView>(people.engineer, `ledger/${stored.record}`)
    assert.equal(record.kind, "entry.made")
    assert.equal(record.byName, "the operator")
    assert.deepEqual(record.body.entries, entries)
    const viewer = await people.viewer.post("/api/v1/entries", { entries })
    assert.equal(viewer.status, 403)
    const wrong = [
      { path: "shop/gauge/leak", value: 1 },
      { ...entries[0], value: 501 },
    ]
    const { body } = await people.operator.post<EntriesView>("/api/v1/entries", { entries: wrong })
    assert.match(body.entries[0]?.problem?.message ?? "", /gauge measures this value/)
    assert.match(body.entries[1]?.problem?.message ?? "", /got 501, expected 0 to 500/)
    assert.equal(body.record, undefined)
  })

  test("a machine's message is stored with its own credential only", async (t) => {
    const send = (bearer: string, body: string) => {
      const url = `${plant.url}/api/v1/devices/gauge/messages`
      const header = `authorization: Bearer ${bearer}`
      return spawnSync("curl", ["-s", "-X", "POST", "-H", header, "-d", body, url], {
        encoding: "utf8",
      })
    }
    const first = send(token, '{"result": {"leak": 0.25}}')
    if (first.error) return t.skip("no foreign sender: install curl")
    assert.deepEqual(JSON.parse(first.stdout), { stored: 1, refused: [] })
    assert.equal((await samplesOf("gauge/leak"))[0]?.value, 0.25)
    assert.equal(JSON.parse(send("another", "{}").stdout).code, "credentials-refused")
    assert.equal(JSON.parse(send(token, "no JSON").stdout).code, "request-invalid")
  })

  test("a file that is dropped is stored and moved away", async () => {
    await writeFile(join(folder, "drop", "a.csv"), "시각,압력\n2026-01-05 08:00:00,1.5\n")
    await until("it is moved away", async () =>
      (await readdir(join(folder, "drop", "done")).catch((): string[] => [])).includes("a.csv"),
    )
    const [sample] = await samplesOf("tester/pressure")
    assert.deepEqual([sample?.at, sample?.value], [Date.UTC(2026, 0, 4, 23), 1.5])
  })

  test("all of it is there after a kill, and the credential stands nowhere", async () => {
    const before = plant
    const exit = once(plant.child, "exit")
    plant.child.kill("SIGKILL")
    await exit
    plant = await start()
    people = await visitorsOf(plant)
    assert.equal((await samplesOf("inspection/good")).length, 1)
    assert.equal((await samplesOf("inspection/verdict"))[0]?.value, "기포")
    assert.equal((await samplesOf("gauge/leak"))[0]?.value, 0.25)
    assert.equal((await samplesOf("tester/pressure")).length, 1)
    const shown = await Promise.all(
      ["devices", "plant", "ledger", "cycles?equipment=shop/tester"].map((path) =>
        read<CycleView[]>(people.engineer, path),
      ),
    )
    const text = JSON.stringify(shown) + before.output() + plant.output()
    assert.doesNotMatch(text, new RegExp(token))
  })
})
