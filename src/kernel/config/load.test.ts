import assert from "node:assert/strict"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { suite, test } from "node:test"
import { nodeFiles } from "../files/node.ts"
import { loadPlant } from "./load.ts"
import { kinds } from "./testing/kinds.ts"

const folder = join(import.meta.dirname, "cases")
const cases = globSync("*/", { cwd: folder }).sort()

/** Each case is a plant folder with `expected.txt`: the problems that `moru check` prints, or `in order`. */
suite("plants as people write them", () => {
  for (const name of cases)
    test(name.replaceAll("-", " "), async () => {
      const expected = join(folder, name, "expected.txt")
      const said = await check(join(folder, name))
      if (process.env.MORU_WRITE_CASES) writeFileSync(expected, said)
      assert.equal(said, readFileSync(expected, "utf8"))
    })
})

async function check(at: string): Promise<string> {
  const env = { MORU_PORT: "4840", MORU_PASSWORD: "hunter2", MORU_WORD: "many" }
  const typeFolder = join(folder, "..", "testing", "equipment")
  const { plant, problems } = await loadPlant({
    folder: at,
    typeFolder,
    files: nodeFiles,
    env,
    kinds,
  })
  assert.equal(plant === undefined, problems.length > 0)
  const text = problems.map((p) => `${p.where}: ${p.what} [${p.code}]\n`).join("")
  assert.doesNotMatch(text, /hunter2/)
  return text || "in order\n"
}
