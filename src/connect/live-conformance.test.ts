// The contract of a connector that follows values, asked of each with the real thing at the other end.
import assert from "node:assert/strict"
import { after, before, suite, test } from "node:test"
import { until } from "../../test/support/until.ts"
import { BlockWriter } from "../model/block.ts"
import { Problem } from "../model/problem.ts"
import type { TagKind, Value } from "../model/tag.ts"
import type { Device, Point } from "./connector.ts"
import { Caller } from "./testing/caller.ts"
import { type LiveMachine, liveKinds } from "./testing/live.ts"
import { makeRig, type Rig } from "./testing/rig.ts"
import { plainValue } from "./values.ts"

const kindOf: Readonly<Record<string, TagKind>> = { flag: "boolean", text: "text" }

function pointsOf(machine: LiveMachine, rig: Rig): Map<string, Point> {
  const entries = Object.entries(machine.addresses)
  return new Map(
    entries.map(([name, address]) => [
      name,
      rig.point(name, address, { kind: kindOf[name] ?? "number" }),
    ]),
  )
}

for (const kind of liveKinds) {
  suite(`a live connector of type ${kind.type}`, { skip: kind.missing?.() ?? false }, () => {
    let rig: Rig
    let machine: LiveMachine
    let device: Device
    let points: ReadonlyMap<string, Point>
    let caller: Caller

    const never = () => new AbortController().signal
    const last = (name: string) => rig.sink.of(name).at(-1)
    const shows = (name: string, value: Value) => () => {
      const row = last(name)
      return row?.value === value && row.quality === "good"
    }
    const hears = (name: string, value: Value) =>
      caller.while(() => until(`${name} is ${value}`, shows(name, value)))

    before(async () => {
      rig = await makeRig()
      machine = await (await kind.load()).make(rig)
      points = pointsOf(machine, rig)
      rig.sink.know([...points.values()])
      device = machine.connector.create(machine.options, rig.host)
      caller = new Caller({ device, points: [...points.values()], rig })
    })
    after(async () => {
      await device.close()
      await machine[Symbol.asyncDispose]()
      await rig[Symbol.asyncDispose]()
    })

    test("says what to do when nobody is there", async () => {
      await assert.rejects(device.connect(never()), (problem) => {
        assert(problem instanceof Problem, `got ${problem}`)
        assert.match(problem.code, /^connection-(refused|lost|timeout)$|^config-unreadable$/)
        assert.match(problem.message, /^m1\b/)
        assert(problem.hint.length > 20)
        return true
      })
    })

    test("gives up connecting when it is told to", async () => {
      const stop = new AbortController()
      const connecting = device.connect(stop.signal)
      stop.abort()
      await assert.rejects(connecting)
    })

    test("follows every kind of value", async () => {
      await machine.set({ number: 1.5, other: 2, flag: true, text: "die 7" })
      await machine.start()
      await caller.while(async () => {
        await until("all values are there", () => {
          const isThere = [shows("number", 1.5), shows("other", 2)].every((is) => is())
          const flag = !points.has("flag") || shows("flag", true)()
          return isThere && flag && (!points.has("text") || shows("text", "die 7")())
        })
        await machine.set({ number: 3.25, flag: false })
        await until("the new number is there", shows("number", 3.25))
        if (points.has("flag")) await until("the flag is down", shows("flag", false))
      })
      assert.equal(last("other")?.value, 2)
      assert.equal(rig.sink.doubles, 0)
    })

    test("names a point that the machine has not, and delivers the others", (t) => {
      if (!points.has("gone")) return t.skip("this machine cannot know which points it has")
      assert.equal(last("gone")?.quality, "badConfig")
      const unknown = rig.sink.refused.filter(({ code }) => code === "point-unknown")
      assert(unknown.length > 0)
      assert(unknown.every(({ message }) => /\bgone\b/.test(message)))
    })

    test("reads what the machine shows now", async (t) => {
      if (!device.read) return t.skip("this connector cannot read")
      await machine.set({ number: 4.5 })
      await caller.while(async () => {
        await until("it is connected", shows("number", 4.5))
        await until("the machine shows the number", async () => (await readNow("number")) === 4.5)
      })
    })

    test("ends at once when it is told to", async () => {
      await device.connect(never())
      const stop = new AbortController()
      const done = caller.follow(stop.signal)
      const begun = performance.now()
      stop.abort()
      await done
      assert(performance.now() - begun < 2000)
    })

    test("waits while its rows are not durable, and ends with the newest value", async () => {
      const gate = Promise.withResolvers<void>()
      await caller.while(async () => {
        await machine.set({ number: 5 })
        await until("the number is there", shows("number", 5))
        rig.sink.gate = gate.promise
        for (let i = 6; i <= 30; i++) await machine.set({ number: i, other: i })
        await until("a delivery waits", () => rig.sink.waiting > 0)
        assert.equal(rig.sink.waiting, 1)
        rig.sink.gate = undefined
        gate.resolve()
        await until("the newest number is there", shows("number", 30))
        await until("the other too", shows("other", 30))
      })
      assert.equal(rig.sink.doubles, 0)
    })

    test("goes on after rubbish, and other points with it", async () => {
      await caller.while(async () => {
        await machine.set({ number: 31 })
        await until("the number is there", shows("number", 31))
        await machine.babble()
        await machine.set({ number: 32, other: 33 })
        await until("the number after the rubbish", shows("number", 32))
        await until("the other point after the rubbish", shows("other", 33))
      })
    })

    test("tells that the line is cut, and follows again afterwards", async () => {
      await hears("other", 33)
      await device.connect(never())
      const told = assert.rejects(caller.follow(never()), (thrown) => thrown instanceof Problem)
      machine.cut()
      await told
      await assert.rejects(device.connect(never()))
      await machine.set({ number: 40 })
      machine.mend()
      await hears("number", 40)
    })

    test("notices a line that went dead without a word", async (t) => {
      if (!machine.stall) return t.skip("this machine never speaks unasked, and is not asked")
      await device.connect(never())
      const done = caller.follow(never())
      const late = rig.host.clock.sleep(20_000)
      const told = assert.rejects(Promise.race([done, late]), (thrown) => thrown instanceof Problem)
      await machine.set({ number: 41 })
      await until("the number is there", shows("number", 41))
      machine.stall()
      await told
      machine.mend()
      await machine.set({ number: 42 })
      await hears("number", 42)
    })

    test("follows a machine that started anew, and counts its rows on", async () => {
      await device.connect(never())
      const told = assert.rejects(caller.follow(never()), (thrown) => thrown instanceof Problem)
      await machine.kill()
      await told
      await assert.rejects(device.connect(never()))
      await machine.set({ number: 50, other: 51 })
      await machine.start()
      await hears("number", 50)
      await hears("other", 51)
      assert.equal(rig.sink.doubles, 0)
      if (machine.countsItself) return
      const live = rig.sink.rows.filter(({ source }) => source.startsWith("m1/live@"))
      assert.deepEqual(
        live.map(({ number }) => number),
        live.map((_, i) => i),
      )
    })

    test("writes, and the machine shows it", async (t) => {
      const point = points.get("writable")
      if (!point || !device.write) return t.skip("this machine cannot be written")
      await machine.set({ number: 60 })
      await caller.while(async () => {
        await until("it is connected", shows("number", 60))
        await device.write?.(point, 7, never())
        await until("the machine has it", () => machine.written?.() === 7)
        if (device.read)
          await until("the machine shows it", async () => (await readNow("writable")) === 7)
      })
    })

    async function readNow(name: string) {
      const point = points.get(name)
      assert(point)
      const into = new BlockWriter()
      await device.read?.([point], into, never())
      const block = into.take({ source: "read@now" as never, sequence: 0, received: 0 })
      assert.equal(block.length, 1)
      return plainValue(block.value[0] ?? Number.NaN, point, rig.host.registry)
    }
  })
}
