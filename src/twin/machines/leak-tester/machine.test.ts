import assert from "node:assert/strict"
import { after, before, suite, test } from "node:test"
import { giveOrder } from "../control-client.ts"
import type { SpawnedMachine } from "../spawn.ts"
import { until, Workshop } from "../testing/machine.ts"
import { mbpoll, type Question, withoutMbpoll } from "../testing/mbpoll.ts"

suite("a leak tester on Modbus TCP, read by a foreign master", { skip: withoutMbpoll }, () => {
  let workshop: Workshop
  let tester: SpawnedMachine
  const startedAt = Date.now()
  const read = (question: Question) => mbpoll(tester.ready.endpoint, question)
  const tests = async () => Number((await read({ type: "4:int", address: 14 }))[0])

  async function start() {
    const options = { "control-port": 0 }
    tester = await workshop.start("leak-tester", options, { name: "lt-1", speed: 60, startedAt })
  }

  before(async () => {
    workshop = await Workshop.open()
    await start()
    await until(async () => (await tests()) >= 3 || undefined, { what: "three tests" })
  })

  after(() => workshop.close())

  test("floats and counters stand with the less significant register first", async () => {
    const [leakRate = 0, , limit] = await read({ type: "4:float", address: 100, count: 3 })
    assert.ok(Number(leakRate) > 0 && Number(leakRate) < 6, `${leakRate}`)
    assert.equal(limit, "6")
  })

  test("the last part's serial is text of two characters a register", async () => {
    const registers = await read({ type: "4:hex", address: 120, count: 16 })
    const bytes = registers.map((hex) => hex.slice(2)).join("")
    const serial = Buffer.from(bytes, "hex").toString("latin1").replace(/\0+$/, "")
    const told = await until(
      async () => (await workshop.truth("lt-1")).find(({ facts }) => facts.serial === serial),
      { what: "the log of this part" },
    )
    assert.equal(told.says, "test")
  })

  test("its verdict is a bit of a register and a discrete input", async () => {
    assert.deepEqual(await read({ type: "4", address: 2 }), ["1"])
    assert.deepEqual((await read({ type: "1", address: 1, count: 2 })).slice(0, 2), ["1", "0"])
  })

  test("what is not there is refused, and a unit that is not there too", async () => {
    await assert.rejects(read({ type: "4", address: 500 }), /Illegal data address/)
    await assert.rejects(read({ type: "0", address: 0 }), /Illegal data address/)
    await assert.rejects(read({ type: "4", address: 0, unit: 9 }), /Target device failed/)
  })

  test("a lost connection throws clients out and comes back by itself", async () => {
    const control = Number(tester.ready.control?.split(":")[1])
    await giveOrder(control, { fault: "connection-lost", state: "on", severity: 1 })
    await assert.rejects(tests())
    await until(() => tests().catch(() => undefined), { what: "the connection" })
  })

  test("its counters outlive a power cut", async () => {
    const known = await tests()
    tester.kill()
    await tester.exited
    await start()
    const counted = await tests()
    assert.ok(counted >= known && counted < known + 30, `${known}, then ${counted}`)
  })
})
