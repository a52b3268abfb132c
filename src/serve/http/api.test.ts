import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { type TSchema, Type } from "typebox"
import { Value } from "typebox/value"
import { quality } from "../../model/quality.ts"
import {
  type AlarmView,
  alarmView,
  automaticView,
  type CertificateView,
  type ChainView,
  type CommandView,
  type CycleView,
  certificateView,
  chainView,
  commandView,
  cycleView,
  type DecisionView,
  decisionView,
  deviceView,
  findingView,
  type HistoryView,
  history,
  type LedgerView,
  ledgerBreak,
  ledgerView,
  type Overview,
  overview,
  type PendingChange,
  type PlantView,
  pendingChange,
  person,
  plantView,
  type SamplesView,
  samples,
  stateSpans,
  type ValueView,
  valueView,
} from "../api.ts"
import { gapView } from "../api-completeness.ts"
import { type HealthView, healthView } from "../health.ts"
import { type PointsView, pointsView } from "../points.ts"
import { type Answer, administratorOf, type Browser, browserOf } from "../testing/browser.ts"
import { flow, machine, note, state, temperature } from "../testing/plant.ts"
import { openRig, proposal, type Rig, shot } from "../testing/rig.ts"

const hour = 3_600_000

describe("The API", () => {
  let rig: Rig
  let browser: Browser
  const now = Date.now()

  before(async () => {
    rig = await openRig({}, [proposal("d-1", now), proposal("d-2", now + 1)])
    const rows = Array.from({ length: 100 }, (_, i) => ({
      tag: temperature,
      at: now - hour + i * 1000,
      value: 200 + i / 10,
    }))
    const words = [
      { tag: note, at: now - 5000, value: '=cmd("한글", 1)' },
      { tag: note, at: now - 4000, value: "plain" },
    ]
    const bad = { tag: temperature, at: now - 3000, value: Number.NaN, quality: quality.badSensor }
    const cycles = Array.from({ length: 12 }, (_, i) => shot(i + 1, now - hour + (i >> 1) * 60_000))
    await rig.deliver([...rows, ...words, bad], cycles)
    await rig.deliver([
      { tag: state, at: now - 2 * hour, value: 1 },
      { tag: state, at: now - 1000, value: 2 },
      { tag: flow, value: 40 },
    ])
    const administrator = await administratorOf(rig)
    browser = await browserOf("engineer", administrator, rig.url)
  })
  after(() => rig.close())

  /** Asks and holds the answer against its schema, key by key. */
  async function read<Body>(path: string, schema: TSchema): Promise<Body> {
    const { status, body } = await browser.get<Body>(`/api/v1${path}`)
    assert.equal(status, 200, JSON.stringify(body))
    const errors = [...Value.Errors(strict(schema), body)]
    assert.deepEqual(errors, [], path)
    return body
  }

  test("gives the plant without the options of its devices", async () => {
    const plant = await read<PlantView>("/plant", plantView)
    assert.equal(plant.tags.length, 4)
    assert.equal(plant.equipment[1]?.device, "dc-1")
    assert.equal(plant.equipment[1]?.state, "stopped")
    assert.equal(plant.tags[0]?.symbol, "°C")
    const words = plant.tags.find(({ path }) => path === state)?.states
    assert.deepEqual(words, { 1: "running", 2: "stopped" })
    assert.doesNotMatch(JSON.stringify(plant), /never to be shown/)
  })

  test("gives the latest values by pattern", async () => {
    const all = await read<ValueView[]>("/values", Type.Array(valueView))
    assert.equal(all.length, 4)
    const some = await read<ValueView[]>(
      "/values?pattern=*/*/die-temperature",
      Type.Array(valueView),
    )
    assert.deepEqual(
      some.map(({ path, value, quality }) => ({ path, value, quality })),
      [{ path: temperature, value: null, quality: "badSensor" }],
    )
  })

  test("gives an overview of cycles, verdicts and states", async () => {
    const { equipment } = await read<Overview>(
      `/overview?from=${now - 2 * hour}&to=${now}`,
      overview,
    )
    const [row] = equipment
    assert.equal(row?.cycles, 12)
    assert.equal(row?.bad, 2)
    assert.equal(row?.cycleSeconds, 40)
    const total = (row?.runningMs ?? 0) + (row?.stoppedMs ?? 0) + (row?.unknownMs ?? 0)
    assert.equal(Math.round(total), 2 * hour)
    const path = `/states?equipment=${machine}&from=${now - 2 * hour}&to=${now}`
    assert.deepEqual(await read(path, stateSpans), row?.states)
  })

  test("gives history in buckets, with null for a gap", async () => {
    const span = `from=${now - hour}&to=${now - hour + 200_000}`
    const path = `/history?tags=${temperature},${flow}&${span}&buckets=4`
    const { bucketMs, series } = await read<HistoryView>(path, history)
    assert.equal(bucketMs, 50_000)
    assert.deepEqual(series[0]?.count, [50, 50, 0, 0])
    assert.deepEqual(series[0]?.max, [204.9, 209.9, null, null])
    assert.deepEqual(series[1]?.count, [0, 0, 0, 0])
  })

  test("gives raw samples page by page: each once, two of one time both", async () => {
    await rig.deliver([
      { tag: temperature, at: now - hour + 9000, value: 1 },
      { tag: temperature, at: now - hour + 9000, value: 2 },
    ])
    const found: SamplesView["samples"] = []
    let after = ""
    for (let pages = 0; pages < 30; pages++) {
      const span = `from=${now - hour}&to=${now - hour + 100_000}`
      const path = `/samples?tag=${temperature}&${span}&limit=10${after}`
      const page = await read<SamplesView>(path, samples)
      found.push(...page.samples)
      if (!page.more) break
      after = `&after=${page.next}`
    }
    assert.equal(found.length, 102)
    assert.equal(new Set(found.map(({ sequence }) => sequence)).size, 102)
    assert.deepEqual(found.filter(({ at }) => at === now - hour + 9000).length, 3)
  })

  test("gives cycles newest first, page by page, two of one second both", async () => {
    const found: CycleView[] = []
    let path: string | undefined = `/cycles?equipment=${machine}&limit=3`
    while (path !== undefined) {
      const page: Answer<CycleView[]> = await browser.get(`/api/v1${path}`)
      assert.ok(Value.Check(Type.Array(cycleView), page.body))
      found.push(...page.body)
      path = /<\/api\/v1([^>]*)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1]
    }
    assert.deepEqual(
      found.map(({ sequence }) => sequence).toSorted((a, b) => b - a),
      [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
    )
    assert.deepEqual(
      found.map(({ end }) => end),
      found.map(({ end }) => end).toSorted((a, b) => b - a),
    )
  })

  test("writes samples as a file that spreadsheets read and that runs nothing in them", async () => {
    const path = `/api/v1/export.csv?tags=${note},${flow}&from=${now - hour}&to=${now + hour}`
    const { headers, body } = await browser.get<string>(path)
    assert.match(headers.get("content-type") ?? "", /^text\/csv/)
    assert.match(headers.get("content-disposition") ?? "", /attachment; filename=/)
    const lines = body.split("\r\n")
    assert.equal(lines[0], "path,time,local_time,value,unit,quality,source,sequence")
    assert.match(lines[1] ?? "", /^hwaseong\/dc-1\/note,\d{4}-\d\d-\d\dT[\d:.]{12}Z,/)
    assert.ok(lines[1]?.includes(`"'=cmd(""한글"", 1)"`), lines[1])
    assert.equal(lines.length, 5)
  })

  test("leads an alarm through its life, by a person who is named", async () => {
    await rig.deliver([{ tag: temperature, at: Date.now(), value: 260 }])
    const alarm = await until(async () => {
      const all = await read<AlarmView[]>("/alarms?state=unacknowledged", Type.Array(alarmView))
      return all[0]
    })
    const { id } = alarm
    const act = (name: string, body: object) =>
      browser.post<AlarmView>(`/api/v1/alarms/${name}`, { id, ...body })
    const { body: seen } = await act("acknowledge", {})
    assert.equal(seen.state, "acknowledged")
    assert.equal(seen.acknowledgedBy, (await browser.open()).person?.id)
    assert.equal((await act("shelve", { until: Date.now() + hour })).status, 400)
    assert.equal((await act("shelve", { until: Date.now() - 1, reason: "x" })).status, 400)
    const until1 = Date.now() + hour
    assert.equal((await act("shelve", { until: until1, reason: "sensor" })).body.state, "shelved")
    assert.notEqual((await act("unshelve", {})).body.state, "shelved")
    const { body: out } = await act("out-of-service", { reason: "being mended" })
    assert.equal(out.state, "out-of-service")
    assert.notEqual((await act("return-to-service", {})).body.state, "out-of-service")
    assert.equal((await browser.post("/api/v1/alarms/acknowledge", { id: "none" })).status, 404)
  })

  test("carries a decision out by a click and takes it back", async () => {
    const list = await read<DecisionView[]>("/decisions?state=proposed", Type.Array(decisionView))
    assert.deepEqual(
      list.map(({ id }) => id),
      ["d-2", "d-1"],
    )
    await read<DecisionView>("/decisions/d-1", decisionView)
    assert.equal((await browser.post("/api/v1/decisions/d-1/roll-back")).status, 409)
    const { status } = await browser.post("/api/v1/decisions/d-1/approve")
    assert.equal(status, 200)
    const done = await until(async () => {
      const decision = await read<DecisionView>("/decisions/d-1", decisionView)
      return decision.state === "done" ? decision : undefined
    })
    assert.equal(rig.actuator.held.get(flow), 48)
    assert.equal(done.decidedByName, "the engineer")
    assert.deepEqual(done.command?.writes[0], {
      target: flow,
      value: 48,
      before: 40,
      outcome: { state: "done", readBack: 48 },
    })
    const { body } = await browser.post<DecisionView>("/api/v1/decisions/d-1/roll-back")
    assert.equal(body.state, "rolled-back")
    assert.equal(rig.actuator.held.get(flow), 40)
    const chain = await read<ChainView>(
      `/ledger/${encodeURIComponent(body.record)}/chain`,
      chainView,
    )
    const kinds = chain.records.map(({ kind }) => kind)
    for (const kind of [
      "decision.proposed",
      "decision.approved",
      "command.done",
      "decision.rolled-back",
    ])
      assert.ok(kinds.includes(kind as never), `${kind} in ${kinds}`)
  })

  test("turns a decision down for a reason, once", async () => {
    assert.equal((await browser.post("/api/v1/decisions/d-2/reject", { reason: "" })).status, 400)
    const reject = () =>
      browser.post<DecisionView>("/api/v1/decisions/d-2/reject", { reason: "no" })
    assert.equal((await reject()).body.state, "rejected")
    const again = await reject()
    assert.equal(again.status, 409)
    assert.equal((again.body as unknown as { code: string }).code, "decision-closed")
    assert.equal((await browser.post("/api/v1/decisions/none/approve")).status, 404)
  })

  test("sets a set point by hand and says which guard refused another", async () => {
    const set = (value: unknown) =>
      browser.post<CommandView>("/api/v1/commands", { target: flow, value, expect: 40 })
    const { body: refused } = await set(79)
    assert.equal(refused.state, "refused")
    assert.equal(refused.byName, "the engineer")
    assert.equal(refused.writes[0]?.outcome.guard, "step")
    assert.match(refused.writes[0]?.outcome.because?.ko ?? "", /변경 폭/)
    assert.equal(rig.actuator.held.get(flow), 40)
    const { body: done } = await set(45)
    assert.equal(done.state, "done")
    assert.equal(rig.actuator.held.get(flow), 45)
    assert.deepEqual(await read(`/commands/${done.id}`, commandView), done)
    const list = await read<CommandView[]>("/commands?limit=2", Type.Array(commandView))
    assert.deepEqual(list, [done, refused])
    // Text is no number, even where it looks like one.
    assert.equal((await set("45")).body.state, "refused")
  })

  test("stops and allows all automatic action", async () => {
    const set = (stopped: boolean) =>
      browser.post<unknown>("/api/v1/automatic", { stopped, reason: "a visit" })
    assert.deepEqual((await set(true)).body, { stopped: true, readOnly: false })
    assert.deepEqual(await read("/automatic", automaticView), { stopped: true, readOnly: false })
    assert.deepEqual((await set(false)).body, { stopped: false, readOnly: false })
  })

  test("lists the ledger by kind, person and page, names whom it knows, and verifies it", async () => {
    const all = await read<LedgerView[]>("/ledger?limit=1000", Type.Array(ledgerView))
    assert.ok(all.some(({ byName }) => byName === "the engineer"))
    const kinds = "/ledger?kinds=command.done,command.refused"
    const commands = await read<LedgerView[]>(kinds, Type.Array(ledgerView))
    assert.deepEqual([...new Set(commands.map(({ kind }) => kind))].toSorted(), [
      "command.done",
      "command.refused",
    ])
    const { headers } = await browser.get("/api/v1/ledger?limit=2")
    assert.match(headers.get("link") ?? "", new RegExp(`before=${all[1]?.number ?? 0}`))
    const [record] = all
    assert.deepEqual(await read(`/ledger/${record?.id}`, ledgerView), record)
    assert.equal((await browser.get("/api/v1/ledger/plant:999999/chain")).status, 404)
    assert.deepEqual(await read("/ledger/verify", Type.Array(ledgerBreak)), [])
  })

  test("lists devices, gaps and certificates, and trusts one by its fingerprint", async () => {
    await read("/devices", Type.Array(deviceView))
    await read("/gaps", Type.Array(gapView))
    const seen = { fingerprint: "ab12", device: "dc-1", subject: "CN=dc-1", pem: "-----" }
    const certificate = { ...seen, seenAt: 1, state: "waiting" }
    const puts = [{ collection: "certificate", id: "ab12", document: certificate } as const]
    await rig.store.commit({ puts })
    const trust = { fingerprint: "ab12" }
    assert.equal((await browser.post("/api/v1/certificates/trust", trust)).status, 204)
    const list = await read<CertificateView[]>("/certificates", Type.Array(certificateView))
    assert.deepEqual(
      list.map(({ state }) => state),
      ["trusted"],
    )
    const other = { fingerprint: "none" }
    assert.equal((await browser.post("/api/v1/certificates/refuse", other)).status, 404)
  })

  test("browses a machine, as far as was asked for", async () => {
    const all = await read<PointsView>("/devices/dc-1/points", pointsView)
    assert.deepEqual(
      [all.points.map(({ address }) => address), all.more],
      [["s=1", "s=2", "s=3"], false],
    )
    const some = await read<PointsView>("/devices/dc-1/points?limit=2", pointsView)
    assert.deepEqual([some.points.length, some.more], [2, true])
    assert.equal((await browser.get("/api/v1/devices/none/points")).status, 404)
  })

  test("shows changes that wait, and puts one in force", async () => {
    const [change] = await read<PendingChange[]>("/changes", Type.Array(pendingChange))
    assert.equal(change?.file, "plant.yaml")
    assert.match(change?.because ?? "", /max 80 -> 90/)
    assert.equal((await browser.post("/api/v1/changes/w-1/confirm")).status, 204)
    assert.equal((await browser.post("/api/v1/changes/w-1/confirm")).status, 404)
    assert.deepEqual(await read("/changes", Type.Array(pendingChange)), [])
  })

  test("lists findings and people", async () => {
    assert.deepEqual(await read("/findings?open=true", Type.Array(findingView)), [])
    await read("/people", Type.Array(person))
  })

  test("tells whether it works, and more to those who may read", async () => {
    const health = await read<HealthView>("/health", healthView)
    assert.equal(health.state, "running")
    assert.ok(health.parts?.some(({ name }) => name === "gate"))
    const response = await fetch(`${rig.url}/api/v1/health`)
    assert.deepEqual(Object.keys((await response.json()) as object), ["state", "version"])
    const { body } = await browser.get<string>("/metrics")
    assert.match(body, /^[a-z_]+(\{.*\})? [\d.]+$/m)
  })
})

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 10_000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    assert.ok(Date.now() < end, "it did not come in time")
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The schema with unknown keys refused everywhere, so that nothing leaves that the API does not name. */
function strict(schema: TSchema): TSchema {
  return JSON.parse(JSON.stringify(schema), (_key, value) =>
    value?.type === "object" && value.properties
      ? { ...value, additionalProperties: false }
      : value,
  )
}
