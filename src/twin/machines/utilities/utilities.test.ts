import assert from "node:assert/strict"
import { suite, test } from "node:test"
import type { UtilitiesOptions } from "../../machine-options.ts"
import { Utilities, type UtilitiesMemory } from "./utilities.ts"

const hourMs = 3_600_000
/** Monday 2026-03-02 08:00 in Seoul: the first shift begins. */
const monday = Date.UTC(2026, 2, 1, 23)
const meters: UtilitiesOptions["meters"] = [
  { unit: 11, follows: "compressor", "rated-kw": 75 },
  { unit: 12, follows: "work", "rated-kw": 180 },
  { unit: 13, follows: "heat", "rated-kw": 120 },
]

function utilities(
  seed = 1,
  { at = monday, memory = undefined as UtilitiesMemory | undefined } = {},
) {
  return new Utilities({ seed, at, meters, startHour: 23, ...(memory && { memory }) })
}

/** What passes through a meter in an hour, kWh. */
function hourOf(it: Utilities, unit: number): number {
  const before = it.meters().get(unit)?.energyWh ?? 0
  it.step(hourMs)
  return ((it.meters().get(unit)?.energyWh ?? 0) - before) / 1000
}

suite("compressed air and electricity of a plant", () => {
  test("the compressor holds its pressure by loading and unloading, over 10 seeds", () => {
    for (let seed = 0; seed < 10; seed++) {
      const it = utilities(seed)
      it.step(hourMs)
      const seen = new Set<boolean>()
      for (let i = 0; i < 1800; i++) {
        it.step(1000)
        const { pressure, isLoaded, flow } = it.compressor.values()
        seen.add(isLoaded)
        assert.ok(pressure > 6.4 && pressure < 7.5, `seed ${seed}: ${pressure} bar`)
        assert.equal(flow > 10_000, isLoaded)
      }
      assert.equal(seen.size, 2, `seed ${seed}`)
    }
  })

  test("more is taken while the plant works than at night and on Sunday", () => {
    for (let seed = 0; seed < 10; seed++) {
      const it = utilities(seed)
      it.step(2 * hourMs)
      const [day, air] = [hourOf(it, 12), hourOf(it, 11)]
      it.step(13 * hourMs)
      const [night, nightAir] = [hourOf(it, 12), hourOf(it, 11)]
      assert.ok(day > 3 * night, `seed ${seed}: ${day} and ${night} kWh`)
      assert.ok(air > 1.5 * nightAir, `seed ${seed}: ${air} and ${nightAir} kWh`)
      const sunday = utilities(seed, { at: monday - 24 * hourMs })
      sunday.step(2 * hourMs)
      assert.ok(hourOf(sunday, 12) < 0.7 * day, `seed ${seed}`)
    }
  })

  test("the first meter's feeder carries what the compressor takes", () => {
    const it = utilities()
    it.step(hourMs)
    for (let i = 0; i < 100; i++) {
      it.step(7000)
      const power = it.meters().get(11)?.power ?? 0
      assert.ok(Math.abs(power - it.compressor.values().power) < 1.5)
    }
  })

  test("voltage, current and power factor make the power", () => {
    const it = utilities()
    it.step(3 * hourMs)
    const m = it.meters().get(12)
    assert.ok(m)
    const watts =
      m.powerFactor * (m.voltage1 * m.current1 + m.voltage2 * m.current2 + m.voltage3 * m.current3)
    assert.ok(Math.abs(watts / 1000 / m.power - 1) < 0.06, `${watts} W, ${m.power} kW`)
  })

  test("energy is power over time, in three forms, and only grows", () => {
    const it = utilities()
    it.step(hourMs)
    const start = it.meters().get(12)
    let [sum, last] = [0, start?.energyWh ?? 0]
    for (let i = 0; i < 3600; i++) {
      it.step(1000)
      const now = it.meters().get(12)
      assert.ok(now && now.energyWh >= last)
      last = now.energyWh
      sum += now.power / 3600
      assert.ok(Math.abs(now.energyWh / 1000 - now.energyFloat) < 0.01)
      assert.ok(Math.abs((now.energyFloat % 429_496_729.6) - now.energy32) < 0.01)
    }
    assert.ok(Math.abs((last - (start?.energyWh ?? 0)) / 1000 - sum) < 0.1)
  })

  test("a reset counter begins from 0 and a frozen gauge stands still", () => {
    const it = utilities()
    it.order({ fault: "counter-reset", state: "on" })
    assert.equal(it.meters().get(11)?.energyWh, 0)
    assert.equal(it.compressor.values().runningHours, 0)
    it.order({ fault: "frozen-sensor", state: "on" })
    const shown = it.compressor.values().pressure
    for (let i = 0; i < 20; i++) {
      it.step(60_000)
      assert.equal(it.compressor.values().pressure, shown)
    }
    it.order({ fault: "frozen-sensor", state: "off" })
    assert.notEqual(it.compressor.values().pressure, shown)
  })

  test("counters outlive a power cut", () => {
    const it = utilities()
    it.step(hourMs)
    const again = utilities(1, { at: it.at, memory: it.memory() })
    assert.equal(again.meters().get(12)?.energyWh, it.meters().get(12)?.energyWh)
    assert.equal(again.compressor.values().loadedHours, it.compressor.values().loadedHours)
  })

  test("the same seed gives the same, another seed another, whatever the steps", () => {
    const run = (seed: number, ms: number) => {
      const it = utilities(seed)
      for (let gone = 0; gone < hourMs; gone += ms) it.step(ms)
      return JSON.stringify(it.memory())
    }
    assert.equal(run(5, 250), run(5, 60_000))
    assert.notEqual(run(5, 1000), run(6, 1000))
  })
})
