import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import type { Client } from "../testing/client.ts"
import { until, Workshop } from "../testing/machine.ts"

const uri = "urn:moru:recording"

const lines = [
  "\uFEFFid,date,time,datetime,count,working,cast_pressure,비고",
  "0,2019-01-02,16:45:06,2019-01-02 16:45:06,1,가동,331,",
  "1,2019-01-02,16:47:06,2019-01-02 16:47:06,2,가동,33l,점검",
  "2,2019-01-02,16:47:06,2019-01-02 16:47:06,3,,,",
  "3,2019-01-02,?,?,4,정지,329",
]

/** One of the times in the recording, as UTC. */
const at = (text: string) => Date.parse(`${text}+09:00`)

suite("recorded machines on an OPC UA server", () => {
  let workshop: Workshop
  let client: Client
  let options: { readonly files: readonly string[] }

  before(async () => {
    workshop = await Workshop.open()
    const files = ["train_group_8722.csv", "train_group_8412.csv"].map((name) =>
      join(workshop.folder, name),
    )
    for (const file of files) await writeFile(file, lines.join("\r\n"))
    options = { files }
    client = await workshop.connect(await workshop.start("recording", options), { uri })
  })

  after(async () => {
    await client.close()
    await workshop.close()
  })

  test("every mould has a ring with all its rows, two shots in one second among them", async () => {
    for (const ring of ["8722.Shots", "8412.Shots"]) {
      assert.equal(await client.read(`${ring}.Newest`), 4)
      assert.equal(await client.read(`${ring}.Capacity`), 4)
      assert.deepEqual(await client.read(`${ring}.Number`), [1, 2, 3, 4])
    }
    const times = (await client.read("8722.Shots.Time")) as Date[]
    const [first, second] = [at("2019-01-02T16:45:06"), at("2019-01-02T16:47:06")]
    assert.deepEqual(times.map(Number), [first, second, second, second])
  })

  test("a row without a readable time says that its neighbour's stands for it", async () => {
    assert.deepEqual(await client.read("8722.Shots.TimeQuality"), [0, 0, 0, 1])
  })

  test("a cell that is no number is given as it stands, an empty one as nothing", async () => {
    assert.deepEqual(await client.read("8722.Shots.cast-pressure"), [331, "33l", null, 329])
    assert.deepEqual(await client.read("8722.Shots.count"), [1, 2, 3, 4])
  })

  test("Korean text arrives whole", async () => {
    assert.deepEqual(await client.read("8722.Shots.working"), ["가동", "가동", null, "정지"])
    assert.deepEqual(await client.read("8722.Shots.field-1"), [null, "점검", null, null])
  })

  test("a part is read by index range", async () => {
    assert.deepEqual(await client.read("8722.Shots.cast-pressure", "1:2"), ["33l", null])
    assert.deepEqual(await client.read("8722.Shots.count", "3"), [4])
  })

  test("nothing can be written", async () => {
    assert.equal(await client.write("8722.Shots.cast-pressure", 1), "BadNotWritable")
    assert.equal(await client.write("8722.Shots.Newest", 1), "BadNotWritable")
  })

  test("the same files are the same epoch, so that a client goes on after a restart", async () => {
    const machine = await workshop.start("recording", options, { name: "again" })
    const again = await workshop.connect(machine, { uri })
    const epoch = await again.read("8722.Shots.Epoch")
    assert.equal(epoch, await client.read("8722.Shots.Epoch"))
    await again.close()
  })

  test("at a pace the rows come one after the other", async () => {
    const paced = { ...options, speed: 60 }
    const machine = await workshop.start("recording", paced, { name: "paced" })
    const slow = await workshop.connect(machine, { uri })
    const newest = async () => Number(await slow.read("8722.Shots.Newest"))
    const seen = new Set<number>()
    const all = async () => (seen.add(await newest()).has(4) ? true : undefined)
    await until(all, { what: "the last row" })
    assert.ok(seen.has(1), "the second row comes two recorded minutes after the first")
    await slow.close()
  })
})
