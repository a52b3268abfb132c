import assert from "node:assert/strict"
import { join } from "node:path"
import { suite, test } from "node:test"
import { checkCommand } from "./check.ts"

const root = join(import.meta.dirname, "../..")

async function check(folder: string, json = false): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = []
  const options = { json, env: {}, print: (line: string) => lines.push(line) }
  return { code: await checkCommand(join(root, folder), options), lines }
}

suite("moru check", () => {
  test("says that the example is in order, and what it holds", async () => {
    const { code, lines } = await check("examples/one-machine")
    assert.equal(code, 0)
    assert.match(lines.join("\n"), /is in order: equipment 4, tags 30, devices 1/)
  })

  test("says every problem with its place and its remedy, and fails", async () => {
    const { code, lines } = await check("src/kernel/config/cases/misspelt-key")
    assert.equal(code, 1)
    assert.match(lines[0] ?? "", /^plant\.yaml:10:9: .*did you mean "level"/)
    assert.match(lines[1] ?? "", /^ {2}Correct the spelling/)
    assert.match(lines.at(-1) ?? "", /misspelt-key: \d+ problems$/)
  })

  test("says the same as one line of JSON", async () => {
    const { code, lines } = await check("src/kernel/config/cases/misspelt-key", true)
    assert.equal(code, 1)
    assert.equal(lines.length, 1)
    const said = JSON.parse(lines[0] ?? "")
    assert.equal(said.ok, false)
    assert.deepEqual(said.files, ["plant.yaml"])
    assert.equal(said.problems[0].code, "config-unknown-key")
    assert.equal(said.problems[0].where, "plant.yaml:10:9")
  })

  test("says that a folder holds no plant", async () => {
    const { code, lines } = await check("src/kernel/config/cases")
    assert.equal(code, 1)
    assert.match(lines[0] ?? "", /no file plant\.yaml/)
  })
})
