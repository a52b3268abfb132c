import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { suite, test } from "node:test"
import { readTable, type TableCell, writeTable } from "../codec/table.ts"
import { equipmentFiles, planEdit, saveEdit } from "../kernel/config/edit.ts"
import { loadPlant } from "../kernel/config/load.ts"
import type { LoadRequest } from "../kernel/config.ts"
import { nodeFiles } from "../kernel/files/node.ts"
import { loadKinds, typeFolder } from "../moru/kinds.ts"
import { previewTags, tablePlantOf, tagRows } from "./tag-table.ts"

const plantText = `# My plant
moru: plant
name: Test
timezone: Asia/Seoul
devices:
  d1: { connector: opcua, options: { endpoint: "opc.tcp://10.0.0.1:4840", password: "\${env:SECRET_WORD}" } }
  d2: { connector: opcua, options: { endpoint: "opc.tcp://10.0.0.2:4840" } }
  m1: { connector: modbus, options: { host: 10.0.0.3 } }
equipment:
  site:
    level: site
    name: Site
    contains:
      press-1:
        level: unit
        name: Press 1
        device: d1
        tags:
          oil: { name: { en: Oil, ko: 유온 }, unit: Cel, range: [0, 120], limits: [{ side: high, at: 90, priority: 2 }], address: { opcua: "ns=2;s=Oil" } }
          force: { name: Force, unit: kN, decimals: 0, normal: [10, 20], address: { opcua: "ns=2;s=Force" } }
      press-2: { level: unit, name: Press 2 }
`

async function plant(t: { after(work: () => Promise<void>): void }) {
  const folder = await mkdtemp(join(tmpdir(), "moru-table-"))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, "plant.yaml"), plantText)
  const env = { SECRET_WORD: "hunter2" }
  const request: LoadRequest = {
    folder,
    typeFolder,
    files: nodeFiles,
    env,
    kinds: await loadKinds(),
  }
  const known = async () => {
    const { plant: read, sources, problems } = await loadPlant(request)
    assert.deepEqual(problems, [])
    assert.ok(read)
    return tablePlantOf(read, equipmentFiles(sources))
  }
  const preview = async (...rows: readonly (readonly TableCell[])[]) => {
    const table = await readTable(await writeTable({ rows }, "xlsx"), "tags.xlsx")
    return previewTags(table, await known())
  }
  return { request, known, preview }
}

const header = ["equipment", "tag", "name_en", "device", "address", "unit", "low", "high"]

