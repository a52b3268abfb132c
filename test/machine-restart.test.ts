// The machine is killed and comes back: Moru connects by itself, the ring loses nothing, and the live gap is on record.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { after, before, suite, test } from "node:test"
import { type Example, startExample } from "./support/example.ts"
import { Rig } from "./support/machine-rig.ts"
import { until } from "./support/until.ts"

const skip =
  process.platform === "linux" ? false : "SKIPPED ALOUD: finds the machine's process in /proc"
const equipment = "hwaseong/casting/line-1/dc-1"

interface DeviceView {
  readonly state: string
  readonly reconnects: number
}

suite("a machine that is killed", { skip }, () => {
  let plant: Example
  before(async () => {
    plant = await startExample({ speed: 60, seed: 3 })
  })
  after(() => plant?.stop())

  const api = async <T>(path: string) =>
    (await (await fetch(`${plant.url}/api/v1/${path}`)).json()) as T
  const device = async () => (await api<DeviceView[]>("devices"))[0]
  const numbers = async () => {
    const cycles = await api<{ sequence: number }[]>(`cycles?equipment=${equipment}&limit=1000`)
    return cycles.map(({ sequence }) => sequence)
  }

  test("comes back three times: every shot of its ring is there once", async () => {
    await until("it is connected", async () => (await device())?.state === "connected")
    for (let kill = 1; kill <= 3; kill++) {
      const newest = Math.max(...(await numbers()))
      process.kill(machineOf(plant.child.pid ?? 0), "SIGKILL")
      await until("it is connected again", async () => {
        const seen = await device()
        return seen?.state === "connected" && seen.reconnects >= kill
      })
      await until("new shots arrive", async () => Math.max(...(await numbers())) > newest + 2)
    }
    const all = (await numbers()).toSorted((a, b) => a - b)
    assert.deepEqual(
      all,
      all.map((_, i) => (all[0] ?? 0) + i),
      "no number is missing or doubled",
    )
  })

  test("what nobody measured meanwhile is a gap with its cause, and it is closed", async () => {
    const gaps = await api<{ because: string; from: number; to?: number }[]>("gaps")
    const lost = gaps.filter(({ because }) => because === "connection-lost")
    assert(lost.length >= 1, JSON.stringify(gaps))
    assert(lost.every(({ from, to }) => to !== undefined && to > from))
  })
})

suite("a machine and Moru, each stopped while the other runs on", () => {
  const rigs: Rig[] = []
  after(async () => {
    for (const rig of rigs) await rig.close()
  })
  const open = async (options: Readonly<Record<string, unknown>>) => {
    const rig = await Rig.open(options)
    rigs.push(rig)
    return rig
  }

  test("a machine without memory counts anew: its new shots arrive under a new epoch, the gap is in the ledger", async () => {
    const rig = await open({ keep: false })
    await rig.startMoru()
    await until("three shots are durable", async () => (await rig.shots()).length >= 3)
    const before = await rig.shots()
    await rig.restartMachine()
    const anew = await until("two shots of the new count are durable", async () => {
      const shots = (await rig.shots()).filter(({ source }) => source !== before[0]?.source)
      return shots.length >= 2 && shots
    })
    assert.equal(new Set(anew.map(({ source }) => source)).size, 1, "one new epoch")
    assert.deepEqual(
      anew.map(({ sequence }) => sequence),
      anew.map((_, i) => i + 1),
    )
    const kinds = await until("the gap is closed", async () => {
      const seen = (await rig.ledger()).filter(({ kind }) => kind.startsWith("gap."))
      return seen.length >= 2 && seen.map(({ kind }) => kind)
    })
    assert.deepEqual(kinds.toSorted(), ["gap.closed", "gap.opened"])
  })

  test("a small ring that runs over while Moru is away leaves a gap of exactly the shots that are missing", async () => {
    const rig = await open({ ring: 3 })
    await rig.startMoru()
    await until("two shots are durable", async () => (await rig.shots()).length >= 2)
    await rig.stopMoru()
    const last = await rig.newestMade()
    await until("the ring has run over", async () => (await rig.newestMade()) > last + 6)
    await rig.startMoru()
    const size = await until("the loss is on record", async () => {
      const gaps = await rig.loop?.connections.gaps()
      return gaps?.find(({ because }) => because === "buffer-overrun")?.size
    })
    const numbers = (await rig.shots()).map(({ sequence }) => sequence)
    const missing = Math.max(...numbers) - Math.min(...numbers) + 1 - numbers.length
    assert.equal(size, missing)
    assert(missing >= 3, `${missing} shots are missing`)
    assert.equal(new Set(numbers).size, numbers.length, "none is doubled")
  })
})

/** The simulated machine is the only child of Moru. */
function machineOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")
  const [machine] = children.map(Number).filter((child) => child > 0)
  assert(machine, "Moru has started a machine")
  return machine
}
