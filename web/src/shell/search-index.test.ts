import assert from "node:assert/strict"
import { test } from "node:test"
import { type Found, findPlaces } from "./search-index.ts"

const upper: Found = {
  kind: "tag",
  text: { en: "Die temperature upper 1", ko: "상형 온도 1" },
  where: "주조기-01 Die caster 1",
  path: "plant/line-1/dc-1/die-temperature-upper-1",
}
const flow: Found = {
  kind: "tag",
  text: { en: "Cooling flow", ko: "냉각수 유량" },
  where: "주조기-01 Die caster 1",
  path: "plant/line-1/dc-1/cooling-flow",
}
const caster: Found = {
  kind: "equipment",
  text: { en: "Die caster 1", ko: "주조기-01" },
  where: "다이캐스팅 1라인 Die-casting line 1",
  path: "plant/line-1/dc-1",
}
const all = [upper, flow, caster]
const find = (asked: string) => findPlaces(all, asked, 10)

test("initial consonants find a Korean name", () => {
  assert.deepEqual(find("ㅅㅎㅇㄷ"), [upper])
  assert.deepEqual(find("ㄴㄱㅅ"), [flow])
})

test("words in any order find a name, a path or the place where it stands", () => {
  assert.deepEqual(find("upper temperature"), [upper])
  assert.deepEqual(find("주조기 유량"), [flow])
})

test("Korean typed with the keyboard on English is understood", () => {
  assert.deepEqual(find("sodrkrtn"), [flow])
})

test("equipment stands before its tags", () => {
  assert.equal(find("dc-1")[0], caster)
})

test("nothing found is an empty list", () => {
  assert.deepEqual(find("nowhere"), [])
})
