// When an edge node or one of its devices counts as dead, and when there are two of it.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { until } from "../../../test/support/until.ts"
import type { Metric } from "../../codec/sparkplug-payload.ts"
import { Problem } from "../../model/problem.ts"
import { startBroker } from "../broker/testing/house-broker.ts"
import { makeRig } from "../testing/rig.ts"
import { now } from "./testing/edge.ts"
import { edgeOf, hostOf, last, metricsOfPress, shows, values } from "./testing/host.ts"

const houseOf = () => startBroker({ anonymous: true })

suite("births and deaths", () => {
  test("the death of the session ends it, that of an earlier one says nothing", async () => {
    await using rig = await makeRig()
    await using house = await houseOf()
    await using first = await edgeOf(house, { bdSeq: 4, clientId: "first" })
    await using host = hostOf(rig, house.broker)
    await host.connect()
    const end = host.follow(rig.point("t", "press:Temperature"))
    await until("the birth is there", shows(rig, "t", 20))
    first.answersRebirths = false
    await using second = await edgeOf(house, { bdSeq: 5, clientId: "second" })
    await second.tell("press", { Temperature: 50 })
    await until("the new session", shows(rig, "t", 50))
    first.kill()
    await until("the old death is there", () => house.broker.clients().length === 1)
    await second.tell("press", { Temperature: 51 })
    await until("the new session goes on", shows(rig, "t", 51))
    assert.deepEqual(
      rig.sink.gaps.map(({ because }) => because),
      ["restart"],
    )
    second.kill()
    const problem = await end
    assert(problem instanceof Problem)
    assert.deepEqual(
      [problem.code, problem.what],
      ["connection-lost", "the edge node plant/edge-1 has died"],
    )
  })

  test("a death that nobody knows is doubted: who is born again lives", async () => {
    await using rig = await makeRig()
    await using house = await houseOf()
    await using edge = await edgeOf(house)
    await using host = hostOf(rig, house.broker, { "birth-timeout": "1s" })
    await host.connect()
    const end = host.follow(rig.point("t", "press:Temperature"))
    await until("the birth is there", shows(rig, "t", 20))
    const { asked } = edge
    await edge.die(77)
    await until("it was asked", () => edge.asked > asked)
    await edge.tell("press", { Temperature: 52 })
    await until("it lives", shows(rig, "t", 52))
    edge.answersRebirths = false
    await edge.die(78)
    const problem = await end
    assert.match(String(problem), /has died/)
  })

  test("the death of a device marks its points alone; old values stand again after its birth", async () => {
    await using rig = await makeRig()
    await using house = await houseOf()
    await using edge = await edgeOf(house, {
      devices: { press: metricsOfPress(), oven: metricsOfPress() },
    })
    await using host = hostOf(rig, house.broker)
    await host.connect()
    host.follow(rig.point("t", "press:Temperature"), rig.point("o", "oven:Temperature"))
    await until("both are there", () => shows(rig, "t", 20)() && shows(rig, "o", 20)())
    const goneAt = now()
    await edge.send("DDEATH", "press", { metrics: [], timestamp: goneAt })
    await until("one is gone", () => last(rig, "t")?.quality === "badNotConnected")
    assert.deepEqual([last(rig, "t")?.at, last(rig, "t")?.value], [goneAt, 20])
    assert.equal(last(rig, "o")?.quality, "good")
    const metrics: Metric[] = [
      { name: "Temperature", type: "Double", value: 20, timestamp: goneAt - 5000 },
    ]
    await edge.send("DBIRTH", "press", { metrics })
    await until("it is back", () => last(rig, "t")?.quality === "good")
    assert((last(rig, "t")?.at ?? 0) >= goneAt)
    const [gap] = rig.sink.gaps
    assert.equal(gap?.because, "connection-lost")
    assert.equal(gap?.from, goneAt)
  })

  test("nobody who is born is a problem that says who was asked", async () => {
    await using rig = await makeRig()
    await using house = await houseOf()
    await using host = hostOf(rig, house.broker, { "birth-timeout": "100ms" })
    await assert.rejects(host.connect(), {
      code: "connection-timeout",
      message: "m1: got no birth of plant/edge-1, which was asked for it",
    })
  })

  test("two edge nodes of one name are found, and no storm of births follows", async () => {
    await using rig = await makeRig()
    await using house = await houseOf()
    await using first = await edgeOf(house, { clientId: "first" })
    for (let i = 0; i < 40; i++) await first.tell("press", { Temperature: 1 })
    await using host = hostOf(rig, house.broker)
    await host.connect()
    const end = host.follow(rig.point("t", "press:Temperature"))
    await until("the birth is there", () => values(rig, "t").length > 0)
    await using second = await edgeOf(house, { clientId: "second" })
    let problem: unknown
    end.then((thrown) => {
      problem = thrown
    })
    await until("they are found", async () => {
      await first.tell("press", { Temperature: 1 })
      await second.tell("press", { Temperature: 2 })
      return problem !== undefined
    })
    assert(problem instanceof Problem)
    assert.equal(problem.code, "duplicate-sender")
    assert.match(problem.message, /^m1 \(plant\/edge-1\): got \d+ messages out of their order/)
    assert(first.asked < 10)
    await assert.rejects(host.connect(), {
      code: "duplicate-sender",
      message: /got 2 births after one request/,
    })
    await second[Symbol.asyncDispose]()
    await host.connect()
  })

  test("two that throw each other out of the broker are found by their deaths", async () => {
    await using rig = await makeRig()
    await using house = await houseOf()
    await using host = hostOf(rig, house.broker)
    const problems: unknown[] = []
    for (let i = 0; i < 4; i++) {
      await using edge = await edgeOf(house, { bdSeq: i })
      await host.connect()
      const end = host.follow(rig.point("t", "press:Temperature"))
      edge.kill()
      problems.push(await end)
    }
    const codes = problems.map((problem) => problem instanceof Problem && problem.code)
    assert.deepEqual(codes.slice(0, 3), Array(3).fill("connection-lost"))
    assert.equal(codes[3], "duplicate-sender")
  })
})
