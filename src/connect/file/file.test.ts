import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { suite, test } from "node:test"
import { until } from "../../../test/support/until.ts"
import { writeTable } from "../../codec/table.ts"
import { SimulatedClock } from "../../kernel/clock/simulated.ts"
import { Problem } from "../../model/problem.ts"
import type { Deliver, RecordBuffer, Wanted } from "../connector.ts"
import { parseOptions } from "../options.ts"
import { python } from "../testing/peers.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { Drop } from "./drop.ts"
import { file } from "./file.ts"

const head = "시각,압력,판정\n"
const rowsOf = (count: number, from = 1) =>
  Array.from({ length: count }, (_, i) => {
    const second = String((from + i) % 60).padStart(2, "0")
    const minute = String(Math.floor((from + i) / 60)).padStart(2, "0")
    return `2026-01-05 08:${minute}:${second},${from + i},OK`
  }).join("\n")

/** A drop for a leak tester, with one buffer of records. */
async function openDrop(rig: Rig, given: object = {}) {
  const folder = join(rig.folder, "drop")
  await mkdir(folder, { recursive: true })
  const options = { folder: "drop", time: "시각", period: "20ms", settle: "40ms", ...given }
  const device = file.create(parseOptions(file, options, "test"), rig.host)
  const field = (name: string, address: string, kind: "number" | "text") => ({
    name,
    point: rig.point(`tests/${name}`, address, { kind }),
  })
  const buffer: RecordBuffer = {
    ...rig.buffer("tests", "", {}),
    fields: [field("pressure", "압력", "number"), field("verdict", "판정", "text")],
  }
  rig.sink.know(buffer.fields.map(({ point }) => point))
  const wanted: Wanted = { points: [], records: [buffer] }
  const follow = async (work: () => Promise<unknown>) => {
    const stop = new AbortController()
    await device.connect(stop.signal)
    const done = device.follow?.(wanted, rig.sink.deliver, rig.sink.lastSequence, stop.signal)
    try {
      await Promise.race([work(), done])
    } finally {
      stop.abort()
      await done
    }
  }
  const drop = (name: string, content: string | Uint8Array) =>
    writeFile(join(folder, name), content)
  const listed = async (sub: string) => (await readdir(join(folder, sub)).catch(() => [])).sort()
  return { device, wanted, folder, follow, drop, listed }
}

const isIn = (listed: (sub: string) => Promise<string[]>, sub: string, name: string) =>
  until(`${name} is in ${sub}`, async () => (await listed(sub)).includes(name))

