import assert from "node:assert/strict"
import { after, before, suite, test } from "node:test"
import { Problem } from "../../../model/problem.ts"
import type { SpawnedMachine } from "../spawn.ts"
import { Workshop } from "../testing/machine.ts"
import { mbpoll, type Question, withoutMbpoll } from "../testing/mbpoll.ts"

suite("a gateway before compressor and meters", () => {
  test("each unit has one number", async () => {
    const workshop = await Workshop.open()
    const meter = { unit: 1, follows: "work", "rated-kw": 50 }
    const twice = workshop.start("utilities", { meters: [meter] }, { name: "ut-1" })
    await assert.rejects(
      twice,
      (thrown) => thrown instanceof Problem && thrown.code === "option-invalid",
    )
    await workshop.close()
  })
})

suite("a gateway before compressor and meters, read by a foreign master", {
  skip: withoutMbpoll,
}, () => {
  let workshop: Workshop
  let gateway: SpawnedMachine
  const startedAt = Date.now()
  const read = (question: Question) => mbpoll(gateway.ready.endpoint, question)
  const start = async () => {
    gateway = await workshop.start("utilities", {}, { name: "ut-1", speed: 60, startedAt })
  }
  const wattHours = async (unit: number) =>
    BigInt(
      (await read({ type: "3:hex", address: 100, count: 4, unit }))
        .map((hex) => hex.slice(2))
        .reduce((all, hex) => all + hex, "0x"),
    )

  before(async () => {
    workshop = await Workshop.open()
    await start()
  })

  after(() => workshop.close())

  test("the compressor's registers are whole numbers with a scale", async () => {
    const [state, pressure, , power, dewPoint] = await read({ type: "4", address: 0, count: 7 })
    assert.match(state ?? "", /^[12]$/)
    assert.ok(Number(pressure) > 600 && Number(pressure) < 800, `${pressure}`)
    assert.ok(Number(power) >= 0 && Number(power) < 1200, `${power}`)
    assert.ok(Number(dewPoint) > 0 && Number(dewPoint) < 100, `${dewPoint}`)
    const [hours] = await read({ type: "4:int", address: 10, isBigEndian: true })
    assert.ok(Number(hours) > 8000 && Number(hours) < 12_000, `${hours}`)
  })

  test("each meter has its own unit, with floats whose first register is the more significant", async () => {
    for (const unit of [11, 12, 13, 14]) {
      const [volts] = await read({ type: "3:float", address: 0, unit, isBigEndian: true })
      assert.ok(Number(volts) > 205 && Number(volts) < 230, `${unit}: ${volts} V`)
      const wh = Number(await wattHours(unit))
      const [kwh32] = await read({ type: "3:int", address: 104, unit, isBigEndian: true })
      assert.ok(Math.abs(Number(kwh32) / 10 - wh / 1000) < 10, `${unit}: ${kwh32}, ${wh}`)
    }
  })

  test("a unit that is not there is answered by the gateway", async () => {
    await assert.rejects(read({ type: "3", address: 0, unit: 15 }), /Target device failed/)
  })

  test("energy outlives an orderly stop", async () => {
    const known = await wattHours(12)
    await gateway.stop()
    await start()
    const counted = await wattHours(12)
    assert.ok(counted >= known && counted < known + 60_000n, `${known}, then ${counted}`)
  })
})
