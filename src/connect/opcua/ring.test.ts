import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { DataType } from "node-opcua"
import { freePort } from "../../../test/support/free-port.ts"
import { until } from "../../../test/support/until.ts"
import { makeRig } from "../testing/rig.ts"
import { begin } from "./testing/begin.ts"
import { address, startServer, type TestServerOptions } from "./testing/server.ts"

suite("a ring of records over OPC UA", () => {
  const start = Date.UTC(2026, 0, 5)
  const fields = { A: DataType.Double }
  const record = (n: number) => ({ at: start + n * 1000, values: { A: n } })
  const records = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => record(from + i))
  const ring = (given: Partial<NonNullable<TestServerOptions["ring"]>>) => ({
    capacity: 10,
    epoch: "e1",
    fields,
    ...given,
  })

  test("goes on over the end of the ring while it is being filled", async () => {
    await using rig = await makeRig()
    await using server = await startServer({ folder: rig.folder, ring: ring({}) })
    await using line = begin(rig, server.endpoint)
    const buffer = rig.buffer("shots", address("Shots"), { A: "number" })
    await line.connect()
    line.follow([], [buffer])
    for (let n = 1; n <= 35; n += 5) {
      server.shoot(...records(n, n + 4))
      await until("they are there", () => rig.sink.cycles.length === n + 4)
    }
    assert.deepEqual(
      rig.sink.rows.map(({ number, value }) => [number, value]),
      Array.from({ length: 35 }, (_, i) => [i, i + 1]),
    )
    assert.deepEqual(rig.sink.gaps, [])
  })

  test("records overwritten while nobody listened are a gap of exactly their number", async () => {
    await using rig = await makeRig()
    const port = await freePort()
    const buffer = rig.buffer("shots", address("Shots"), { A: "number" })
    await using line = begin(rig, `opc.tcp://127.0.0.1:${port}`)
    await using first = await startServer({
      folder: rig.folder,
      port,
      ring: ring({ before: records(1, 8) }),
    })
    await line.connect()
    const done = line.follow([], [buffer])
    await until("eight are there", () => rig.sink.cycles.length === 8)
    await first.stop()
    await assert.rejects(done)
    const before = records(1, 30)
    await using _second = await startServer({ folder: rig.folder, port, ring: ring({ before }) })
    await line.connect()
    line.follow([], [buffer])
    await until("the rest is there", () => rig.sink.cycles.length === 18)
    assert.deepEqual(
      rig.sink.cycles.slice(8).map(({ sequence }) => sequence),
      Array.from({ length: 10 }, (_, i) => 21 + i),
    )
    assert.deepEqual(rig.sink.gaps, [
      {
        source: "m1/shots@e1",
        because: "buffer-overrun",
        from: start + 8000,
        to: start + 21_000,
        size: 12,
      },
    ])
    assert.equal(rig.sink.doubles, 0)
  })

  test("numbers that begin anew are another source, told apart by the epoch", async () => {
    await using rig = await makeRig()
    const port = await freePort()
    const buffer = rig.buffer("shots", address("Shots"), { A: "number" })
    await using line = begin(rig, `opc.tcp://127.0.0.1:${port}`)
    for (const epoch of ["e1", "e2"]) {
      const before = records(1, 3)
      await using server = await startServer({
        folder: rig.folder,
        port,
        ring: ring({ epoch, before }),
      })
      await line.connect()
      const done = line.follow([], [buffer])
      const wanted = epoch === "e1" ? 3 : 6
      await until("they are there", () => rig.sink.cycles.length === wanted)
      await server.stop()
      await assert.rejects(done)
    }
    assert.deepEqual(
      rig.sink.cycles.map(({ id }) => id),
      ["m1/shots@e1#1", "m1/shots@e1#2", "m1/shots@e1#3"].concat([
        "m1/shots@e2#1",
        "m1/shots@e2#2",
        "m1/shots@e2#3",
      ]),
    )
  })

  test("numbers that begin anew without a new epoch are told, not mixed with the old ones", async () => {
    await using rig = await makeRig()
    await using server = await startServer({
      folder: rig.folder,
      ring: ring({ before: records(1, 3) }),
    })
    await using line = begin(rig, server.endpoint)
    await line.connect()
    rig.sink.lastSequence = async () => 20
    line.follow([], [rig.buffer("shots", address("Shots"), { A: "number" })])
    await until("it is told", () => rig.sink.refused.length > 0)
    assert.match(
      rig.sink.refused[0]?.message ?? "",
      /^m1 shots: got newest number 3 in epoch "e1", expected at least 20$/,
    )
    assert.equal(rig.sink.rows.length, 0)
  })

  test("a record without a readable time takes its neighbour's and says so", async () => {
    await using rig = await makeRig()
    const before = [
      { ...record(1), at: null },
      record(2),
      { ...record(3), at: null },
      { ...record(4), timeQuality: 1 as const },
    ]
    await using server = await startServer({ folder: rig.folder, ring: ring({ before }) })
    await using line = begin(rig, server.endpoint)
    await line.connect()
    line.follow([], [rig.buffer("shots", address("Shots"), { A: "number" })])
    await until("they are there", () => rig.sink.cycles.length === 4)
    assert.deepEqual(
      rig.sink.rows.map(({ at, quality }) => [at - start, quality]),
      [
        [2000, "uncertainTime"],
        [2000, "good"],
        [2000, "uncertainTime"],
        [4000, "uncertainTime"],
      ],
    )
  })

  test("a buffer that the machine has not is named, and the live values go on", async () => {
    await using rig = await makeRig()
    await using server = await startServer({ folder: rig.folder })
    server.set("Live", 1)
    await using line = begin(rig, server.endpoint)
    await line.connect()
    line.follow(
      [rig.point("live", address("Live"))],
      [rig.buffer("shots", address("Shots"), { A: "number" })],
    )
    await until("both are known", () => rig.sink.of("live").length > 0 && rig.sink.refused[0])
    assert.match(rig.sink.refused[0]?.message ?? "", /^m1 shots: got no numbered buffer at/)
  })
})