suite("files that are dropped", () => {
  test("are stored and moved away, every row once, whatever program wrote them", async () => {
    await using rig = await makeRig()
    const { follow, drop, listed } = await openDrop(rig, { pattern: "*" })
    await drop("a.csv", head + rowsOf(3))
    const eucKr = Buffer.concat([
      Buffer.from([0xbd, 0xc3, 0xb0, 0xa2, 0x2c, 0xbe, 0xd0, 0xb7, 0xc2, 0x0a]),
      Buffer.from("2026-01-05 09:00:00,7\n"),
    ])
    await drop("b.CSV", eucKr)
    const wall = { year: 2026, month: 1, day: 5, hour: 10, minute: 0, second: 0 }
    const rows = [
      ["시각", "압력", "판정"],
      [wall, 8.5, "NG"],
    ]
    await drop("c.xlsx", await writeTable({ rows }, "xlsx"))
    await follow(() => isIn(listed, "done", "c.xlsx"))
    assert.deepEqual(await listed("done"), ["a.csv", "b.CSV", "c.xlsx"])
    assert.deepEqual(
      rig.sink.cycles.map(({ sequence, end, values }) => [sequence, end, values]),
      [
        [1, Date.UTC(2026, 0, 4, 23, 0, 1), { pressure: 1, verdict: "OK" }],
        [2, Date.UTC(2026, 0, 4, 23, 0, 2), { pressure: 2, verdict: "OK" }],
        [3, Date.UTC(2026, 0, 4, 23, 0, 3), { pressure: 3, verdict: "OK" }],
        [1, Date.UTC(2026, 0, 5, 0), { pressure: 7 }],
        [1, Date.UTC(2026, 0, 5, 1), { pressure: 8.5, verdict: "NG" }],
      ],
    )
    assert.equal(rig.sink.doubles, 0)
  })

  test("are finished when they stood still for long enough", async () => {
    await using rig = await makeRig()
    const clock = new SimulatedClock(0)
    const options = parseOptions(file, { folder: ".", time: "t", settle: "5s" }, "test")
    const drop = new Drop(rig.folder, options, { ...rig.host, clock })
    const path = join(rig.folder, "slow.csv")
    const isFinishedAfter = async (ms: number) => {
      await clock.advance(ms)
      return (await drop.finished()).length > 0
    }
    await writeFile(path, "t\n1")
    assert.equal(await isFinishedAfter(0), false)
    assert.equal(await isFinishedAfter(4000), false)
    await writeFile(path, "t\n12")
    assert.equal(await isFinishedAfter(2000), false)
    await utimes(path, 1, 1)
    assert.equal(await isFinishedAfter(4000), false)
    assert.equal(await isFinishedAfter(4999), false)
    assert.equal(await isFinishedAfter(1), true)
    assert.equal(await drop.isUnchanged("slow.csv"), true)
    await writeFile(path, "t\n123")
    assert.equal(await drop.isUnchanged("slow.csv"), false)
  })

  test("are left alone under names of unfinished files, until they get their own", async () => {
    await using rig = await makeRig()
    const { follow, drop, folder, listed } = await openDrop(rig)
    await follow(async () => {
      for (const name of ["~$a.csv", ".a.csv", "a.csv.tmp", "a.csv.part", "b.txt"])
        await drop(name, head + rowsOf(1))
      await drop("z.csv", head + rowsOf(1, 5))
      await isIn(listed, "done", "z.csv")
      await rename(join(folder, "a.csv.part"), join(folder, "a.csv"))
      await isIn(listed, "done", "a.csv")
    })
    assert.equal(rig.sink.cycles.length, 2)
    assert.deepEqual(await listed("."), [".a.csv", "a.csv.tmp", "b.txt", "done", "~$a.csv"])
  })

  test("keep their good rows, and the wrong ones stand beside with place and remedy", async () => {
    await using rig = await makeRig()
    const { follow, drop, listed, folder } = await openDrop(rig)
    await drop("a.csv", `${head}2026-01-05 08:00:00,0.5?,OK\n어제,2,OK\n${rowsOf(1)}`)
    await follow(() => isIn(listed, "done", "a.csv"))
    assert.deepEqual(
      rig.sink.of("tests/pressure").map(({ value, quality }) => [value, quality]),
      [
        [null, "badRefused"],
        [2, "uncertainTime"],
        [1, "good"],
      ],
    )
    const told = await readFile(join(folder, "errors", "a.csv.errors.csv"), "utf8")
    const [first, ...lines] = told.trim().split("\r\n")
    assert.equal(first, "place,problem,remedy")
    assert.match(lines.join("\n"), /a\.csv:3:1,.*no time that can be read/)
    assert.match(lines.join("\n"), /a\.csv:2:2,"got ""0\.5\?"", expected a number","Correct/)
    assert.equal(lines.length, 2)
  })

  test("that cannot be read, or are another program's, stand aside with the reason, and hold up no other", async () => {
    await using rig = await makeRig()
    const { follow, drop, listed, folder } = await openDrop(rig)
    await drop("1.csv", "")
    await drop("2.csv", "time,volume\n2026-01-05 08:00:00,3\n")
    await drop("3.csv", Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0]))
    await drop("4.csv", Buffer.alloc(20_000_001, "x"))
    await drop("5.csv", head + rowsOf(1))
    await follow(() => isIn(listed, "done", "5.csv"))
    assert.deepEqual(await listed("done"), ["5.csv"])
    assert.deepEqual(
      await listed("errors"),
      [1, 2, 3, 4].flatMap((n) => [`${n}.csv`, `${n}.csv.errors.csv`]),
    )
    const reason = async (n: number) =>
      readFile(join(folder, "errors", `${n}.csv.errors.csv`), "utf8")
    assert.match(await reason(1), /got columns none, expected ""시각""/)
    assert.match(await reason(2), /got columns ""time"", ""volume"", expected ""시각""/)
    assert.match(await reason(3), /damaged/)
    assert.match(await reason(4), /expected at most 20000000/)
    assert.equal(rig.sink.refused.length, 4)
  })

  test("are stored once, however often they are dropped; an older file of the name stays", async () => {
    await using rig = await makeRig()
    const { follow, drop, listed } = await openDrop(rig)
    await follow(async () => {
      await drop("a.csv", head + rowsOf(2))
      await isIn(listed, "done", "a.csv")
      await drop("a.csv", head + rowsOf(2))
      await isIn(listed, "done", "a.2.csv")
      await drop("copy.csv", head + rowsOf(2))
      await isIn(listed, "done", "copy.csv")
      await drop("a.csv", head + rowsOf(2, 3))
      await isIn(listed, "done", "a.3.csv")
    })
    assert.deepEqual(
      rig.sink.cycles.map(({ values }) => values.pressure),
      [1, 2, 3, 4],
    )
    assert.equal(rig.sink.doubles, 0)
  })

  test("go on after the last durable row when Moru was stopped amid one", async () => {
    await using rig = await makeRig()
    const { device, wanted, follow, drop, listed } = await openDrop(rig)
    await drop("a.csv", head + rowsOf(1700))
    const stop = new AbortController()
    const deliver: Deliver = async (delivery) => {
      await rig.sink.deliver(delivery)
      if (rig.sink.cycles.length >= 1000) stop.abort()
    }
    await device.connect(stop.signal)
    await device.follow?.(wanted, deliver, rig.sink.lastSequence, stop.signal)
    assert.equal(rig.sink.cycles.length, 1000)
    assert.deepEqual(await listed("done"), [])
    await follow(() => isIn(listed, "done", "a.csv"))
    assert.deepEqual(
      rig.sink.cycles.map(({ sequence }) => sequence),
      Array.from({ length: 1700 }, (_, i) => i + 1),
    )
    assert.equal(rig.sink.doubles, 0)
  })

  test("are never taken from elsewhere by a link", async () => {
    await using rig = await makeRig()
    const { follow, drop, listed, folder, device } = await openDrop(rig)
    const outside = join(rig.folder, "outside.csv")
    await writeFile(outside, head + rowsOf(1))
    await symlink(outside, join(folder, "link.csv"))
    await drop("z.csv", head + rowsOf(1, 2))
    await follow(() => isIn(listed, "done", "z.csv"))
    assert.deepEqual(
      rig.sink.cycles.map(({ values }) => values.pressure),
      [2],
    )
    await rm(join(folder, "done"), { recursive: true })
    await symlink(rig.folder, join(folder, "done"))
    const signal = new AbortController().signal
    await assert.rejects(device.connect(signal), /something else, or a link, at ".*done"/)
  })

  test("with date and time in two columns, after lines of a letterhead", async () => {
    await using rig = await makeRig()
    const { follow, drop, listed } = await openDrop(rig, { skip: 1, time: ["일자", "시간"] })
    await drop("a.csv", "누설 시험 결과\n\n일자,시간,압력\n2026.1.5,8:00,1\n")
    await follow(() => isIn(listed, "done", "a.csv"))
    assert.equal(rig.sink.cycles[0]?.end, Date.UTC(2026, 0, 4, 23))
  })

  test("in a folder that is not there, or vanishes, say so", async () => {
    await using rig = await makeRig()
    const { device, follow, folder } = await openDrop(rig)
    const gone = follow(async () => {
      await rm(folder, { recursive: true })
      await new Promise(() => {})
    })
    await assert.rejects(gone, (thrown) => {
      assert(thrown instanceof Problem)
      assert.equal(thrown.code, "connection-lost")
      return true
    })
    await assert.rejects(device.connect(new AbortController().signal), {
      code: "config-unreadable",
    })
  })

  test("show their columns to whoever browses", async () => {
    await using rig = await makeRig()
    const { device, drop } = await openDrop(rig)
    const found = () => Array.fromAsync(device.browse?.(new AbortController().signal) ?? [])
    await assert.rejects(found(), /got no file yet/)
    await drop("a.csv", head + rowsOf(3))
    assert.deepEqual(
      (await found()).map(({ address, kind, value }) => [address, kind, value]),
      [
        ["시각", "text", "2026-01-05 08:00:01"],
        ["압력", "number", 1],
        ["판정", "text", "OK"],
      ],
    )
  })

  test("that a foreign program wrote as Excel are read", async (t) => {
    await using rig = await makeRig()
    const { follow, listed, folder } = await openDrop(rig, { pattern: "*.xlsx" })
    const script = `
import datetime, openpyxl, sys
book = openpyxl.Workbook()
sheet = book.active
sheet.append(["시각", "압력", "판정"])
sheet.append([datetime.datetime(2026, 1, 5, 8, 0, 1, 500000), 0.25, "합격"])
sheet.append([datetime.datetime(2026, 1, 5, 8, 0, 2), 1e6, None])
book.save(sys.argv[1])
`
    const made = spawnSync(python, ["-c", script, join(folder, "a.xlsx")], { encoding: "utf8" })
    if (made.status !== 0) return t.skip("no foreign Excel writer: pip install openpyxl")
    await follow(() => isIn(listed, "done", "a.xlsx"))
    assert.deepEqual(
      rig.sink.cycles.map(({ end, values }) => [end, values]),
      [
        [Date.UTC(2026, 0, 4, 23, 0, 1, 500), { pressure: 0.25, verdict: "합격" }],
        [Date.UTC(2026, 0, 4, 23, 0, 2), { pressure: 1e6 }],
      ],
    )
  })
})
