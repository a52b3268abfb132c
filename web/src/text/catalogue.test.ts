import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { problems } from "../../../src/model/problem.ts"
import { en } from "./en.ts"
import { ko } from "./ko.ts"
import { problemsKo } from "./problems-ko.ts"

const folder = join(import.meta.dirname, "..")
const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter(
    (name) =>
      /\.tsx?$/.test(name) &&
      !/\.test\.ts$|(^|\/)text\/(words-|completeness-)?(en|ko)\.ts$/.test(name),
  )
  .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }))
const code = sources.map(({ text }) => text).join("\n")

const keys = Object.keys(en)
const placeholders = (text: string) =>
  [...text.matchAll(/\{\{(\w+)/g)].map(([, name]) => name).sort()

test("every language has the same keys, in order", () => {
  assert.deepEqual(Object.keys(ko), keys)
})

test("every text of one language takes the same values in the other", () => {
  const unequal = Object.entries(en).filter(
    ([key, text]) =>
      String(placeholders(text)) !== String(placeholders(ko[key as keyof typeof en])),
  )
  assert.deepEqual(unequal, [])
})

test("every text is translated", () => {
  const same = Object.entries(en).filter(
    ([key, text]) => text === ko[key as keyof typeof en] && /[a-z]{3}/i.test(text),
  )
  assert.deepEqual(same, [])
})

test("no text asked for is missing", () => {
  const asked = [...code.matchAll(/\bt\(\s*"([^"]+)"/g)].map(([, key]) => key ?? "")
  assert.ok(asked.length > 200)
  assert.deepEqual(
    asked.filter((key) => !(key in en)),
    [],
  )
})

test("no text is left over", () => {
  const groups = [
    ...[...code.matchAll(/wordOf\(t, "([^"]+)"/g)].map(([, group]) => `${group}.`),
    ...[...code.matchAll(/`([a-z.-]+\.)\$\{/g)].map(([, prefix]) => prefix ?? ""),
  ]
  const unused = keys.filter(
    (key) => !code.includes(`"${key}"`) && !groups.some((group) => key.startsWith(group)),
  )
  assert.deepEqual(unused, [])
})

test("no component holds a text of its own", () => {
  const held = sources.flatMap(({ name, text }) => {
    if (!name.endsWith(".tsx")) return []
    const korean = text.match(/[가-힣]+/g) ?? []
    const between = [...text.matchAll(/>\s*([A-Za-z][a-z]+(?: [a-z]+)+)\s*</g)].map(
      ([, words]) => words,
    )
    return [...korean, ...between].map((words) => `${name}: ${words}`)
  })
  assert.deepEqual(held, [])
})

test("every problem that a user can meet has its Korean words", () => {
  assert.deepEqual(Object.keys(problemsKo).sort(), Object.keys(problems).sort())
})