suite("a table of tags read against a plant", () => {
  test("new tags, changed tags and a new device of an equipment go into the plant's files", async (t) => {
    const { request, known, preview } = await plant(t)
    const { patch, rows, problems } = await preview(
      header,
      ["site/press-1", "oil", null, null, null, null, null, 150],
      ["site/press-1", "speed", "Speed", null, "ns=2;s=Speed", "rpm", 0, 3000],
      ["site/press-2", "power", null, "m1", "holding:10", "kW", null, null],
      ["site/press-2", "oil", null, "d2", "ns=2;s=Oil", "°C", null, null],
      ["site/press-1", "force", "Force", "d1", "ns=2;s=Force", "kN", null, null],
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(
      rows.map(({ path, state }) => `${path} ${state}`),
      [
        "site/press-1/oil changed",
        "site/press-1/speed new",
        "site/press-2/power new",
        "site/press-2/oil new",
        "site/press-1/force same",
      ],
    )
    const planned = await planEdit(request, patch)
    assert.deepEqual(planned.problems, [])
    await saveEdit(request, planned)
    const { tags, points, equipment } = await known()
    assert.deepEqual(tags.get("site/press-1/oil")?.range, [0, 150])
    assert.equal(tags.get("site/press-1/oil")?.limits[0]?.at, 90)
    assert.equal(tags.get("site/press-1/speed")?.unit, "/min")
    assert.deepEqual(tags.get("site/press-2/power")?.name, { en: "Power" })
    assert.deepEqual(points.get("site/press-2/power"), { device: "m1", address: "holding:10" })
    assert.deepEqual(equipment.get("site/press-2")?.devices, ["m1", "d2"])
  })

  test("headers and cells may be Korean, in any order, beside columns of one's own", async (t) => {
    const { preview } = await plant(t)
    const { patch, problems, ignored } = await preview(
      ["비고", "단위", "주소", "태그", "설비", "이름", "종류", "소수 자리"],
      ["x", "℃", "ns=2;s=T", "t", "site/press-1", "금형 온도", "숫자", 1],
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(ignored, ["비고"])
    const name = { en: "T", ko: "금형 온도" }
    const tag = { name, kind: "number", unit: "Cel", decimals: 1, address: { opcua: "ns=2;s=T" } }
    assert.deepEqual(patch, {
      equipment: { site: { contains: { "press-1": { tags: { t: tag } } } } },
    })
  })

  test("each wrong cell is red with its place and what is expected, and spoils its row only", async (t) => {
    const { preview } = await plant(t)
    const { rows, problems, patch } = await preview(
      header,
      ["site/pres-1", "a", null, null, "ns=2;s=A", "Cel", null, null],
      ["site/press-1", "온도", null, null, "ns=2;s=B", "furlong", null, null],
      ["site/press-1", "c", null, "d9", "ns=2;s=C", "Cel", 5, 5],
      ["site/press-1", "d", null, null, null, null, "low", null],
      ["site/press-1", "oil", null, null, "ns=2;s=Oil", null, null, 10],
      ["site/press-1", "oil", null, null, null, null, null, 20],
      ["site/press-1", "f", null, null, "ns=2;s=Force", "kN", null, null],
      ["site/press-2", "g", null, null, "ns=2;s=G", "kN", null, null],
      ["site/press-1", "h", null, "d2", "ns=2;s=H", "kN", null, null],
    )
    assert.deepEqual(
      problems.map(({ message }) => message.replace("tags.xlsx:Moru!", "")),
      [
        'A2: equipment, got "site/pres-1" (did you mean "site/press-1"?), expected the path of an equipment that the plant has',
        'B3: tag, got "온도", expected a name of a-z, 0-9, - and _',
        'F3: unit, got "furlong", expected a UCUM code such as Cel, bar, mm, or 1 where it has none',
        'D4: device, got "d9" (did you mean "d1"?), expected the name of a device that the plant has',
        "H4: high, got 5, expected more than the low end, 5",
        "E5: address, got nothing, expected where the device has the value",
        "F5: unit, got nothing, expected a UCUM code such as Cel, bar, mm, or 1 where it has none",
        'G5: low, got "low", expected a number',
        'B7: tag, got "site/press-1/oil" again, expected it only in row 6',
        'E8: address, got "ns=2;s=Force" again, expected an address that site/press-1/force has not yet',
        "D9: device, got nothing, expected the name of a device that the plant has",
        'D10: device, got "d2", expected "d1", from which the equipment has its other values over opcua',
      ],
    )
    assert.deepEqual(
      rows.map(({ state }) => state),
      ["wrong", "wrong", "wrong", "wrong", "changed", "wrong", "wrong", "wrong", "wrong"],
    )
    assert.deepEqual(patch, {
      equipment: { site: { contains: { "press-1": { tags: { oil: { range: [0, 10] } } } } } },
    })
  })

  test("a table without the columns that it stands on says which, and what was probably meant", async (t) => {
    const { preview } = await plant(t)
    const { problems, rows } = await preview(["equipement", "tag", "tag"], ["a", "b", "c"])
    assert.deepEqual(rows, [])
    assert.deepEqual(
      problems.map(({ message }) => message.replace(/^.*!/, "")),
      [
        'C1: got a second column "tag", expected it once',
        'A1: got "equipement", expected a column "equipment"',
      ],
    )
    assert.equal((await preview()).problems.length, 2)
  })

  for (const form of ["csv", "xlsx"] as const)
    test(`what is exported as ${form} changes nothing when it is read back, and holds no secret`, async (t) => {
      const { known } = await plant(t)
      const rows = tagRows(await known())
      assert.equal(rows.length, 3)
      assert.doesNotMatch(JSON.stringify(rows), /hunter2|SECRET_WORD/)
      const table = await readTable(await writeTable({ rows }, form), `tags.${form}`)
      const { patch, problems, ignored } = previewTags(table, await known())
      assert.deepEqual({ patch, problems, ignored }, { patch: {}, problems: [], ignored: [] })
    })
})
