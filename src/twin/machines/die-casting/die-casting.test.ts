import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { DieCasting, type Shot } from "./die-casting.ts"

const cycleMs = 121_000

function machine(seed = 1): DieCasting {
  return new DieCasting({ seed, mould: "8722", at: 0 })
}

/** A machine that has left its start-up behind it. */
function warmMachine(seed = 1): DieCasting {
  const warm = machine(seed)
  runShots(warm, 40)
  return warm
}

function runShots(of: DieCasting, count: number): Shot[] {
  of.shots.length = 0
  while (of.shots.length < count) of.step(1000)
  return of.shots.splice(0)
}

function mean(shots: readonly Shot[], field: string): number {
  return shots.reduce((sum, { values }) => sum + Number(values[field]), 0) / shots.length
}

function deviation(shots: readonly Shot[], field: string): number {
  const m = mean(shots, field)
  const squares = shots.reduce((sum, { values }) => sum + (Number(values[field]) - m) ** 2, 0)
  return Math.sqrt(squares / (shots.length - 1))
}

suite("a die-casting machine", () => {
  test("the same seed gives the same shots, another seed others", () => {
    const shotsOf = (seed: number) => JSON.stringify(runShots(machine(seed), 20))
    assert.equal(shotsOf(7), shotsOf(7))
    assert.notEqual(shotsOf(7), shotsOf(8))
  })

  test("looking at the sensors changes nothing in the process", () => {
    const [watched, alone] = [machine(3), machine(3)]
    for (let i = 0; i < 3000; i++) {
      watched.step(1000)
      watched.tags()
      alone.step(1000)
    }
    assert.deepEqual(watched.shots, alone.shots)
  })

  test("it makes no difference in how many steps the time passes", () => {
    const [fine, coarse] = [machine(4), machine(4)]
    for (let i = 0; i < 4000; i++) fine.step(250)
    coarse.step(1_000_000)
    assert.deepEqual(fine.shots, coarse.shots)
  })

  test("five million seconds pass within three seconds", () => {
    const fast = machine()
    const started = performance.now()
    fast.step(5e9)
    assert.ok(performance.now() - started < 3000)
    assert.ok(fast.shots.length > 40_000)
  })

  test("a start-up warms the die, and its first shots are trial shots and mostly bad", () => {
    const first = Array.from({ length: 20 }, (_, seed) => runShots(machine(seed), 12))
    const upper1 = (i: number) =>
      mean(
        first.flatMap((shots) => shots[i] ?? []),
        "Upper1",
      )
    assert.ok(upper1(0) < 155 && upper1(0) > 130)
    assert.ok(upper1(1) > upper1(0) + 10)
    assert.ok(Math.abs(upper1(11) - 195) < 3)
    assert.ok(first.every(([shot]) => shot?.values.Trial === 1))
    assert.ok(first.every((shots) => shots[5]?.values.Trial === 0))
    const bad = (i: number) =>
      mean(
        first.flatMap((shots) => shots[i] ?? []),
        "Verdict",
      )
    assert.ok(bad(0) > 0.4)
    assert.ok(bad(11) < 0.2)
  })

  test("more cooling flow makes the die cooler, by 10 to 20 degrees for 10 L/min", () => {
    const [left, cooled] = [warmMachine(), warmMachine()]
    assert.equal(cooled.set("Coolant.FlowSet", 50), "ok")
    for (const each of [left, cooled]) runShots(each, 20)
    const gain = mean(runShots(left, 60), "Upper1") - mean(runShots(cooled, 60), "Upper1")
    assert.ok(gain > 10 && gain < 20, `${gain} Cel`)
  })

  test("a cycle that takes longer leaves the die cooler", () => {
    const shots = runShots(warmMachine(), 2000)
    const differences = shots.slice(1).map((shot, i) => ({
      seconds: Number(shot.values.CycleTime) - Number(shots[i]?.values.CycleTime),
      cel: Number(shot.values.Upper1) - Number(shots[i]?.values.Upper1),
    }))
    const slope =
      differences.reduce((sum, d) => sum + d.seconds * d.cel, 0) /
      differences.reduce((sum, d) => sum + d.seconds ** 2, 0)
    assert.ok(slope < -0.1 && slope > -0.5, `${slope} Cel a second`)
  })

  test("a clogged cooling channel shows within a minute and ends 70 to 90 degrees higher", () => {
    const warm = warmMachine()
    const before = runShots(warm, 60)
    warm.inject("cooling-clog", 1)
    const since = warm.at
    const after = runShots(warm, 40)
    const late = after.find(({ at }) => at - since >= 60_000)
    const rise = Number(late?.values.Upper1) - mean(before, "Upper1")
    assert.ok(rise > 5 * deviation(before, "Upper1"), `${rise} Cel`)
    const end = mean(after.slice(-15), "Upper1") - mean(before, "Upper1")
    assert.ok(end > 70 && end < 90, `${end} Cel`)
    const lower = mean(after.slice(-15), "Lower1") - mean(before, "Lower1")
    assert.ok(lower < 10, "the lower die keeps its own cooling")
  })

  test("with a clogged channel more flow still helps by 10 to 20 degrees", () => {
    const [left, helped] = [warmMachine(), warmMachine()]
    for (const each of [left, helped]) {
      each.inject("cooling-clog", 1)
      runShots(each, 40)
    }
    helped.set("Coolant.FlowSet", 50)
    for (const each of [left, helped]) runShots(each, 20)
    const gain = mean(runShots(left, 30), "Upper1") - mean(runShots(helped, 30), "Upper1")
    assert.ok(gain > 10 && gain < 20, `${gain} Cel`)
  })

  test("a fault that is ended leaves no trace", () => {
    const [spared, struck] = [warmMachine(), warmMachine()]
    struck.inject("cooling-clog", 0.7)
    runShots(struck, 20)
    struck.clear("cooling-clog")
    runShots(struck, 25)
    runShots(spared, 45)
    const trace = mean(runShots(struck, 60), "Upper1") - mean(runShots(spared, 60), "Upper1")
    assert.ok(Math.abs(trace) < 0.1, `${trace} Cel`)
  })

  test("a hydraulic leak lowers cast pressure and speed and makes bad parts", () => {
    const warm = warmMachine()
    const before = runShots(warm, 50)
    warm.inject("hydraulic-leak", 1)
    runShots(warm, 2)
    const after = runShots(warm, 50)
    assert.ok(mean(before, "CastPressure") - mean(after, "CastPressure") > 60)
    assert.ok(mean(before, "HighSpeed") - mean(after, "HighSpeed") > 10)
    assert.ok(Number(warm.tags()["Hydraulic.Pressure"]) < 120)
    assert.ok(mean(after, "Verdict") > 0.9)
    assert.ok(mean(before, "Verdict") < 0.1)
  })

  test("a frozen sensor stands still while the die goes on", () => {
    const warm = warmMachine()
    warm.inject("frozen-sensor")
    const shown = warm.tags()["Die.Upper1"]
    warm.set("Coolant.FlowSet", 80)
    const shots = runShots(warm, 15)
    assert.ok(shots.every(({ values }) => values.Upper1 === shown))
    assert.ok(Number(shots.at(-1)?.truth.zoneCel[0]) < Number(shown) - 20)
    warm.clear("frozen-sensor")
    assert.notEqual(warm.tags()["Die.Upper1"], shown)
  })

  test("held, it finishes its shot, stands idle and cools, and goes on when it may", () => {
    const warm = warmMachine()
    warm.step(20_000)
    warm.set("HoldNextCycle", true)
    assert.equal(warm.tags().State, 1)
    warm.shots.length = 0
    warm.step(10 * cycleMs)
    assert.equal(warm.shots.length, 1)
    assert.equal(warm.tags().State, 2)
    assert.ok(Number(warm.tags()["Die.Upper1"]) < 90)
    warm.set("HoldNextCycle", false)
    warm.step(2000)
    assert.equal(warm.tags().State, 1)
    assert.equal(runShots(warm, 1)[0]?.values.Trial, 1)
  })

  test("its own controller refuses what it cannot have", () => {
    const it = machine()
    assert.equal(it.set("Coolant.FlowSet", 90), "ok")
    assert.equal(it.set("Coolant.FlowSet", 90.1), "out-of-range")
    assert.equal(it.set("Coolant.FlowSet", 14.9), "out-of-range")
    assert.equal(it.set("Coolant.FlowSet", Number.NaN), "out-of-range")
    assert.equal(it.set("Coolant.FlowSet", "40"), "wrong-kind")
    assert.equal(it.set("HoldNextCycle", 1), "wrong-kind")
    assert.equal(it.set("Die.Upper1", 100), "read-only")
    assert.equal(it.tags()["Coolant.FlowSet"], 90)
  })

  test("after a power cut it goes on with its number and set point, and a die that has cooled", () => {
    const warm = warmMachine()
    warm.set("Coolant.FlowSet", 45)
    const memory = warm.memory()
    const at = warm.at + 600_000
    const again = new DieCasting({ seed: 1, mould: "8722", at, memory })
    assert.equal(again.tags()["Coolant.FlowSet"], 45)
    const upper1 = Number(again.tags()["Die.Upper1"])
    assert.ok(upper1 > 60 && upper1 < 140, `${upper1}`)
    const [shot] = runShots(again, 1)
    assert.equal(shot?.number, memory.shots + 1)
    assert.ok((shot?.at ?? 0) > at)
  })

  test("without a fault hardly a shot in a hundred is bad", () => {
    const share = mean(runShots(warmMachine(2), 5000), "Verdict")
    assert.ok(share > 0.003 && share < 0.015, `${share}`)
  })
})
