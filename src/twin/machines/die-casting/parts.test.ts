import assert from "node:assert/strict"
import { suite, test } from "node:test"
import type { Part } from "../../flow.ts"
import { PartBuffer } from "../flow/buffer.ts"
import { DieCasting, type Shot } from "./die-casting.ts"

const minuteMs = 60_000

function warmMachine(seed = 1, mould = "8722"): DieCasting {
  const machine = new DieCasting({ seed, mould, serial: "dc-1", at: 0 })
  machine.step(80 * minuteMs)
  machine.shots.length = 0
  return machine
}

function runShots(of: DieCasting, count: number): Shot[] {
  of.shots.length = 0
  while (of.shots.length < count) of.step(1000)
  return of.shots.splice(0)
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)]
  const product = (x: readonly number[], y: readonly number[], mx: number, my: number) =>
    mean(x.map((v, i) => (v - mx) * ((y[i] ?? 0) - my)))
  return (
    product(a, b, meanA, meanB) /
    Math.sqrt(product(a, a, meanA, meanA) * product(b, b, meanB, meanB))
  )
}

suite("parts of a die-casting machine", () => {
  test("each shot that is no trial becomes one part; a bad one goes to the scrap bin", () => {
    const machine = new DieCasting({ seed: 3, mould: "8412", serial: "dc-2", at: 0 })
    const buffer = new PartBuffer(1000)
    machine.outlet = buffer
    const shots = runShots(machine, 300).filter(({ values }) => values.Trial === 0)
    const parts: Part[] = []
    for (let part = buffer.take(); part; part = buffer.take()) parts.push(part)
    const good = shots.filter(({ values }) => values.Verdict === 0)
    assert.ok(good.length > 250 && good.length < shots.length)
    assert.deepEqual(
      parts.map(({ serial }) => serial),
      good.map(({ truth }) => truth.serial),
    )
    assert.deepEqual(parts[0], {
      ...{ serial: `dc-2-${good[0]?.number}`, castAt: good[0]?.at, mould: "8412" },
      porosity: good[0]?.truth.porosity,
    })
    assert.equal(buffer.scrap.length, shots.length - good.length)
  })

  test("with no place for its part it stands idle and cools, and goes on when there is place", () => {
    const machine = warmMachine()
    const buffer = new PartBuffer(1)
    machine.outlet = buffer
    machine.step(30 * minuteMs)
    assert.equal(machine.shots.length, 2, "one part has its place, the second none")
    assert.equal(machine.isBlocked, true)
    assert.equal(machine.tags().State, 2)
    assert.ok(Number(machine.tags()["Die.Upper1"]) < 100)
    assert.equal(buffer.take()?.serial, machine.shots[0]?.truth.serial)
    machine.step(2000)
    assert.equal(machine.isBlocked, false)
    assert.equal(machine.tags().State, 1)
    assert.equal(buffer.take()?.serial, machine.shots[1]?.truth.serial)
  })

  test("a part that had no place when the power went is still there", () => {
    const machine = warmMachine()
    machine.outlet = new PartBuffer(0)
    machine.step(10 * minuteMs)
    const memory = machine.memory()
    const at = machine.at + minuteMs
    const again = new DieCasting({ seed: 1, mould: "8722", serial: "dc-1", at, memory })
    assert.equal(again.isRunning, false)
    const buffer = new PartBuffer(5)
    again.outlet = buffer
    again.step(1000)
    assert.equal(buffer.take()?.serial, machine.shots.at(-1)?.truth.serial)
  })

  test("a sound casting has about half a per cent of pores", () => {
    const pores = [1, 2, 3, 4, 5].map((seed) =>
      mean(runShots(warmMachine(seed), 200).map(({ truth }) => truth.porosity)),
    )
    assert.ok(
      pores.every((share) => share > 0.004 && share < 0.008),
      pores.join(" "),
    )
  })

  test("the less pressure and the hotter the die, the more pores, over 20 seeds", (t) => {
    const under = (fault: "hydraulic-leak" | "cooling-clog", field: "CastPressure" | "zone") => {
      const points = Array.from({ length: 20 }, (_, seed) => {
        const machine = warmMachine(seed)
        machine.inject(fault, seed / 20)
        runShots(machine, 15)
        const shots = runShots(machine, 10)
        const cause = shots.map(({ values, truth }) =>
          field === "zone" ? (truth.zoneCel[0] ?? 0) : Number(values.CastPressure),
        )
        return { cause: mean(cause), pores: mean(shots.map(({ truth }) => truth.porosity)) }
      })
      return {
        r: correlation(
          points.map(({ cause }) => cause),
          points.map(({ pores }) => Math.log(pores)),
        ),
        worst: Math.max(...points.map(({ pores }) => pores)),
      }
    }
    const [leak, clog] = [under("hydraulic-leak", "CastPressure"), under("cooling-clog", "zone")]
    t.diagnostic(`leak: r ${leak.r.toFixed(2)}, to ${(100 * leak.worst).toFixed(1)} %`)
    t.diagnostic(`clog: r ${clog.r.toFixed(2)}, to ${(100 * clog.worst).toFixed(1)} %`)
    assert.ok(leak.r < -0.9 && leak.worst > 0.025)
    assert.ok(clog.r > 0.9 && clog.worst > 0.02)
  })
})

