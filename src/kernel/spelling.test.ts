import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { didYouMean, nearest } from "./spelling.ts"

suite("a misspelt word", () => {
  test("is near to what was meant: a letter wrong, missing, too many or swapped", () => {
    for (const word of ["limitz", "limts", "limmits", "limtis", "Limits"])
      assert.equal(nearest(word, ["name", "limits", "unit"]), "limits")
  })

  test("is near to nothing when it is another word", () => {
    assert.equal(nearest("colour", ["name", "limits", "unit"]), undefined)
    assert.equal(didYouMean("colour", ["name"]), "")
  })

  test("is answered with the nearest of several", () => {
    assert.equal(didYouMean("on-dely", ["off-delay", "on-delay"]), ' (did you mean "on-delay"?)')
  })
})
