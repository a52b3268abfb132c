import assert from "node:assert/strict"
import { test } from "node:test"
import i18next from "i18next"
import { addParticles } from "./text.ts"

const house = i18next.createInstance()
await house.init({
  lng: "ko",
  keySeparator: false,
  interpolation: { escapeValue: false },
  resources: {
    ko: { translation: { drop: "{{name, 을/를}} 빼기", is: "{{name, 이/가}} 있습니다" } },
  },
})
addParticles(house)

test("a particle follows the last sound of the name before it", () => {
  assert.equal(house.t("drop", { name: "상형 온도" }), "상형 온도를 빼기")
  assert.equal(house.t("drop", { name: "주조 압력" }), "주조 압력을 빼기")
  assert.equal(house.t("is", { name: "금형" }), "금형이 있습니다")
})
