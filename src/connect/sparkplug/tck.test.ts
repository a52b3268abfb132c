// Each statement of the standard names the tests that show it; here it is seen that they exist.
import assert from "node:assert/strict"
import { globSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { basename, dirname } from "node:path"
import { suite, test } from "node:test"

interface Statement {
  readonly id: string
  readonly tests: readonly string[]
}

async function statements(): Promise<Statement[]> {
  const page = await readFile("docs/reference/connectors/sparkplug-tck.md", "utf8")
  return page
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter(([, id = ""]) => /^[a-z][\w-]+-[\w-]+$/i.test(id) && id !== "tck-id-")
    .map(([, id = "", , shown = ""]) => ({
      id,
      tests: [...shown.matchAll(/“([^”]+)”/g)].map(([, name = ""]) => name),
    }))
}

async function testNames(): Promise<Set<string>> {
  const names = new Set<string>()
  for (const file of globSync("src/{connect,codec}/**/*.test.ts"))
    for (const [, name = ""] of (await readFile(file, "utf8")).matchAll(/\btest\(\s*"([^"]+)"/g))
      names.add(name)
  for (const file of globSync("src/connect/sparkplug/cases/*/device.yaml"))
    names.add(`sparkplug: ${basename(dirname(file)).replaceAll("-", " ")}`)
  return names
}

suite("the statements of Sparkplug 3.0.0", () => {
  test("each is shown by tests that exist", async () => {
    const names = await testNames()
    const all = await statements()
    assert(all.length > 100, `got ${all.length} statements`)
    const wrong = all.filter(({ tests }) => !tests.length || !tests.every((t) => names.has(t)))
    assert.deepEqual(wrong, [])
  })

  test("each stands once", async () => {
    const ids = (await statements()).map(({ id }) => id)
    assert.deepEqual(
      ids.filter((id, i) => ids.indexOf(id) !== i),
      [],
    )
  })
})
