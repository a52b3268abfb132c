import assert from "node:assert/strict"
import { afterEach, beforeEach, suite, test } from "node:test"
import { House } from "../../../test/support/house.ts"
import { silentLog } from "../../kernel/log.ts"
import { joinPath, parsePath } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import { type Quality, quality } from "../../model/quality.ts"
import type { Limit, Tag } from "../../model/tag.ts"
import type { Alarm } from "../alarm.ts"
import { StatesFromTags } from "../state/states.ts"
import { AlarmEngine } from "./engine.ts"

const equipment = parsePath("demo/dc-1")
const path = joinPath(equipment, "die-temperature")
const statePath = joinPath(equipment, "state")
const id = `${path}:high`

const high: Limit = {
  side: "high",
  at: 235,
  priority: 2,
  onDelayMs: 10_000,
  offDelayMs: 0,
  deadband: 4,
  suppressedIn: ["off"],
}

function tagOf(limits: readonly Limit[]): Tag {
  const name = { en: "Die temperature", ko: "금형 온도" }
  const rest = { decimals: 1, staleAfterMs: 3_600_000 }
  return { path, equipment, kind: "number", unit: "Cel", name, limits, ...rest }
}

const stateTag: Tag = { ...tagOf([]), path: statePath, unit: "1", name: { en: "State" } }
const tags = [tagOf([high]), stateTag]

interface Running {
  house: House
  engine: AlarmEngine
  states: StatesFromTags
  end: AbortController
}

async function start(house: House, limits: readonly Tag[] = tags): Promise<Running> {
  const { namespace, history, store, clock } = house
  const states = new StatesFromTags({
    states: [{ equipment, tag: statePath, values: { "0": "off", "1": "running" } }],
    namespace,
    history,
    registry: store.registry,
    clock,
    log: silentLog,
  })
  const engine = new AlarmEngine({ tags: limits, namespace, states, store, clock, log: silentLog })
  const end = new AbortController()
  await states.start(end.signal)
  await engine.start(end.signal)
  return { house, engine, states, end }
}

async function stop({ engine, states, end }: Running): Promise<void> {
  end.abort()
  await engine.stop()
  await states.stop()
}

