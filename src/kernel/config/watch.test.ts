import assert from "node:assert/strict"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, suite, test } from "node:test"
import type { Plant } from "../../model/plant.ts"
import type { Problem } from "../../model/problem.ts"
import { SystemClock } from "../clock/system.ts"
import type { ConfigRecord, LoadRequest, PlantHost, PlantMemory } from "../config.ts"
import { nodeFiles } from "../files/node.ts"
import { silentLog } from "../log.ts"
import { loadPlant } from "./load.ts"
import { kinds } from "./testing/kinds.ts"
import { PlantWatch } from "./watch.ts"

const setPoint = "site/press-1/pressure-set"
const signal = new AbortController().signal

/** A house that keeps what the watch asks of it, as JSON, so that a restart finds only what was stored. */
class House implements PlantHost {
  readonly records: ConfigRecord[] = []
  applied: Plant | undefined
  #memory: string | undefined

  async apply(plant: Plant): Promise<void> {
    this.applied = plant
  }

  async record(records: readonly ConfigRecord[], memory: PlantMemory): Promise<string[]> {
    const ids = records.map((record) => `plant:${this.records.push(record)}`)
    const record = ids[records.findIndex(({ kind }) => kind === "config.waiting")]
    this.#memory = JSON.stringify(record ? { ...memory, record } : memory)
    return ids
  }

  async recall(): Promise<PlantMemory | undefined> {
    return this.#memory === undefined ? undefined : JSON.parse(this.#memory)
  }

  get kinds(): string[] {
    return this.records.map(({ kind }) => kind.replace("config.", ""))
  }

  limitOf(tag: string, plant = this.applied): number | undefined {
    return plant?.tags.find(({ path }) => path === tag)?.limits[0]?.at
  }

  maxOf(tag: string, plant = this.applied): number | undefined {
    return plant?.tags.find(({ path }) => path === tag)?.writable?.max
  }
}

