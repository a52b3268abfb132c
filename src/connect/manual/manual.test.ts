import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { until } from "../../../test/support/until.ts"
import type { Path } from "../../model/path.ts"
import type { Value } from "../../model/tag.ts"
import type { Connections } from "../supervisor/connections.ts"
import { connectionsOf } from "../testing/connections.ts"
import { equipment, makeRig, type Rig, tagOf } from "../testing/rig.ts"

const tags = [
  tagOf("count", { range: [0, 500] }),
  tagOf("verdict", { kind: "text" }),
  tagOf("ok", { kind: "boolean" }),
  tagOf("temp"),
]
const path = (name: string) => `${equipment}/${name}` as Path
const note = (name: string, value: Value, at: number) => ({ path: path(name), value, at })

/** An inspection by hand, beside a machine that measures. */
async function openInspection(rig: Rig): Promise<Connections> {
  const point = (name: string) => ({ tag: path(name), address: name })
  const { connections } = connectionsOf(rig, tags, [
    {
      ...{ name: "inspection", connector: "manual", options: {}, records: [] },
      points: ["count", "verdict", "ok"].map(point),
    },
    {
      ...{ name: "other", connector: "replay", options: { files: "*.csv" }, records: [] },
      points: [point("temp")],
    },
  ])
  await connections.start()
  await until("entries are taken", () => {
    const inspection = connections.devices().find(({ device }) => device === "inspection")
    return inspection?.state === "connected"
  })
  return connections
}

suite("entries by hand", () => {
  test("are durable when they are answered, and the ledger knows who made them", async () => {
    await using rig = await makeRig()
    const connections = await openInspection(rig)
    const at = Date.now() - 60_000
    const entries = [note("count", 12, at), note("verdict", "porous", at), note("ok", false, at)]
    const { problems, record } = await connections.enter(entries, "person-1")
    assert.deepEqual(problems, [undefined, undefined, undefined])
    assert.deepEqual(
      rig.sink.rows.map((row) => [row.tag, row.at, row.value, row.quality]),
      entries.map(({ path, value }) => [path, at, value, "good"]),
    )
    const kept = await rig.store.ledger.get(record ?? "")
    assert.equal(kept?.kind, "entry.made")
    assert.equal(kept?.by, "person-1")
    assert.deepEqual(kept?.body, { entries })
    await connections.enter([note("count", 13, at + 1)], "person-1")
    assert.deepEqual(
      rig.sink.rows.map(({ number }) => number),
      [0, 1, 2, 3],
    )
    await connections.stop()
    assert.equal(rig.sink.rows.length, 4)
    assert.deepEqual(await connections.gaps(), [])
  })

  test("are stored all or none, and each wrong one says why", async () => {
    await using rig = await makeRig()
    const connections = await openInspection(rig)
    const now = Date.now()
    const { problems, record } = await connections.enter(
      [
        note("count", 12, now - 1000),
        note("count", 900, now - 1000),
        note("count", "12", now - 1000),
        note("ok", 2, now - 1000),
        note("verdict", "fine", now + 3_600_000),
        note("verdict", "fine", now - 8 * 86_400_000),
        note("temp", 20, now),
        note("gone", 20, now),
      ],
      "person-1",
    )
    const says = [
      undefined,
      /got 900, expected 0 to 500/,
      /got "12", expected a number/,
      /expected true or false/,
      /ahead, expected when it was seen/,
      /ago, expected at most 604800 s/,
      /entries are not taken now/,
      /no device has this value/,
    ]
    for (const [i, expected] of says.entries())
      if (expected) assert.match(problems[i]?.message ?? "", expected)
      else assert.equal(problems[i], undefined)
    assert.equal(record, undefined)
    assert.deepEqual(rig.sink.rows, [])
    assert.deepEqual(await rig.store.ledger.list({ kinds: ["entry.made"], limit: 10 }), [])
    await connections.stop()
  })

  test("are refused in words when nobody can store them", async () => {
    await using rig = await makeRig()
    const connections = await openInspection(rig)
    await connections.stop()
    const { problems } = await connections.enter([note("count", 1, Date.now())], "person-1")
    assert.match(problems[0]?.message ?? "", /entries are not taken now/)
  })
})