suite("alarms", () => {
  let now: Running
  beforeEach(async () => {
    now = await start(await House.open(tags))
    await show("state", 1)
  })
  afterEach(async () => {
    await stop(now)
    await now.house.close()
  })

  const alarm = (): Alarm => {
    const found = now.engine.list().find((a) => a.id === id)
    assert.ok(found)
    return found
  }
  async function show(what: "state" | "temperature", value: number, q: Quality = quality.good) {
    await now.house.sample(what === "state" ? statePath : path, value, { quality: q })
    await now.house.clock.advance(0)
  }
  const pass = (seconds: number) => now.house.clock.advance(seconds * 1000)
  const told = async () => {
    await stop(now)
    const records = await now.house.store.ledger.list({ limit: 100 })
    return records.toReversed()
  }

  test("an alarm is raised after its delay, acknowledged by a person and returns; the ledger tells it", async () => {
    await show("temperature", 240)
    assert.equal(alarm().state, "normal")
    const since = now.house.clock.now()
    await pass(11)
    assert.equal(alarm().state, "unacknowledged")
    assert.equal(alarm().raisedAt, since + 10_000)
    assert.equal(alarm().value, 240)
    assert.deepEqual(alarm().text, {
      en: "Die temperature above 235 °C",
      ko: "금형 온도 상한 235 °C 초과",
    })
    const acknowledged = await now.engine.acknowledge(id, "p1")
    assert.equal(acknowledged.state, "acknowledged")
    assert.equal(acknowledged.acknowledgedBy, "p1")
    await show("temperature", 230)
    assert.equal(alarm().state, "normal")
    const records = await told()
    const lines = records.map((r) => `${r.kind} by ${r.by} because of ${r.causes.join()}`)
    assert.deepEqual(lines, [
      "alarm.raised by analyse:alarm because of ",
      "alarm.acknowledged by p1 because of plant:1",
      "alarm.returned by analyse:alarm because of plant:1",
    ])
  })

  test("a bad value neither raises nor clears", async () => {
    await show("temperature", 240)
    await pass(5)
    await show("temperature", 240, quality.badNotConnected)
    await pass(60)
    assert.equal(alarm().state, "normal")
    await show("temperature", 240)
    await pass(11)
    assert.equal(alarm().state, "unacknowledged")
    await show("temperature", 0, quality.badSensor)
    await pass(60)
    assert.equal(alarm().state, "unacknowledged")
  })

  test("a shelved alarm is silent and comes back by itself at its end", async () => {
    await show("temperature", 240)
    await pass(11)
    const until = now.house.clock.now() + 600_000
    await now.engine.shelve(id, "p1", { until, reason: "sensor is exchanged" })
    assert.equal(alarm().state, "shelved")
    assert.equal(alarm().shelvedUntil, until)
    await pass(599)
    assert.equal(alarm().state, "shelved")
    await pass(2)
    assert.equal(alarm().state, "unacknowledged")
    assert.equal(alarm().shelvedUntil, undefined)
  })

  test("a shelf without end or for longer than a week is refused", async () => {
    const until = now.house.clock.now() + 8 * 24 * 3_600_000
    await assert.rejects(
      now.engine.shelve(id, "p1", { until, reason: "forever" }),
      (thrown) => thrown instanceof Problem && thrown.code === "request-invalid",
    )
  })

  test("while the machine is off the alarm is suppressed by design, and raised when it runs again", async () => {
    await show("state", 0)
    await pass(1)
    assert.equal(alarm().state, "suppressed")
    await show("temperature", 240)
    await pass(20)
    assert.equal(alarm().state, "suppressed")
    await show("state", 1)
    await pass(1)
    assert.equal(alarm().state, "unacknowledged")
  })

  test("an alarm out of service stays silent until it is put back", async () => {
    await now.engine.takeOutOfService(id, "p2", "no sensor in this mould")
    await show("temperature", 240)
    await pass(30)
    assert.equal(alarm().state, "out-of-service")
    assert.equal(alarm().reason, "no sensor in this mould")
    await now.engine.returnToService(id, "p2")
    assert.equal(alarm().state, "unacknowledged")
  })

  test("an unknown alarm is not found", async () => {
    await assert.rejects(
      now.engine.acknowledge("demo/dc-1/nothing:high", "p1"),
      (thrown) => thrown instanceof Problem && thrown.code === "not-found",
    )
  })

  test("a restart changes no alarm, and what is in the ledger is not told again", async () => {
    await show("temperature", 240)
    await pass(11)
    await now.engine.acknowledge(id, "p1")
    const before = alarm()
    await stop(now)
    now = await start(await now.house.reopen(tags))
    assert.deepEqual(alarm(), before)
    await show("temperature", 241)
    await pass(30)
    assert.deepEqual(alarm(), before)
    await show("temperature", 230)
    const kinds = (await told()).map((record) => record.kind)
    assert.deepEqual(kinds, ["alarm.raised", "alarm.acknowledged", "alarm.returned"])
  })

  test("a changed limit is watched at once; other alarms keep their life", async () => {
    await show("temperature", 240)
    await pass(11)
    const veryHigh: Limit = { ...high, side: "high-high", at: 238, onDelayMs: 0 }
    now.engine.retag([tagOf([high, veryHigh]), stateTag])
    assert.equal(alarm().state, "unacknowledged")
    await show("temperature", 241)
    const second = now.engine.list().find((a) => a.side === "high-high")
    assert.equal(second?.state, "unacknowledged")
  })

  test("who listens hears of each change once it is durable, with its record", async () => {
    const heard: string[] = []
    now.engine.onChange((a) => heard.push(`${a.state} ${a.record}`))
    await show("temperature", 240)
    await pass(11)
    await now.engine.acknowledge(id, "p1")
    assert.deepEqual(heard, ["unacknowledged plant:1", "acknowledged plant:1"])
  })
})
