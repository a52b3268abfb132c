import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { chanceOfBad, type ShotConditions } from "./chance.ts"
import { mouldOf } from "./mould.ts"

const mould = mouldOf("8722")
const usual: ShotConditions = {
  upper1Cel: mould.zoneCel.Upper1,
  lower1Cel: mould.zoneCel.Lower1,
  castPressureBar: mould.castPressureBar,
  biscuitMm: mould.biscuitMm,
  moltenCel: mould.moltenCel,
}
const chance = (change: Partial<ShotConditions>) => chanceOfBad({ ...usual, ...change }, mould)

suite("the chance of a bad part", () => {
  test("is 0.7 % where everything is as usual, as in the recording", () => {
    assert.ok(Math.abs(chance({}) - 0.007) < 0.001)
  })

  test("is nearly sure below 300 bar and small above 325", () => {
    assert.ok(chance({ castPressureBar: 299 }) > 0.9)
    assert.ok(chance({ castPressureBar: 326 }) < 0.01)
  })

  test("is higher for a die that is too cold than for one that is as much too hot", () => {
    const off = (cel: number) => chance({ upper1Cel: usual.upper1Cel + cel })
    assert.ok(off(-30) > off(30))
    assert.ok(off(30) > chance({}))
  })

  test("never falls when one condition moves further from the usual", () => {
    const apart = fc.tuple(
      fc.double({ min: 0, max: 80, noNaN: true }),
      fc.double({ min: 0, max: 40, noNaN: true }),
    )
    const sides = fc.constantFrom(-1, 1)
    const condition = fc.constantFrom("upper1Cel", "lower1Cel", "biscuitMm", "moltenCel" as const)
    fc.assert(
      fc.property(apart, sides, condition, ([near, more], side, name) => {
        const at = (distance: number) => chance({ [name]: usual[name] + side * distance })
        return at(near + more) >= at(near) - 1e-12
      }),
    )
  })
})
