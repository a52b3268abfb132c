import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { seededRandom } from "../../../kernel/random.ts"
import type { Part } from "../../flow.ts"
import type { FaultName } from "../../twin.ts"
import { PartBuffer } from "../flow/buffer.ts"
import { madeUpParts } from "../made-up.ts"
import { Chamber, zoneShapes, zones } from "./chamber.ts"
import type { FinishedCharge } from "./charge.ts"
import { Furnace } from "./furnace.ts"
import { hardnessOf } from "./hardness.ts"

const hourMs = 3_600_000
const seeds = [1, 2, 3, 4, 5, 6]

function furnace(seed = 1): Furnace {
  const it = new Furnace({ seed, name: "htf-1", charge: 180, at: 0 })
  it.inlet = madeUpParts({ name: "x", seed, castAt: 0 })
  return it
}

function charges(seed: number, fault?: FaultName): FinishedCharge[] {
  const it = furnace(seed)
  if (fault) it.order({ fault, state: "on", severity: 1 })
  it.advance(8 * hourMs)
  assert.ok(it.finished.length >= 2)
  return it.finished
}

const part = (n: number): Part => ({
  ...{ serial: `dc-1-${n}`, castAt: n, mould: "8722", porosity: 0.005 },
})

/** Mean hardness by zone. */
function hardness({ truth }: FinishedCharge): number[] {
  const all = Object.values(truth.hardness)
  return zones.map((zone) => mean(all.filter((_, i) => i % 3 === zone)))
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length

suite("the chamber of a furnace", () => {
  test("what the elements give is in the zones, in the charge or lost: no heat comes from nowhere", () => {
    const chamber = new Chamber(zoneShapes(seededRandom(3)), {
      zoneCel: [400, 410, 390],
      loadCel: [25, 25, 25],
    })
    const parts = 180
    const before = chamber.heat(parts)
    let given = 0
    for (let s = 0; s < 7200; s++) {
      const kw = s < 3600 ? [40, 20, 40] : [0, 10, 0]
      given += kw.reduce((sum, each) => sum + each, 0)
      const isDoorOpen = s % 1000 < 100
      chamber.step({ kw, isDoorOpen, isFanOn: !isDoorOpen, parts })
    }
    const gained = chamber.heat(parts) - before
    assert.ok(Math.abs(given - gained - chamber.lost) < 1e-6 * given)
    assert.ok(chamber.lost > 0.05 * given && gained > 0)
  })

  test("without power it cools to its surroundings and never below", () => {
    const chamber = new Chamber(zoneShapes(seededRandom(4)), {
      zoneCel: [480, 480, 480],
      loadCel: [480, 480, 480],
    })
    const kw = [0, 0, 0]
    let last = 481
    for (let hour = 0; hour < 200; hour++) {
      for (let s = 0; s < 3600; s++)
        chamber.step({ kw, isDoorOpen: false, isFanOn: false, parts: 90 })
      const hottest = Math.max(...chamber.zoneCel, ...chamber.loadCel)
      assert.ok(hottest <= last && Math.min(...chamber.zoneCel) >= 25 - 1e-9)
      last = hottest
    }
    assert.ok(last < 30)
  })

  test("with each furnace the gains are others", () => {
    const gains = seeds.map((seed) => zoneShapes(seededRandom(seed))[0]?.losses)
    assert.equal(new Set(gains).size, seeds.length)
  })
})

suite("the hardness of a part", () => {
  const usual = { dissolved: 1, quenchedCel: 470, peakCel: 482 }

  test("is about 110 HV after the usual treatment, and 62 without any", () => {
    assert.ok(Math.abs(hardnessOf(usual) - 110) < 1)
    assert.equal(hardnessOf({ ...usual, dissolved: 0 }), 62)
  })

  test("falls with a charge that was too cold at the quench or too hot before", () => {
    assert.ok(hardnessOf({ ...usual, quenchedCel: 430 }) < 90)
    assert.ok(hardnessOf({ ...usual, peakCel: 525 }) < hardnessOf(usual) - 8)
  })
})

suite("a furnace", () => {
  test("the same seed gives the same charges, however the time passes and whoever looks", () => {
    const [fine, coarse] = [furnace(4), furnace(4)]
    for (let at = 0; at <= 5 * hourMs; at += 700) {
      fine.advance(at)
      if (at % 70_000 === 0) fine.tags()
    }
    coarse.advance(fine.at)
    assert.ok(coarse.finished.length > 1)
    assert.deepEqual(fine.finished, coarse.finished)
    assert.notDeepEqual(charges(5).slice(0, coarse.finished.length), coarse.finished)
  })

  test("every charge is heated, soaked an hour within 10 Cel and hard everywhere, in 20 furnaces", () => {
    for (let seed = 0; seed < 20; seed++)
      for (const charge of charges(seed)) {
        assert.equal(charge.values.Verdict, 0, JSON.stringify(charge.values))
        assert.equal(charge.values.SoakTime, 60)
        assert.ok(Number(charge.values.CycleTime) > 6000 && Number(charge.values.CycleTime) < 8400)
        assert.ok(Number(charge.values.Energy) > 80 && Number(charge.values.Energy) < 150)
        const all = Object.values(charge.truth.hardness)
        assert.equal(all.length, 180)
        assert.ok(Math.min(...all) > 100 && Math.max(...all) < 116)
      }
  })

  test("a longer soak and a lower set point make what their physics say", () => {
    const of = (address: string, value: number) => {
      const it = furnace(2)
      assert.equal(it.set(address, value), "ok")
      it.advance(5 * hourMs)
      const [charge] = it.finished
      assert.ok(charge)
      return mean(hardness(charge))
    }
    const usual = of("Soak.Set", 60)
    assert.ok(of("Soak.Set", 20) < usual - 2)
    assert.ok(of("Soak.Set", 120) > usual)
    const it = furnace(2)
    for (const zone of [1, 2, 3]) it.set(`Zone${zone}.Set`, 440)
    it.advance(5 * hourMs)
    assert.ok(it.finished[0] && mean(hardness(it.finished[0])) < usual - 10)
  })

  test("a dead element lets its zone sag and leaves the charge uneven, and the furnace says so", () => {
    for (const seed of seeds) {
      const it = furnace(seed)
      it.order({ fault: "furnace-zone-failure", state: "on" })
      it.advance(1.2 * hourMs)
      const tags = it.tags()
      const shown = zones.map((z) => Number(tags[`Zone${z + 1}.Temperature`]))
      const dead = shown.indexOf(Math.min(...shown))
      assert.equal(tags[`Zone${dead + 1}.Power`], 0)
      assert.equal(tags[`Zone${dead + 1}.Output`], 100)
      assert.ok(Number(tags.Spread) > 30)
      let hasAlarm = false
      while (it.finished.length === 0) {
        it.advance(it.at + 60_000)
        hasAlarm ||= it.tags().Alarm === 1
      }
      const [charge] = it.finished
      assert.ok(charge && hasAlarm)
      assert.equal(charge.values.Verdict, 1)
      const hv = hardness(charge)
      assert.ok(Math.max(...hv) - (hv[dead] ?? 0) > 5, hv.join(" "))
    }
  })

  test("a thermocouple that shows too little makes its zone too hot, and no sensor of the zones shows it", () => {
    for (const seed of seeds) {
      const charge = charges(seed, "thermocouple-drift")[1]
      assert.ok(charge)
      const highest = zones.map((z) => Number(charge.values[`Zone${z + 1}Max`]))
      assert.ok(Math.max(...highest) < 490)
      const hottest = Math.max(...charge.truth.loadPeakCel)
      assert.ok(hottest > 508, `${hottest}`)
      const hv = hardness(charge)
      assert.ok((hv[charge.truth.loadPeakCel.indexOf(hottest)] ?? 0) < Math.max(...hv) - 3)
    }
  })

  test("a counter that is reset shows charges and energy from 0, the charge's own number goes on", () => {
    const it = furnace()
    it.advance(5 * hourMs)
    const done = it.finished.length
    it.order({ fault: "counter-reset", state: "on" })
    assert.deepEqual([it.tags().ChargeCount, it.tags().Energy], [0, 0])
    it.advance(8 * hourMs)
    const next = it.finished[done]
    assert.deepEqual([next?.number, next?.values.Charge], [done + 1, 1])
  })

  test("its own controller refuses what it cannot have", () => {
    const it = furnace()
    assert.equal(it.set("Zone2.Set", 540), "ok")
    assert.equal(it.set("Zone2.Set", 541), "out-of-range")
    assert.equal(it.set("Zone2.Set", Number.NaN), "out-of-range")
    assert.equal(it.set("Zone4.Set", 480), "read-only")
    assert.equal(it.set("Soak.Set", 5), "out-of-range")
    assert.equal(it.set("Soak.Set", "60"), "wrong-kind")
    assert.equal(it.set("HoldNextCharge", 1), "wrong-kind")
    assert.equal(it.set("Zone1.Temperature", 100), "read-only")
    assert.equal(it.tags()["Zone2.Set"], 540)
  })
})

suite("parts through a furnace", () => {
  function line(parts: number, place = 1000) {
    const it = new Furnace({ seed: 1, name: "htf-1", charge: 6, at: 0 })
    const [before, after] = [new PartBuffer(1000), new PartBuffer(place)]
    it.inlet = before
    it.outlet = after
    for (let n = 1; n <= parts; n++) before.offer(part(n))
    return { it, before, after }
  }

  test("starved it waits; a charge that is not full starts after an hour", () => {
    const { it, before } = line(0)
    it.advance(2 * hourMs)
    assert.equal(it.tags().State, 2)
    before.offer(part(1))
    it.advance(2.9 * hourMs)
    assert.equal(it.tags().State, 2)
    it.advance(3.1 * hourMs)
    assert.equal(it.tags().State, 1)
    assert.equal(it.tags().Parts, 1)
  })

  test("held it starts no charge until it may", () => {
    const { it } = line(6)
    it.set("HoldNextCharge", true)
    it.advance(2 * hourMs)
    assert.equal(it.tags().State, 2)
    it.set("HoldNextCharge", false)
    it.advance(2.1 * hourMs)
    assert.equal(it.tags().State, 1)
  })

  test("every part comes out as the same part, with its hardness", () => {
    const { it, after } = line(12)
    it.advance(6 * hourMs)
    const out = Array.from({ length: after.waiting }, () => after.take())
    assert.deepEqual(
      out.map((each) => each?.serial),
      Array.from({ length: 12 }, (_, n) => `dc-1-${n + 1}`),
    )
    const truth = Object.assign({}, ...it.finished.map((charge) => charge.truth.hardness))
    for (const each of out) assert.equal(each?.hardness, truth[each?.serial ?? ""])
    assert.ok(out.every((each) => (each?.hardness ?? 0) > 100 && each?.porosity === 0.005))
  })

  test("with no place behind it the second charge waits before the full table, idle", () => {
    const { it, after } = line(18, 2)
    it.advance(10 * hourMs)
    assert.equal(it.finished.length, 1)
    assert.equal(it.isBlocked, true)
    assert.equal(it.tags().State, 2)
    const out: (string | undefined)[] = []
    while (it.at < 20 * hourMs) {
      for (let next = after.take(); next; next = after.take()) out.push(next.serial)
      it.advance(it.at + 60_000)
    }
    assert.equal(it.finished.length, 3)
    assert.equal(new Set(out).size, 18)
    assert.equal(out.length, 18)
  })

  for (const at of [0.05, 0.3, 1.2, 1.9, 2.3])
    test(`a power cut ${at} h into a charge neither loses nor doubles a part`, () => {
      const { it, after } = line(9)
      it.advance(at * hourMs)
      const memory = it.memory()
      const again = new PartBuffer(1000)
      // The inlet gives back what had not left, as it does over sockets.
      for (let n = 1; n <= 9 - after.waiting; n++) again.offer(part(n + after.waiting))
      const zoneCel = it.tags()["Zone1.Temperature"]
      const setup = { seed: 1, name: "htf-1", charge: 6, at: it.at + 600_000 }
      const next = new Furnace({ ...setup, memory: JSON.parse(JSON.stringify(memory)) })
      assert.ok(Number(next.tags()["Zone1.Temperature"]) < Number(zoneCel))
      next.inlet = again
      next.outlet = after
      next.advance(it.at + 12 * hourMs)
      const out = Array.from({ length: after.waiting }, () => after.take()?.serial)
      assert.deepEqual(
        out.toSorted(),
        Array.from({ length: 9 }, (_, n) => `dc-1-${n + 1}`),
      )
    })
})
