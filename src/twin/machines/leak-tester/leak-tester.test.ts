import assert from "node:assert/strict"
import { suite, test } from "node:test"
import type { Part } from "../../flow.ts"
import { PartBuffer } from "../flow/buffer.ts"
import { LeakTester, leakLimit, leakOf } from "./leak-tester.ts"

const minuteMs = 60_000
const partOf = (n: number, more: Partial<Part> = {}): Part => ({
  ...{ serial: `dc-1-${n}`, castAt: 0, mould: "8722", porosity: 0.005 },
  ...more,
})

function testerOf(parts: readonly Part[], { seed = 1, place = 1000 } = {}) {
  const tester = new LeakTester({ seed, name: "lt-1", at: 0 })
  const before = new PartBuffer(10_000)
  const after = new PartBuffer(place)
  for (const part of parts) before.offer(part)
  tester.inlet = before
  tester.outlet = after
  return { tester, after }
}

const many = (count: number, more: Partial<Part> = {}) =>
  Array.from({ length: count }, (_, n) => partOf(n + 1, more))

suite("a leak tester", () => {
  test("tests a part in 25 s and hands it on", () => {
    const { tester, after } = testerOf(many(10))
    tester.step(250_000)
    assert.equal(tester.finished.length, 10)
    assert.equal(tester.finished[0]?.at, 23_000)
    assert.equal(tester.finished[1]?.at, 48_000)
    assert.equal(after.waiting, 10)
    assert.deepEqual(tester.memory(), { good: 10, bad: 0 })
    tester.step(2000)
    assert.equal(tester.values().state, 2, "nothing waits")
  })

  test("more pores leak more, and so does a bore off its size, over 20 seeds", () => {
    for (let seed = 0; seed < 20; seed++) {
      const shown = (more: Partial<Part>) => {
        const { tester } = testerOf(many(40, more), { seed })
        tester.step(20 * minuteMs)
        const rates = tester.finished.map(({ leakRate }) => leakRate)
        return rates.reduce((sum, rate) => sum + rate, 0) / rates.length
      }
      const [sound, porous] = [shown({ porosity: 0.005 }), shown({ porosity: 0.012 })]
      assert.ok(sound > 0.4 && sound < 0.9, `seed ${seed}: ${sound}`)
      assert.ok(porous > 4 * sound, `seed ${seed}: ${porous}`)
      assert.ok(shown({ boreDeviation: 0.06 }) > sound + 2, `seed ${seed}`)
    }
  })

  test("what leaks more than the limit goes to the scrap bin with the reason", () => {
    const parts = [partOf(1), partOf(2, { porosity: 0.03 }), partOf(3, { boreDeviation: 0.15 })]
    const { tester, after } = testerOf(parts)
    tester.step(2 * minuteMs)
    assert.deepEqual(after.take()?.serial, "dc-1-1")
    assert.equal(after.take(), undefined)
    assert.deepEqual(
      after.scrap.map(({ serial, rejected }) => ({ serial, rejected })),
      ["dc-1-2", "dc-1-3"].map((serial) => ({
        serial,
        rejected: { at: "lt-1", because: "leak" },
      })),
    )
    const { good, bad, result, fail, pass, serial } = tester.values()
    assert.deepEqual(
      { good, bad, result, fail, pass, serial },
      { good: 1, bad: 2, result: 2, fail: true, pass: false, serial: "dc-1-3" },
    )
    assert.ok(parts.every((part, i) => leakOf(part) > leakLimit === i > 0))
  })

  test("the pressure rises, stands and is let off", () => {
    const { tester } = testerOf(many(1))
    const pressures = Array.from({ length: 25 }, () => {
      tester.step(1000)
      return tester.values().testPressure
    })
    assert.equal(pressures[1], 0)
    assert.ok((pressures[4] ?? 0) > 1 && (pressures[4] ?? 0) < 1.9)
    for (const bar of pressures.slice(10, 22)) assert.ok(Math.abs(bar - 2) < 0.1, `${bar}`)
    assert.equal(pressures[24], 0)
  })

  test("with no place for its part it waits", () => {
    const { tester, after } = testerOf(many(5), { place: 1 })
    tester.step(3 * minuteMs)
    assert.equal(tester.isBlocked, true)
    assert.equal(tester.finished.length, 2)
    assert.equal(tester.values().state, 2)
    after.take()
    tester.step(1000)
    assert.equal(tester.isBlocked, false)
  })

  test("a drifting sensor shows ever more than leaks, until it is mended", () => {
    const { tester } = testerOf(many(1000))
    tester.order({ fault: "sensor-drift", state: "on", severity: 1 })
    tester.step(120 * minuteMs)
    const off = () => {
      const last = tester.finished.at(-1)
      return (last?.leakRate ?? 0) - (last?.truth.leakRate ?? 0)
    }
    assert.ok(off() > 4, `${off()}`)
    tester.order({ fault: "sensor-drift", state: "off" })
    tester.step(minuteMs)
    assert.ok(Math.abs(off()) < 0.6, `${off()}`)
  })

  test("a frozen sensor shows the same for each part", () => {
    const { tester } = testerOf([...many(4), partOf(5, { porosity: 0.05 }), partOf(6)])
    tester.step(2 * minuteMs)
    tester.order({ fault: "frozen-sensor", state: "on" })
    tester.step(minuteMs)
    const [before, frozen] = tester.finished.slice(-2)
    assert.equal(frozen?.serial, "dc-1-6")
    assert.equal(frozen?.leakRate, before?.leakRate)
  })

  test("its counters only grow until they are reset", () => {
    const { tester } = testerOf(many(100))
    let last = 0
    for (let i = 0; i < 100; i++) {
      tester.step(7000)
      const { good, bad, tests } = tester.values()
      assert.equal(tests, good + bad)
      assert.ok(tests >= last)
      last = tests
    }
    tester.order({ fault: "counter-reset", state: "on" })
    assert.equal(tester.values().tests, 0)
  })

  test("the same seed gives the same tests, another seed others, whatever the steps", () => {
    const run = (seed: number, stepMs: number) => {
      const { tester } = testerOf(many(20), { seed })
      for (let ms = 0; ms < 600_000; ms += stepMs) tester.step(stepMs)
      return JSON.stringify(tester.finished)
    }
    assert.equal(run(7, 250), run(7, 100_000))
    assert.notEqual(run(7, 1000), run(8, 1000))
  })
})
