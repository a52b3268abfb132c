import assert from "node:assert/strict"
import { globSync } from "node:fs"
import { join } from "node:path"
import { suite, test } from "node:test"
import { loadKinds } from "../../moru/kinds.ts"
import { nodeFiles } from "../files/node.ts"
import { loadPlant } from "./load.ts"

const typeFolder = join(import.meta.dirname, "../../../equipment")

/** Each type is data; a machine of it must be possible. */
suite("equipment types", () => {
  const files = globSync("*/*.yaml", { cwd: typeFolder }).sort()

  test("there are some", () => assert.ok(files.length > 0))

  for (const file of files)
    test(`a plant can have a ${file.replace(".yaml", "")}`, async () => {
      const { plant, problems } = await loadOne(file.replace(".yaml", ""))
      assert.deepEqual(
        problems.map(({ message }) => message),
        [],
      )
      assert.ok(plant && plant.tags.length > 0)
    })
})

/** A plant with one machine of the type, at its level, in memory. */
async function loadOne(type: string) {
  const text = new TextDecoder().decode(await nodeFiles.read(join(typeFolder, `${type}.yaml`)))
  const [, level = "unit"] = /^level: (\S+)/m.exec(text) ?? []
  const plant = `moru: plant
name: One machine
timezone: UTC
equipment:
  machine: { level: ${level}, name: Machine, type: ${type} }
`
  return loadPlant({
    folder: "/plant",
    typeFolder,
    env: {},
    kinds: await loadKinds(),
    files: {
      ...nodeFiles,
      read: async (path) =>
        path === "/plant/plant.yaml" ? new TextEncoder().encode(plant) : nodeFiles.read(path),
    },
  })
}
