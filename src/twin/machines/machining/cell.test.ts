import assert from "node:assert/strict"
import { suite, test } from "node:test"
import type { Part } from "../../flow.ts"
import type { FaultOrder } from "../../twin.ts"
import { PartBuffer } from "../flow/buffer.ts"
import { MachiningCell } from "./cell.ts"
import type { FinishedPart, MachiningCentre } from "./centre.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const endless = (hardness?: number) => {
  let n = 0
  const take = (): Part => ({
    ...{ serial: `dc-1-${++n}`, castAt: 0, mould: "8722", porosity: 0.005 },
    ...(hardness !== undefined && { hardness }),
  })
  return { waiting: 1000, take }
}

function cellOf({ seed = 1, inlet = endless() } = {}): MachiningCell {
  const cell = new MachiningCell({ seed, at: 0 })
  cell.inlet = inlet
  return cell
}

const first = (cell: MachiningCell): MachiningCentre => {
  const [centre] = cell.centres
  assert.ok(centre)
  return centre
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length

/** Parts of the first machine in so much time, and its mean load while the boring bar cuts. */
function watch(
  cell: MachiningCell,
  ms: number,
): { parts: FinishedPart[]; load: number; vibration: number } {
  const centre = first(cell)
  centre.finished.length = 0
  const [loads, shakes]: [number[], number[]] = [[], []]
  for (let gone = 0; gone < ms; gone += 1000) {
    cell.step(1000)
    const values = centre.values()
    if (values["Tool/Number"] !== 8 || !values["Coolant/On"]) continue
    loads.push(values["Spindle/Load"])
    shakes.push(values["Vibration/RMS"])
  }
  return { parts: centre.finished.splice(0), load: mean(loads), vibration: mean(shakes) }
}

const bore = (parts: readonly FinishedPart[]) => mean(parts.map(({ truth }) => truth.boreDeviation))
const on = (fault: FaultOrder["fault"], severity = 1): FaultOrder => ({
  fault,
  state: "on",
  severity,
})
const off = (fault: FaultOrder["fault"]): FaultOrder => ({ fault, state: "off" })

suite("two machining centres", () => {
  test("each makes a part in 70 to 90 s, with a bore of its size, over 10 seeds", () => {
    for (let seed = 0; seed < 10; seed++) {
      const cell = cellOf({ seed })
      const { parts } = watch(cell, 30 * minuteMs)
      assert.ok(parts.length >= 20 && parts.length <= 25, `seed ${seed}: ${parts.length}`)
      assert.ok(parts.every(({ cycleS }) => cycleS >= 70 && cycleS <= 90))
      assert.ok(Math.abs(bore(parts)) < 0.02, `seed ${seed}: ${bore(parts)}`)
      assert.ok((cell.centres[1]?.finished.length ?? 0) >= 20)
    }
  })

  test("the part goes on with the bore that was made", () => {
    const cell = cellOf()
    const buffer = new PartBuffer(100)
    cell.outlet = buffer
    cell.step(10 * minuteMs)
    const made = cell.centres.flatMap(({ finished }) => finished)
    for (let part = buffer.take(); part; part = buffer.take()) {
      const { serial, boreDeviation } = part
      assert.equal(made.find((one) => one.serial === serial)?.truth.boreDeviation, boreDeviation)
    }
  })

  test("with wear load, vibration and bore deviation rise, over 10 seeds", () => {
    for (let seed = 0; seed < 10; seed++) {
      const cell = cellOf({ seed })
      cell.order(on("tool-breakage"))
      cell.order(off("tool-breakage"))
      const fresh = watch(cell, 20 * minuteMs)
      cell.step(4 * hourMs)
      const worn = watch(cell, 20 * minuteMs)
      assert.ok(worn.load > 1.2 * fresh.load, `seed ${seed}: ${fresh.load} to ${worn.load} %`)
      assert.ok(worn.vibration > 1.2 * fresh.vibration, `seed ${seed}`)
      assert.ok(bore(worn.parts) > bore(fresh.parts) + 0.008, `seed ${seed}: ${bore(worn.parts)}`)
    }
  })

  test("after 250 parts a fitter changes the bar, and everything is as new", () => {
    const cell = cellOf({ seed: 2 })
    const centre = first(cell)
    const seen = new Set<number>()
    let left = centre.tool.partsLeft
    for (let i = 0; i < 8 * 3600; i++) {
      cell.step(1000)
      seen.add(centre.state)
      if (centre.tool.partsLeft > left) break
      left = centre.tool.partsLeft
    }
    assert.equal(left, 0)
    assert.equal(centre.tool.partsLeft, 250)
    assert.equal(centre.tool.wear, 0)
    assert.deepEqual([...seen].sort(), [1, 3].concat(seen.has(2) ? [2] : []).sort())
  })

  test("the fault tool-wear wears a bar out in a fraction of its life", () => {
    const [usual, faulty] = [cellOf(), cellOf()]
    faulty.order(on("tool-wear"))
    for (const cell of [usual, faulty]) cell.step(hourMs)
    assert.ok(first(faulty).tool.wear > first(usual).tool.wear + 0.8)
  })

  test("a broken bar cuts no more: its load drops and the bore is wrong until the machine is stopped", () => {
    const cell = cellOf()
    const whole = watch(cell, 15 * minuteMs)
    cell.order(on("tool-breakage"))
    cell.step(2 * minuteMs)
    const broken = watch(cell, 15 * minuteMs)
    assert.ok(broken.load < 0.3 * whole.load, `${whole.load} to ${broken.load} %`)
    assert.ok(bore(broken.parts) > 0.15)
    assert.equal(first(cell).set("Control/HoldNextCycle", true), "ok")
    cell.step(10 * minuteMs)
    assert.equal(first(cell).tool.partsLeft, 250, "a fitter found it")
    assert.equal(first(cell).state, 2, "held until it may go on")
    first(cell).set("Control/HoldNextCycle", false)
    cell.step(3 * minuteMs)
    assert.ok(Math.abs(bore(watch(cell, 15 * minuteMs).parts)) < 0.02)
  })

  test("less feed takes longer, loads less and wears less", () => {
    const [usual, slow] = [cellOf(), cellOf()]
    assert.equal(first(slow).set("Feed/Override", 60), "ok")
    const [u, s] = [watch(usual, hourMs), watch(slow, hourMs)]
    assert.ok(
      mean(s.parts.map(({ cycleS }) => cycleS)) > mean(u.parts.map(({ cycleS }) => cycleS)) + 30,
    )
    assert.ok(s.load < 0.8 * u.load)
    assert.ok(first(slow).tool.wear < first(usual).tool.wear)
  })

  test("a harder casting loads the spindle more", () => {
    const load = (hardness: number) =>
      watch(cellOf({ inlet: endless(hardness) }), 20 * minuteMs).load
    assert.ok(load(115) > load(85) * 1.08)
  })

  test("with nothing to do or no place to go it stands idle", () => {
    const starved = new MachiningCell({ seed: 1, at: 0 })
    starved.step(5 * minuteMs)
    assert.equal(first(starved).state, 2)
    const blocked = cellOf()
    blocked.outlet = new PartBuffer(1)
    blocked.step(10 * minuteMs)
    assert.equal(first(blocked).state, 2)
    assert.equal(blocked.centres.flatMap(({ finished }) => finished).length, 3)
  })

  test("counters only grow until they are reset, and a frozen sensor stands still", () => {
    const cell = cellOf()
    let last = 0
    for (let i = 0; i < 60; i++) {
      cell.step(minuteMs)
      const count = first(cell).values()["Part/Counter"]
      assert.ok(count >= last)
      last = count
    }
    cell.order(on("counter-reset"))
    assert.equal(first(cell).values()["Part/Counter"], 0)
    cell.order(on("frozen-sensor"))
    const shown = first(cell).values()["Spindle/Load"]
    cell.step(35_000)
    assert.equal(first(cell).values()["Spindle/Load"], shown)
  })

  test("its own controller refuses what it cannot have", () => {
    const centre = first(cellOf())
    assert.equal(centre.set("Feed/Override", 160), "out-of-range")
    assert.equal(centre.set("Feed/Override", Number.NaN), "out-of-range")
    assert.equal(centre.set("Feed/Override", true), "wrong-kind")
    assert.equal(centre.set("Spindle/Load", 3), "read-only")
    assert.equal(centre.set("Control/HoldNextCycle", 1), "wrong-kind")
  })

  test("after a power cut counters, set points and the bar are as they were", () => {
    const cell = cellOf()
    cell.step(hourMs)
    first(cell).set("Feed/Override", 80)
    const again = new MachiningCell({ seed: 1, at: cell.at, memory: cell.memory() })
    assert.deepEqual(again.memory(), cell.memory())
  })

  test("looking at it changes nothing, and the steps make no difference", () => {
    const run = (seed: number, ms: number, look: boolean) => {
      const cell = cellOf({ seed })
      for (let gone = 0; gone < hourMs; gone += ms) {
        cell.step(ms)
        if (look) for (const centre of cell.centres) centre.values()
      }
      return JSON.stringify(cell.centres.map(({ finished }) => finished))
    }
    assert.equal(run(5, 250, true), run(5, 60_000, false))
    assert.notEqual(run(5, 1000, false), run(6, 1000, false))
  })
})
