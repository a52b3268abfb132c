import assert from "node:assert/strict"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { suite, test } from "node:test"
import fc from "fast-check"
import { parse, stringify } from "yaml"
import { Problem } from "../../model/problem.ts"
import type { LoadRequest } from "../config.ts"
import { nodeFiles } from "../files/node.ts"
import type { Files } from "../files.ts"
import { planEdit, planPlant, planUndo, saveEdit } from "./edit.ts"
import { kinds } from "./testing/kinds.ts"
import { patchYaml } from "./yaml-patch.ts"

const folder = join(import.meta.dirname, "edits")

/** Each case is a text, a patch as JSON, and the text that comes of it (or the problem), parted by lines of `====`. */
suite("edits of files that people wrote", () => {
  for (const name of globSync("*/", { cwd: folder }).sort())
    test(name.replaceAll("-", " "), () => {
      const file = join(folder, name, "case.txt")
      const [before = "", patch = "", after] = readFileSync(file, "utf8").split("\n====\n")
      const text = name.startsWith("no-line-end") ? before : `${before}\n`
      const made = edited(text, patch)
      if (process.env.MORU_WRITE_CASES)
        writeFileSync(file, [before, patch.trimEnd(), made].join("\n====\n"))
      assert.equal(made, after)
    })

  test("whatever stands there, the values come out as asked", () => {
    const key = fc.constantFrom("a", "b", "c", "name", "address", "d-1")
    const leaf = fc.oneof(
      ...[fc.integer(), fc.boolean(), fc.string(), fc.constantFrom("", "1", "no", "a: b", "# x")],
      fc.array(fc.oneof(fc.integer(), fc.string()), { maxLength: 3 }),
    )
    const { tree } = fc.letrec<{ tree: Record<string, unknown> }>((tie) => ({
      tree: fc.dictionary(key, fc.oneof({ depthSize: "small" }, leaf, tie("tree")), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    }))
    const written = fc.record({ tree, flow: fc.boolean() })
    fc.assert(
      fc.property(written, tree, key, ({ tree: before, flow }, patch, gone) => {
        const text = stringify(before, { collectionStyle: flow ? "flow" : "any" })
        const whole = { ...patch, [gone]: null }
        assert.deepEqual(parse(patchYaml("f", text, whole)) ?? {}, expected(before, whole))
      }),
      { numRuns: 500 },
    )
  })
})

function edited(text: string, patch: string): string {
  try {
    return patchYaml("plant.yaml", text, JSON.parse(patch))
  } catch (thrown) {
    if (thrown instanceof Problem) return `${thrown.code} ${thrown.message}\n`
    throw thrown
  }
}

/** RFC 7396, and maps that lose their last member go. */
function expected(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const made: Record<string, unknown> = isMap(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    const inner = value === null ? undefined : expected(made[key], value)
    const isEmptied = isMap(value) && Object.keys(value).length > 0 && isMap(inner)
    if (inner === undefined || (isEmptied && Object.keys(inner).length === 0)) delete made[key]
    else made[key] = inner
  }
  return made
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

const plantText = `# My plant
moru: plant
name: Test
timezone: Asia/Seoul
include: [devices.yaml]
equipment:
  site: { level: site, name: Site } # here
`
const devicesText = `devices:
  press-1:
    connector: opcua
    options: { endpoint: "opc.tcp://10.0.0.1:4840" }
`

async function plant(t: { after(work: () => Promise<void>): void }): Promise<LoadRequest> {
  const at = await mkdtemp(join(tmpdir(), "moru-edit-"))
  t.after(() => rm(at, { recursive: true }))
  await writeFile(join(at, "plant.yaml"), plantText)
  await writeFile(join(at, "devices.yaml"), devicesText)
  return { folder: at, typeFolder: "none", files: nodeFiles, env: {}, kinds }
}

const options = { endpoint: "opc.tcp://10.0.0.2:4840" }
const press = { level: "unit", name: "Press 2", device: "press-2" }
const tag = { name: "Oil", unit: "Cel", address: { opcua: "ns=2;s=Oil" } }
const addition = {
  devices: { "press-2": { connector: "opcua", options } },
  equipment: { site: { contains: { "press-2": { ...press, tags: { oil: tag } } } } },
}

suite("a plant that is edited", () => {
  test("each thing goes where its kin stands, and what was there stays as it was", async (t) => {
    const request = await plant(t)
    const planned = await planEdit(request, addition)
    assert.deepEqual(planned.problems, [])
    assert.equal(planned.plant?.tags[0]?.path, "site/press-2/oil")
    assert.deepEqual(
      planned.files.map(({ file }) => file),
      ["devices.yaml", "plant.yaml"],
    )
    assert.equal(await readFile(join(request.folder, "plant.yaml"), "utf8"), plantText)
    await saveEdit(request, planned)
    const saved = await readFile(join(request.folder, "devices.yaml"), "utf8")
    assert.equal(
      saved,
      `${devicesText}  press-2:
    connector: opcua
    options:
      endpoint: opc.tcp://10.0.0.2:4840
`,
    )
    assert.match(planned.diff, /^--- a\/devices\.yaml\n\+\+\+ b\/devices\.yaml\n/)
  })

  test("an edit can be taken back to the letter", async (t) => {
    const request = await plant(t)
    const planned = await planEdit(request, addition)
    await saveEdit(request, planned)
    await saveEdit(request, await planUndo(request, planned))
    assert.equal(await readFile(join(request.folder, "plant.yaml"), "utf8"), plantText)
    assert.equal(await readFile(join(request.folder, "devices.yaml"), "utf8"), devicesText)
  })

  test("an edit that would break the plant says all that is wrong and is never saved", async (t) => {
    const request = await plant(t)
    const wrong = { ...tag, unit: "furlong" }
    const contains = { "press-2": { ...press, device: "pres-1", tags: { oil: wrong } } }
    const planned = await planEdit(request, { equipment: { site: { contains } } })
    assert.equal(planned.plant, undefined)
    assert.deepEqual(
      planned.problems.map(({ what }) => what.replace(/, expected.*/, "")),
      ['device, got "pres-1" (did you mean "press-1"?)', 'unit, got "furlong"'],
    )
    await assert.rejects(saveEdit(request, planned), Problem)
    assert.equal(await readFile(join(request.folder, "plant.yaml"), "utf8"), plantText)
  })

  test("a file that somebody changed meanwhile is not overwritten", async (t) => {
    const request = await plant(t)
    const planned = await planEdit(request, addition)
    const mine = `${plantText}# a word of mine\n`
    await writeFile(join(request.folder, "plant.yaml"), mine)
    await assert.rejects(saveEdit(request, planned), (thrown) => {
      assert.ok(thrown instanceof Problem)
      assert.equal(thrown.code, "config-outdated")
      assert.equal(thrown.where, "plant.yaml")
      return true
    })
    assert.equal(await readFile(join(request.folder, "plant.yaml"), "utf8"), mine)
    assert.equal(await readFile(join(request.folder, "devices.yaml"), "utf8"), devicesText)
  })

  test("where the second file cannot be written, the first is as it was", async (t) => {
    const request = await plant(t)
    const planned = await planEdit(request, addition)
    let writes = 0
    const write: Files["write"] = async (path, content) => {
      if (++writes === 2) throw new Error("no space left")
      await nodeFiles.write(path, content)
    }
    const files = { ...nodeFiles, write }
    await assert.rejects(saveEdit({ ...request, files }, planned), /no space left/)
    assert.equal(await readFile(join(request.folder, "plant.yaml"), "utf8"), plantText)
    assert.equal(await readFile(join(request.folder, "devices.yaml"), "utf8"), devicesText)
  })

  test("a folder without a plant gets one, a folder with one does not", async (t) => {
    const request = await plant(t)
    await assert.rejects(planPlant(request, plantText), /expected one without/)
    const empty = { ...request, folder: join(request.folder, "new") }
    await assert.rejects(planEdit(empty, addition), /no file plant\.yaml/)
    const text = "moru: plant\nname: New\ntimezone: Asia/Seoul\n"
    await saveEdit(empty, await planPlant(empty, text))
    assert.equal(await readFile(join(empty.folder, "plant.yaml"), "utf8"), text)
    await assert.rejects(planPlant(empty, text), /expected one without/)
  })
})
