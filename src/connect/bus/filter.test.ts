import assert from "node:assert/strict"
import { test } from "node:test"
import { covers } from "./filter.ts"

const yes: readonly [wide: string, narrow: string][] = [
  ["a/b", "a/b"],
  ["a/+", "a/b"],
  ["+/+", "/b"],
  ["a/#", "a"],
  ["a/#", "a/b/c"],
  ["#", "a/b"],
  ["#", "#"],
  ["a/+/c", "a/+/c"],
  ["a/#", "a/+/#"],
  ["+/b/#", "+/b/c"],
  ["$SYS/#", "$SYS/x"],
]

const no: readonly [wide: string, narrow: string][] = [
  ["a/b", "a/b/c"],
  ["a/+", "a"],
  ["a/+", "a/b/c"],
  ["a/b", "a/+"],
  ["a/+", "a/#"],
  ["+", "#"],
  ["a/#", "ab"],
  ["#", "$SYS/x"],
  ["+/x", "$SYS/x"],
  ["#", "$share/g/a"],
]

test("a filter covers what it matches, wildcards included, and nothing else", () => {
  for (const [wide, narrow] of yes) assert(covers(wide, narrow), `${wide} covers ${narrow}`)
  for (const [wide, narrow] of no) assert(!covers(wide, narrow), `${wide} covers ${narrow} not`)
})
