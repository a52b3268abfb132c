// An edge, a network and a centre live through seeded faults; then nothing acknowledged is lost, doubled, made up or disordered.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import type { KnownGap } from "../src/connect/gap.ts"
import { seededRandom } from "../src/kernel/random.ts"
import { type Defect, EdgeWorld, type WorldOptions } from "./support/edge-world.ts"

const seeds = 200

interface Account {
  readonly lost: readonly string[]
  readonly phantom: readonly string[]
  readonly doubled: readonly string[]
  readonly disordered: readonly string[]
}

/** Some minutes with faults, then all is mended and the machines fall silent. */
async function live(options: WorldOptions): Promise<EdgeWorld> {
  const world = new EdgeWorld(options)
  const chance = seededRandom(options.seed).fork("faults")
  await during(world, world.open())
  for (let step = 0; step < 10; step++) {
    await fault(world, chance.next(), chance.next())
    await world.clock.advance(1000 + chance.next() * 40_000)
    if (!world.isEdgeUp) await during(world, world.startEdge())
    if (!world.isCentreUp) await during(world, world.startCentre())
  }
  world.isCut = false
  world.lossShare = 0
  world.delayMs = 40
  await world.clock.advance(20_000)
  world.isQuiet = true
  for (let waited = 0; waited < 60 && !world.isDrained; waited++) await world.clock.advance(5000)
  await world.clock.advance(5000)
  return world
}

async function fault(world: EdgeWorld, which: number, how: number): Promise<void> {
  if (which < 0.3) world.isCut = !world.isCut
  else if (which < 0.5) {
    await during(world, world.killEdge())
    await world.clock.advance(how * 30_000)
    if (world.isEdgeUp) return
    // Some edges are switched on only to lose their power again.
    if (how < 0.3) void world.startEdge().catch(() => {})
    if (how < 0.3) await world.clock.advance(how * 100)
    if (how < 0.3) await during(world, world.killEdge())
  } else if (which < 0.7) world.killCentre()
  else if (which < 0.85) world.lossShare = how * 0.5
  else world.delayMs = 5 + how * 3000
}

/** What needs simulated time to be done. */
async function during<T>(world: EdgeWorld, work: Promise<T>): Promise<T> {
  let isDone = false
  work.then(
    () => {
      isDone = true
    },
    () => {
      isDone = true
    },
  )
  while (!isDone) await world.clock.advance(50)
  return work
}

async function accountOf(world: EdgeWorld): Promise<Account> {
  const rows = await world.observed()
  const seen = new Map<string, number>()
  const phantom: string[] = []
  const doubled: string[] = []
  const disordered: string[] = []
  let before = { tag: 0, at: 0 }
  for (const { key, value, at, tag } of rows) {
    if (seen.has(key)) doubled.push(key)
    seen.set(key, value)
    if (world.unknown.get(key) !== value) phantom.push(key)
    if (tag === before.tag && at < before.at) disordered.push(key)
    before = { tag, at }
  }
  const lost = [...world.acknowledged.keys()].filter((key) => !seen.has(key))
  const cycles = await world.history.cycles.read({ from: 0, to: Number.MAX_SAFE_INTEGER })
  const known = new Set(cycles.map(({ id }) => id))
  lost.push(...[...world.cycles].filter((id) => !known.has(id)))
  if (known.size !== cycles.length) doubled.push("cycles")
  const gaps = await gapsOf(world)
  const opened = world.store.records.filter(
    ({ kind, by }) => kind === "gap.opened" && by.startsWith("part:edge/"),
  )
  if (new Set(gaps.map(({ source }) => source)).size !== gaps.length) doubled.push("gaps")
  if (opened.length !== gaps.length) doubled.push("gap.opened")
  if (gaps.length < world.gapsOpened.size) lost.push("gaps")
  if (gaps.filter(({ to }) => to !== undefined).length < world.gapsClosed.size)
    lost.push("ends of gaps")
  return { lost, phantom, doubled, disordered }
}

async function gapsOf(world: EdgeWorld): Promise<readonly KnownGap[]> {
  const all = await world.store.of(async () => {}).list<KnownGap>("gap")
  // Beside those that the edge told stand those of its silence.
  return all.filter(({ source }) => !source.startsWith("dc-1/edge@"))
}

const nothing: Account = { lost: [], phantom: [], doubled: [], disordered: [] }

suite("an edge and its centre in simulated time", () => {
  test(`nothing is lost, doubled, made up or disordered through ${seeds} seeds of faults`, async () => {
    let rows = 0
    for (let seed = 1; seed <= seeds; seed++) {
      const world = await live({ seed })
      assert.ok(world.isDrained, `seed ${seed}: the log is not empty`)
      assert.deepEqual(await accountOf(world), nothing, `seed ${seed}`)
      rows += world.acknowledged.size
    }
    assert.ok(rows > seeds * 300, `only ${rows} rows`)
  })

  const defects: readonly (readonly [Defect, keyof Account])[] = [
    ["deleted before it was confirmed", "lost"],
    ["acknowledged before it was synced", "lost"],
    ["answered before it was durable", "lost"],
    ["delivered again is stored again", "phantom"],
  ]
  for (const [defect, what] of defects)
    test(`the checker sees it where something is ${defect}`, async () => {
      for (let seed = 1; seed <= seeds; seed++) {
        const account = await accountOf(await live({ seed, defect }))
        if (account[what].length > 0) return
      }
      assert.fail(`not seen in ${seeds} seeds`)
    })

  test("live values go first while hours of a cut line come after them", async () => {
    const world = new EdgeWorld({ seed: 11, parcelRows: 60 })
    await during(world, world.open())
    await world.clock.advance(10_000)
    world.isCut = true
    await world.clock.advance(3_600_000)
    world.isCut = false
    await world.clock.advance(15_000)
    let whileLate = 0
    for (let second = 0; second < 60 && world.log?.hasLate; second++) {
      await world.clock.advance(1000)
      whileLate++
      const ageMs = world.clock.now() - (await world.newestAt())
      assert.ok(ageMs < 3000, `live values are ${ageMs} ms old`)
    }
    assert.ok(whileLate > 3, "the backlog was gone before anything could be seen")
  })

  test("a new disk in the edge counts in an epoch of its own", async () => {
    const afterReplacing = async (defect?: Defect) => {
      const world = new EdgeWorld({ seed: 5, ...(defect && { defect }) })
      await during(world, world.open())
      await world.clock.advance(20_000)
      await during(world, world.replaceDisk())
      world.acknowledged.clear()
      await during(world, world.startEdge())
      await world.clock.advance(20_000)
      world.isQuiet = true
      await world.clock.advance(10_000)
      return accountOf(world)
    }
    assert.deepEqual((await afterReplacing()).lost, [])
    const same = await afterReplacing("a log that begins anew counts on in the old epoch")
    assert.ok(same.lost.length > 0, "the checker did not see it")
  })
})