suite("a running plant whose files change", () => {
  let folder = ""
  let house: House
  let watch: PlantWatch
  let plant: Plant

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "moru-plant-"))
    cpSync(join(import.meta.dirname, "cases/in-order"), folder, { recursive: true })
    cpSync(join(import.meta.dirname, "testing/equipment"), join(folder, "equipment"), {
      recursive: true,
    })
    house = new House()
    await open()
  })

  afterEach(async () => {
    await watch.stop()
    rmSync(folder, { recursive: true })
  })

  async function open(): Promise<void> {
    const env = { MORU_PORT: "4840", MORU_PASSWORD: "hunter2" }
    const request: LoadRequest = { folder, typeFolder: folder, files: nodeFiles, env, kinds }
    const loaded = await loadPlant(request)
    assert.ok(loaded.plant)
    watch = new PlantWatch({ request, host: house, clock: new SystemClock(), log: silentLog })
    plant = await watch.open({ plant: loaded.plant, sources: loaded.sources })
  }

  function edit(file: string, from: string, to: string): void {
    const text = readFileSync(join(folder, file), "utf8")
    assert.ok(text.includes(from), `${file} holds ${from}`)
    writeFileSync(join(folder, file), text.replaceAll(from, to))
  }

  const widen = () => edit("equipment/acme/press-1.yaml", "max: 180", "max: 200")
  const lower = () => edit("plant.yaml", "at: 280", "at: 270")

  test("the first start is recorded with all files", () => {
    assert.deepEqual(house.kinds, ["changed"])
    assert.match(house.records[0]?.body.diff ?? "", /\+\+\+ b\/plant\.yaml/)
  })

  test("a new alarm limit is taken over as soon as the file is saved", async () => {
    await watch.start(signal)
    lower()
    await until(() => house.limitOf("site/press-1/pressure") === 270)
    await until(() => house.records.length === 2)
    const { changes, diff } = house.records[1]?.body ?? {}
    assert.deepEqual(
      changes?.map(({ subject }) => subject),
      ["site/press-1/pressure"],
    )
    assert.match(diff ?? "", /^-.*at: 280.*\n\+.*at: 270/m)
  })

  test("a wider permitted range waits for an engineer while the rest of the file is taken over", async () => {
    widen()
    lower()
    await watch.reload()
    assert.equal(house.limitOf("site/press-1/pressure"), 270)
    assert.equal(house.maxOf(setPoint), 180)
    assert.deepEqual(house.kinds, ["changed", "changed", "waiting"])

    const [pending] = watch.pending()
    assert.deepEqual(
      pending?.changes.map(({ subject, what }) => `${subject} ${what}`),
      [`${setPoint} writable: max 180 -> 200`],
    )
    await watch.confirm(pending?.id ?? "", "person-1")
    assert.equal(house.maxOf(setPoint), 200)
    assert.deepEqual(watch.pending(), [])
    assert.equal(house.records[3]?.by, "person-1")
    assert.deepEqual(house.records[3]?.causes, ["plant:3"])
  })

  test("a change that waits still waits after a restart", async () => {
    widen()
    await watch.reload()
    await watch.stop()
    await open()
    assert.equal(house.maxOf(setPoint, plant), 180)
    assert.equal(watch.pending().length, 1)
    await watch.confirm(watch.pending()[0]?.id ?? "", "person-1")
    assert.deepEqual(house.records.at(-1)?.causes, ["plant:2"])
    await watch.stop()
    await open()
    assert.equal(house.maxOf(setPoint, plant), 200)
    assert.deepEqual(house.kinds, ["changed", "waiting", "confirmed"])
  })

  test("a change made while Moru was stopped waits as well", async () => {
    await watch.stop()
    widen()
    await open()
    assert.equal(house.maxOf(setPoint, plant), 180)
    assert.deepEqual(house.kinds, ["changed", "waiting"])
  })

  test("a new set point can be read at once and written once confirmed", async () => {
    const before = '      hold: { name: Hold, unit: "1" }'
    edit("plant.yaml", "        tags:\n", `        tags:\n    ${before}\n`)
    await watch.reload()
    edit(
      "plant.yaml",
      before,
      before.replace(" }", ", writable: { min: 0, max: 1, max-step: 1 } }"),
    )
    await watch.reload()
    assert.equal(house.maxOf("site/press-1/hold"), undefined)
    await watch.confirm(watch.pending()[0]?.id ?? "", "person-1")
    assert.equal(house.maxOf("site/press-1/hold"), 1)
  })

  test("what was rejected stays out, after a restart too", async () => {
    widen()
    await watch.reload()
    await watch.reject(watch.pending()[0]?.id ?? "", "person-1", "too much for this press")
    assert.deepEqual(watch.pending(), [])
    await watch.stop()
    await open()
    assert.equal(house.maxOf(setPoint, plant), 180)
    assert.deepEqual(watch.pending(), [])
    assert.equal(house.records.at(-1)?.body.reason, "too much for this press")
  })

  test("a change that is undone in the file waits no longer", async () => {
    widen()
    await watch.reload()
    edit("equipment/acme/press-1.yaml", "max: 200", "max: 180")
    await watch.reload()
    assert.deepEqual(watch.pending(), [])
    assert.equal(house.maxOf(setPoint, house.applied ?? plant), 180)
  })

  test("nobody confirms what has changed since it was shown", async () => {
    widen()
    await watch.reload()
    const shown = watch.pending()[0]?.id ?? ""
    edit("equipment/acme/press-1.yaml", "max: 200", "max: 240")
    await assert.rejects(
      () => watch.confirm(shown, "person-1"),
      (problem: Problem) => problem.code === "not-found",
    )
    assert.equal(house.maxOf(setPoint, house.applied ?? plant), 180)
  })

  test("a confirmation doesn't slip in what needs a restart", async () => {
    widen()
    await watch.reload()
    const shown = watch.pending()[0]?.id ?? ""
    edit("equipment/acme/press-1.yaml", "name: Force, unit: kN", "name: Force, unit: N")
    await assert.rejects(
      () => watch.confirm(shown, "person-1"),
      (problem: Problem) => problem.code === "not-found",
    )
    assert.equal(house.applied, undefined)
  })

  test("a tag that becomes another kind is refused until the next start", async () => {
    edit("equipment/acme/press-1.yaml", "name: Force, unit: kN", "name: Force, unit: N")
    lower()
    await watch.reload()
    assert.equal(house.applied, undefined)
    assert.deepEqual(house.kinds, ["changed", "refused"])
    assert.match(house.records[1]?.body.problems?.[0]?.what ?? "", /^unit: kN -> N/)
    assert.equal(watch.health().state, "degraded")
    await watch.stop()
    await open()
    assert.equal(plant.tags.find(({ path }) => path === "site/press-1/stroke/force")?.unit, "N")
  })

  test("a mistake in a file changes nothing, is recorded once and mended by mending the file", async () => {
    edit("parts/devices.yaml", "queue:", "quue:")
    await watch.reload()
    await watch.reload()
    assert.deepEqual(house.kinds, ["changed", "refused"])
    assert.equal(watch.health().state, "degraded")
    edit("parts/devices.yaml", "quue:", "queue:")
    await watch.reload()
    assert.equal(watch.health().state, "running")
    assert.equal(house.records.length, 2)
  })

  test("another address of a machine that is written waits, and no record holds the password", async () => {
    edit("parts/devices.yaml", "127.0.0.1", "127.0.0.2")
    await watch.reload()
    assert.deepEqual(
      watch.pending()[0]?.changes.map(({ subject, what }) => `${subject} ${what}`),
      ["press-1 connection: endpoint"],
    )
    assert.doesNotMatch(JSON.stringify(house.records), /hunter2/)
  })

  test("taking a set point away needs nobody's leave", async () => {
    const text = readFileSync(join(folder, "equipment/acme/press-1.yaml"), "utf8")
    const without = text.replace(/ {4}writable:\n(?: {6}.*\n)+/, "")
    writeFileSync(join(folder, "equipment/acme/press-1.yaml"), without)
    await watch.reload()
    assert.ok(house.applied)
    assert.equal(house.maxOf(setPoint), undefined)
    assert.deepEqual(watch.pending(), [])
  })
})

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    assert.ok(Date.now() < deadline, "it happened within ten seconds")
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
