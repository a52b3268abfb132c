// A real edge and a real centre with a line between them that is cut; both are killed; nothing is lost and nothing doubled.
import assert from "node:assert/strict"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import type { DeviceView, EdgeView, SamplesView } from "../src/serve/api.ts"
import type { GapView } from "../src/serve/api-completeness.ts"
import { EdgePlant, type EdgeProcess, end, Line } from "./support/edge-plant.ts"
import { type Example, startExample } from "./support/example.ts"
import { freePort } from "./support/free-port.ts"
import { until } from "./support/until.ts"
import { read, type Visitors, visitorsOf } from "./support/visitors.ts"

const start = Date.UTC(2026, 0, 5)
const rows = 8000

suite("an edge and its centre", () => {
  let port: number
  let line: Line
  let plant: EdgePlant
  let centre: Example
  let edge: EdgeProcess
  let people: Visitors
  let key: string
  let dropped = 0

  const startCentre = async () => {
    centre = await startExample({ plant: plant.folder, data: plant.centreData, port })
    people = await visitorsOf(centre)
  }
  const drop = () => plant.drop({ from: start + dropped++ * rows * 1000, rows })
  const isTaken = async (name: string) =>
    (await readdir(join(plant.folder, "drop", "done")).catch((): string[] => [])).includes(name)
  const edgeOf = async () => (await read<EdgeView[]>(people.viewer, "edges"))[0] as EdgeView

  /** All samples of a tag at the centre, oldest first. */
  const samplesOf = async (tag: string) => {
    const all: SamplesView["samples"][number][] = []
    for (let next = ""; ; ) {
      const page = await read<SamplesView>(
        people.viewer,
        `samples?tag=hall/tester/${tag}&from=1&limit=10000${next && `&after=${next}`}`,
      )
      all.push(...page.samples)
      if (page.next === undefined) return all
      next = encodeURIComponent(page.next)
    }
  }
  const arrived = async (count: number) =>
    until(
      `${count} samples are at the centre`,
      async () => {
        const samples = await samplesOf("pressure")
        assert.ok(samples.length <= count, `${samples.length} of ${count}: some came twice`)
        return samples.length === count
      },
      60_000,
    )

  before(async () => {
    port = await freePort()
    line = await Line.open(() => port)
    plant = await EdgePlant.open({ to: line.port })
    await startCentre()
    const made = await people.administrator.post<{ key: string }>("/api/v1/edges/hall/key", {})
    assert.equal(made.status, 200)
    key = made.body.key
    edge = await plant.startEdge(key)
  })
  after(async () => {
    if (edge) await end(edge.child, "SIGKILL")
    await centre?.stop()
    line?.close()
    await plant?.remove()
  })

  test("what the edge measures is at the centre, and its devices and buffer are shown", async () => {
    const name = await drop()
    await until("the file is taken", () => isTaken(name))
    await arrived(rows)
    const shown = await until("the edge is shown", async () => {
      const one = await edgeOf()
      return one.state === "connected" && one.lagMs === 0 && one
    })
    assert.equal(shown.budgetBytes, 1e9)
    const [device] = await read<DeviceView[]>(people.viewer, "devices")
    assert.equal(device?.edge, "hall")
    assert.equal(device?.state, "connected")
    const words = new Set((await samplesOf("note")).map(({ value }) => value))
    assert.deepEqual(words, new Set(["open", "shut", "열림"]))
  })

  test("a cut line, a killed edge and a killed centre lose and double nothing", async () => {
    line.cut()
    for (let file = 0; file < 3; file++) {
      const name = await drop()
      await until("the file is taken", () => isTaken(name))
    }
    const status = (await (await fetch(`${edge.url}/api/v1/edges`)).json()) as EdgeView[]
    assert.equal(status[0]?.state, "lost")
    assert.equal(status[0]?.problem?.code, "centre-unreachable")
    await end(edge.child, "SIGKILL")
    await drop()
    edge = await plant.startEdge(key)
    line.mend()
    // Amid what comes now the centre dies, twice.
    for (let kill = 0; kill < 2; kill++) {
      await until("some of it has come", async () => (await samplesOf("pressure")).length > rows)
      await end(centre.child, "SIGKILL")
      await startCentre()
    }
    await arrived(dropped * rows)
    const samples = await samplesOf("pressure")
    samples.forEach(({ at, value }, i) => {
      assert.equal(at, start + i * 1000)
      assert.equal(value, (start / 1000 + i) % 100_000)
    })
    assert.equal((await samplesOf("note")).length, dropped * rows)
  })

  test("a wrong key is refused and said at both sides, and nothing is lost by it", async () => {
    await end(edge.child, "SIGTERM")
    const wrong = await plant.startEdge(`hall.${"x".repeat(43)}`)
    edge = wrong
    const name = await drop()
    await until("the file is taken", () => isTaken(name))
    await until("the edge says it", async () => {
      const status = (await (await fetch(`${wrong.url}/api/v1/edges`)).json()) as EdgeView[]
      return status[0]?.problem?.code === "edge-refused"
    })
    assert.equal((await samplesOf("pressure")).length, (dropped - 1) * rows)
    await end(wrong.child, "SIGTERM")
    edge = await plant.startEdge(key)
    await arrived(dropped * rows)
  })

  test("a key that was made anew ends the old one", async () => {
    const made = await people.administrator.post<{ key: string }>("/api/v1/edges/hall/key", {})
    assert.equal((await people.engineer.post("/api/v1/edges/hall/key", {})).status, 403)
    await until("the old key is refused", async () => {
      const status = (await (await fetch(`${edge.url}/api/v1/edges`)).json()) as EdgeView[]
      return status[0]?.problem?.code === "edge-refused"
    })
    await end(edge.child, "SIGTERM")
    key = made.body.key
    edge = await plant.startEdge(key)
    await until("the new one is let in", async () => (await edgeOf()).state === "connected")
    const gaps = await read<GapView[]>(people.viewer, "gaps")
    assert.deepEqual(
      gaps.filter(({ because }) => because === "overflow"),
      [],
    )
  })
})
