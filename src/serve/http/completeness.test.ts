import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import type { KnownGap } from "../../connect/gap.ts"
import type { CompletenessView, GapView, ReportHeadView, ReportView } from "../api-completeness.ts"
import { administratorOf, type Browser, browserOf } from "../testing/browser.ts"
import { machine, temperature } from "../testing/plant.ts"
import { openRig, type Rig, source } from "../testing/rig.ts"

describe("what is missing in an interval", () => {
  let rig: Rig
  let operator: Browser
  let viewer: Browser
  let from: number
  let to: number

  before(async () => {
    rig = await openRig()
    const administrator = await administratorOf(rig)
    operator = await browserOf("operator", administrator, rig.url)
    viewer = await browserOf("viewer", administrator, rig.url)
    to = rig.clock.now() - 1000
    from = to - 60_000
    for (let at = from; at < to; at += 1000)
      await rig.deliver([{ tag: temperature, at, value: 200 }])
  })
  after(() => rig.close())

  const ask = async () =>
    (await viewer.get<CompletenessView>(`/api/v1/completeness?from=${from}&to=${to}`)).body

  test("is nothing, with the evidence, for whoever may read", async () => {
    const view = await ask()
    assert.deepEqual([view.verdict, view.devices.length], ["complete", 1])
    const [part] = view.devices
    assert.deepEqual([part?.rows, part?.sources[0]?.first, part?.sources[0]?.last], [60, 0, 59])
    assert.deepEqual(part?.equipment, [machine])
  })

  test("is issued once by an operator, stands in the ledger with its digest and is shown as it was", async () => {
    const asked = { from, to, equipment: machine }
    assert.equal((await viewer.post("/api/v1/reports", asked)).status, 403)
    const { status, body: issued } = await operator.post<ReportView>("/api/v1/reports", asked)
    assert.equal(status, 200)
    const record = await rig.store.ledger.get(issued.record)
    assert.deepEqual([record?.kind, record?.body.digest], ["report.issued", issued.digest])
    const again = await operator.post<ReportView>("/api/v1/reports", asked)
    assert.equal(again.body.digest, issued.digest, "the same history gives the same digest")

    const gap: KnownGap = {
      ...{ id: "plant:1", device: "dc-1", source, because: "connection-lost" },
      ...{ from: from + 10_000, to: from + 20_000, equipment: [machine] },
    }
    await rig.store.commit({ puts: [{ collection: "gap", id: gap.id, document: gap }] })
    assert.equal((await ask()).verdict, "missing")
    const kept = await viewer.get<ReportView>(`/api/v1/reports/${issued.id}`)
    assert.deepEqual([kept.body.report, kept.body.digest], [issued.report, issued.digest])
    const { body: list } = await viewer.get<ReportHeadView[]>("/api/v1/reports")
    assert.deepEqual(new Set(list.map(({ id }) => id)), new Set([issued.id, again.body.id]))
    assert.equal((await viewer.get("/api/v1/reports/none")).status, 404)
  })

  test("is asked of one tag's device and of one time", async () => {
    const gaps = async (query: string) =>
      (await viewer.get<GapView[]>(`/api/v1/gaps?${query}`)).body.map(({ id }) => id)
    const tag = `tag=${encodeURIComponent(temperature)}`
    assert.deepEqual(await gaps(tag), ["plant:1"])
    assert.deepEqual(await gaps(`${tag}&from=${from}&to=${from + 5000}`), [])
    assert.equal((await viewer.get("/api/v1/gaps?tag=no/such")).status, 404)
  })
})