suite("faults of a die-casting machine", () => {
  test("the dosing drifts away slowly, to one side or the other as the machine is", () => {
    const driftOf = (seed: number) => {
      const machine = warmMachine(seed)
      const thickness = () =>
        mean(runShots(machine, 20).map(({ values }) => Number(values.BiscuitThickness)))
      const before = thickness()
      machine.inject("biscuit-drift", 1)
      const [soon] = runShots(machine, 1)
      assert.ok(Math.abs(Number(soon?.values.BiscuitThickness) - before) < 8)
      runShots(machine, 150)
      return thickness() - before
    }
    const drifts = Array.from({ length: 10 }, (_, seed) => driftOf(seed))
    assert.ok(
      drifts.every((mm) => Math.abs(mm) > 12 && Math.abs(mm) < 18),
      drifts.map((mm) => mm.toFixed(1)).join(" "),
    )
    assert.ok(drifts.some((mm) => mm > 0) && drifts.some((mm) => mm < 0))
  })

  test("a drifting thermocouple shows too little while the die stays as it is", () => {
    const [sound, faulty] = [warmMachine(), warmMachine()]
    faulty.inject("thermocouple-drift", 1)
    const [of, drifted] = [runShots(sound, 80), runShots(faulty, 80)]
    assert.deepEqual(
      of.map(({ truth }) => truth),
      drifted.map(({ truth }) => truth),
    )
    const off = of.map(({ values }, i) => Number(drifted[i]?.values.Upper1) - Number(values.Upper1))
    assert.ok(Math.abs(off[0] ?? 0) < 3, "it comes slowly")
    assert.ok(Math.abs((off.at(-1) ?? 0) + 35) < 2, `${off.at(-1)}`)
    const live = Number(faulty.tags()["Die.Upper1"]) - Number(sound.tags()["Die.Upper1"])
    assert.ok(live < -30)
    faulty.clear("thermocouple-drift")
    faulty.step(1000)
    assert.ok(Number(faulty.tags()["Die.Upper1"]) > Number(sound.tags()["Die.Upper1"]) - 5)
  })

  test("a counter that is reset counts from 0, and the record's own number goes on", () => {
    const machine = warmMachine()
    const [before] = runShots(machine, 1)
    machine.inject("counter-reset")
    assert.equal(machine.tags().ShotCounter, 0)
    const [first, second] = runShots(machine, 2)
    assert.deepEqual([first?.values.Count, second?.values.Count], [1, 2])
    assert.equal(first?.number, (before?.number ?? 0) + 1)
    const again = new DieCasting({
      seed: 1,
      mould: "8722",
      at: machine.at,
      memory: machine.memory(),
    })
    assert.equal(again.tags().ShotCounter, 2, "it stays so over a power cut")
  })

  test("machines with other seeds have other gains, delays and noise", () => {
    const riseOf = (seed: number) => {
      const machine = warmMachine(seed)
      const upper1 = () => mean(runShots(machine, 10).map(({ truth }) => truth.zoneCel[0] ?? 0))
      const before = upper1()
      machine.inject("cooling-clog", 1)
      runShots(machine, 40)
      return upper1() - before
    }
    const rises = Array.from({ length: 10 }, (_, seed) => riseOf(seed))
    const spread = Math.max(...rises) - Math.min(...rises)
    assert.ok(spread > 8 && spread < 40, rises.map((cel) => cel.toFixed(0)).join(" "))
  })
})
