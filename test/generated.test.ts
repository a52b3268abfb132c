import assert from "node:assert/strict"
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { suite, test } from "node:test"
import { Value } from "typebox/value"
import { parse } from "yaml"
import { generatePages } from "../tools/generate/pages.ts"

const root = join(import.meta.dirname, "..")

suite("what is generated from the code", async () => {
  const pages = await generatePages(root)

  for (const [file, text] of pages)
    test(`${file} is as the code says`, () => {
      const present = existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : ""
      assert.ok(present === text, `${file} is stale: run \`npm run generate\` and commit it`)
    })

  test("editors accept the examples and the equipment types, and refuse a mistake in them", () => {
    const files = globSync(["examples/*/*.yaml", "equipment/*/*.yaml"], { cwd: root })
    assert.ok(files.length >= 4)
    for (const file of files) {
      const text = readFileSync(join(root, file), "utf8")
      const [, named] = /^# yaml-language-server: \$schema=(.*)$/m.exec(text) ?? []
      assert.ok(named, `${file} names its schema in the first line`)
      const schema = JSON.parse(pages.get(join(dirname(file), named)) ?? "null")
      assert.deepEqual(Value.Errors(schema, parse(text)), [], file)
      assert.ok(!Value.Check(schema, { ...parse(text), devicez: {} }), file)
    }
  })

  test("links between the generated pages lead somewhere", () => {
    for (const [file, text] of [...pages].filter(([name]) => name.endsWith(".md")))
      for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
        const path = join(dirname(file), target)
        assert.ok(pages.has(path) || existsSync(join(root, path)), `${file} links to ${target}`)
      }
  })
})
