import assert from "node:assert/strict"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { suite, test } from "node:test"
import { loadKinds } from "../../moru/kinds.ts"
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

suite("a plant in order", () => {
  test("holds types, overlays, includes, defaults and secrets as one", async () => {
    const { plant, sources } = await load(join(folder, "in-order"))
    assert.ok(plant)
    assert.deepEqual(
      sources.map(({ file }) => file),
      ["plant.yaml", "parts/devices.yaml", "watch.yaml", "equipment/acme/press-1.yaml"],
    )
    const tag = (name: string) => plant.tags.find(({ path }) => path === `site/press-1/${name}`)
    const pressure = tag("pressure")
    assert.deepEqual(pressure?.range, [0, 300])
    assert.equal(pressure?.unit, "bar")
    assert.deepEqual(pressure?.limits, [
      {
        side: "high-high",
        at: 280,
        priority: 1,
        onDelayMs: 1500,
        offDelayMs: 0,
        deadband: 0,
        suppressedIn: [],
        text: { en: "Stop", ko: "정지" },
      },
    ])
    assert.deepEqual(tag("stroke/force")?.normal, [10, 20])
    assert.equal(tag("stroke/force")?.staleAfterMs, 3_600_000)
    assert.deepEqual(tag("pressure-set")?.writable?.interlocks, [
      { tag: "site/press-1/state", is: "=", value: 1, withinMs: 5000 },
    ])
    const [device] = plant.devices
    assert.deepEqual(device?.options, {
      endpoint: "opc.tcp://127.0.0.1:4840",
      queue: 500,
      security: "none",
      user: { name: "moru", password: "hunter2" },
    })
    assert.deepEqual(
      device?.points.map(({ address }) => address),
      ["ns=2;s=State", "ns=2;s=Pressure", "ns=2;s=PressureSet", "ns=2;s=Oil"],
    )
    assert.equal(device?.records[0]?.fields[0]?.tag, "site/press-1/stroke/force")
    assert.equal(plant.cycles[0]?.durationField, "duration")
    assert.deepEqual(plant.states[0]?.values, { 0: "off", 1: "running" })
  })

  test("is the example that comes with Moru", async () => {
    const house = join(folder, "../../../..")
    const { problems } = await loadPlant({
      folder: join(house, "examples/die-casting"),
      typeFolder: join(house, "equipment"),
      files: nodeFiles,
      env: {},
      kinds: await loadKinds(),
    })
    assert.deepEqual(
      problems.map(({ message }) => message),
      [],
    )
  })

  test("is the one that the how-to describes", async () => {
    const house = join(folder, "../../../..")
    const page = readFileSync(join(house, "docs/how-to/describe-a-plant.md"), "utf8")
    const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = ""]) => block)
    const [plantFile = "", typeFile = "", overlay = "", devices = ""] = blocks
    const [press = ""] = overlay.split("\n")
    const texts: Record<string, string> = {
      "plant.yaml": plantFile.replace(/ {8}type: .*\n {8}device: .*\n/, overlay),
      "devices.yaml": devices,
      "equipment/acme/press-200.yaml": typeFile,
    }
    assert.ok(plantFile.includes(press))
    const read = async (path: string) => {
      const text = texts[path.replace("plant/", "")]
      return text === undefined ? undefined : new TextEncoder().encode(text)
    }
    const { plant, problems } = await loadPlant({
      folder: "plant",
      typeFolder: "none",
      files: { ...nodeFiles, read },
      env: { PRESS_1_PASSWORD: "hunter2" },
      kinds: await loadKinds(),
    })
    assert.deepEqual(
      problems.map(({ message }) => message),
      [],
    )
    assert.deepEqual(plant?.tags[1]?.range, [0, 150])
  })
})

function load(at: string) {
  const env = { MORU_PORT: "4840", MORU_PASSWORD: "hunter2" }
  const typeFolder = join(folder, "..", "testing", "equipment")
  return loadPlant({ folder: at, typeFolder, files: nodeFiles, env, kinds })
}

async function check(at: string): Promise<string> {
  const { plant, problems } = await load(at)
  assert.equal(plant === undefined, problems.length > 0)
  const text = problems.map((p) => `${p.where}: ${p.what} [${p.code}]\n`).join("")
  assert.doesNotMatch(text, /hunter2/)
  return text || "in order\n"
}
