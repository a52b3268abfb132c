import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { unifiedDiff } from "./diff.ts"

suite("the diff of a file", () => {
  test("shows what changed with three lines around", () => {
    const before = "a\nb\nc\nd\ne\nf\ng\nh\n"
    assert.equal(
      unifiedDiff("plant.yaml", before, before.replace("e", "E")),
      "--- a/plant.yaml\n+++ b/plant.yaml\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n",
    )
  })

  test("says that a file is new or gone", () => {
    assert.equal(
      unifiedDiff("x", undefined, "a\n"),
      "--- /dev/null\n+++ b/x\n@@ -0,0 +1,1 @@\n+a\n",
    )
    assert.equal(
      unifiedDiff("x", "a\n", undefined),
      "--- a/x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n",
    )
  })

  test("leads from the old text to the new one, whatever they are", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 40 })
      .map((lines) => `${lines.join("\n")}\n`)
    fc.assert(
      fc.property(text, text, (before, after) => {
        assert.equal(patch(before, unifiedDiff("x", before, after)), after)
      }),
    )
  })
})

/** Carries a diff out, line numbers checked, as `patch` would. */
function patch(before: string, diff: string): string {
  if (diff === "") return before
  const old = before.split("\n").slice(0, -1)
  const out: string[] = []
  let at = 0
  for (const line of diff.split("\n").slice(2, -1)) {
    const [, start] = /^@@ -(\d+),\d+ \+\d+,\d+ @@$/.exec(line) ?? []
    if (start !== undefined) while (at < Number(start) - 1) out.push(old[at++] ?? "")
    else if (line.startsWith("+")) out.push(line.slice(1))
    else {
      assert.equal(old[at], line.slice(1))
      if (line.startsWith(" ")) out.push(old[at] ?? "")
      at++
    }
  }
  return `${[...out, ...old.slice(at)].join("\n")}\n`
}
