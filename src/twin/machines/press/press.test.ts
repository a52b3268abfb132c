import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { Press } from "./press.ts"

const hourMs = 3_600_000

suite("an old press", () => {
  test("makes a stroke in about four seconds and stands now and then, over 20 seeds", () => {
    for (let seed = 0; seed < 20; seed++) {
      const press = new Press({ seed, at: 0 })
      press.step(10 * hourMs)
      assert.ok(press.strokes > 6000 && press.strokes < 9900, `seed ${seed}: ${press.strokes}`)
    }
  })

  test("runs and stands", () => {
    const press = new Press({ seed: 3, at: 0 })
    let running = 0
    for (let i = 0; i < 36_000; i++) {
      press.step(1000)
      if (press.isRunning) running++
      else assert.equal(press.values().contact, false)
    }
    assert.ok(running > 0.75 * 36_000 && running < 0.95 * 36_000, `${running}`)
  })

  test("its relay counts on from 65535 with 0", () => {
    const press = new Press({ seed: 1, at: 0 })
    let last = 0
    for (let i = 0; i < 100 * 360; i++) {
      press.step(10_000)
      const { count } = press.values()
      assert.equal(count, press.strokes % 65_536)
      if (count < last) return
      last = count
    }
    assert.fail("it never counted on with 0")
  })

  test("without power for a moment its relay begins from 0", () => {
    const press = new Press({ seed: 1, at: 0 })
    press.step(hourMs)
    press.order({ fault: "counter-reset", state: "on" })
    assert.equal(press.values().count, 0)
    press.step(60_000)
    assert.ok(press.values().count < 20)
  })

  test("the same seed gives the same strokes, whatever the steps", () => {
    const [fine, coarse] = [new Press({ seed: 4, at: 0 }), new Press({ seed: 4, at: 0 })]
    for (let i = 0; i < 36_000; i++) fine.step(100)
    coarse.step(hourMs)
    assert.deepEqual(fine.values(), coarse.values())
  })
})
