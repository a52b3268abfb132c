import assert from "node:assert/strict"
import { createServer } from "node:net"
import { suite, type TestContext, test } from "node:test"
import { freePort } from "../../../test/support/free-port.ts"
import { until } from "../../../test/support/until.ts"
import { rtuFrame } from "../../codec/modbus-frame.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { qualityName } from "../../model/quality.ts"
import type { Device, Point } from "../connector.ts"
import { parseOptions } from "../options.ts"
import type { LiveMachine } from "../testing/live.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { modbus } from "./modbus.ts"
import { make } from "./testing/machine.ts"
import { make as makeRtu } from "./testing/rtu-machine.ts"
import { startSerialCable } from "./testing/serial-cable.ts"
import { Registers, serveTcp } from "./testing/unit.ts"

/** Follows until the test has seen enough. */
async function following(
  rig: Rig,
  device: Device,
  points: readonly Point[],
  work: () => Promise<void>,
) {
  const stop = new AbortController()
  await device.connect(stop.signal)
  rig.sink.know(points)
  const wanted = { points, records: [] }
  const done = device.follow?.(wanted, rig.sink.deliver, rig.sink.lastSequence, stop.signal)
  done?.catch(() => {})
  try {
    await work()
  } finally {
    stop.abort()
    await done
    await device.close()
  }
}

const lastOf = (rig: Rig, name: string) => {
  const row = rig.sink.of(name).at(-1)
  return row && [row.value, row.quality]
}

interface Bench extends AsyncDisposable {
  readonly rig: Rig
  readonly registers: Registers
  device(options?: Readonly<Record<string, unknown>>): Device
}

/** A device of a foreign library with units 1 to 255, all alike. */
async function bench(): Promise<Bench> {
  const rig = await makeRig()
  const registers = new Registers()
  const port = await freePort()
  const stop = await serveTcp(registers, port)
  return {
    rig,
    registers,
    device: (options = {}) => {
      const fast = { host: "127.0.0.1", port, period: "20ms", timeout: "300ms", retries: 0 }
      return modbus.create(parseOptions(modbus, { ...fast, ...options }, "test"), rig.host)
    },
    [Symbol.asyncDispose]: async () => {
      await stop()
      await rig[Symbol.asyncDispose]()
    },
  }
}

suite("a Modbus device", () => {
  test("spoils only the point that it has not, and asks for it again later", async () => {
    await using at = await bench()
    const { rig, registers } = at
    registers.input.set(11, 5)
    const points = ["10", "11", "12", "13"].map((n) => rig.point(`p${n}`, `input/${n}`))
    registers.input.set(13, 7)
    const device = at.device({ "retry-refused": "200ms" })
    await following(rig, device, points, async () => {
      await until("all were read", () => rig.sink.of("p13").length > 3)
      assert.deepEqual(lastOf(rig, "p11"), [5, "good"])
      assert.deepEqual(lastOf(rig, "p12"), [null, "badConfig"])
      const [refused] = rig.sink.refused
      assert.equal(refused?.code, "point-unknown")
      assert.match(
        refused?.message ?? "",
        /m1 site\/m1\/p12: got exception 2 \(illegal data address/,
      )
      registers.input.set(12, 9)
      await until("it was asked again", () => lastOf(rig, "p12")?.[1] === "good")
      assert.deepEqual(lastOf(rig, "p12"), [9, "good"])
    })
    assert.deepEqual(rig.sink.gaps, [])
  })

  test("reads points apart only where the registers between them are refused", async () => {
    await using at = await bench()
    const { rig, registers } = at
    registers.input.set(14, 1)
    const points = ["10", "14"].map((n) => rig.point(`p${n}`, `input/${n}`))
    await following(rig, at.device(), points, () =>
      until("both were read", () => rig.sink.of("p14").length > 1).then(() => {}),
    )
    assert.deepEqual(rig.sink.refused, [])
    assert.deepEqual(lastOf(rig, "p14"), [1, "good"])
  })

  test("says what is wrong with an address, and reads the others", async () => {
    await using at = await bench()
    const { rig } = at
    const points = [rig.point("wrong", "holdng/3"), rig.point("right", "input/10")]
    await following(rig, at.device(), points, () =>
      until("it was read", () => rig.sink.of("right").length > 1).then(() => {}),
    )
    assert.equal(rig.sink.of("wrong").length, 1)
    assert.match(
      rig.sink.refused[0]?.message ?? "",
      /^m1 site\/m1\/wrong: got table "holdng", expected coil, discrete, input or holding \(did you mean "holding"\?\) for holdng\/3$/,
    )
  })

  test("a silent unit behind a gateway holds up the others once, then waits; its return is a gap with an end", async () => {
    await using at = await bench()
    const { rig, registers } = at
    const points = [rig.point("a", "1/input/10"), rig.point("b", "2/input/10")]
    await following(rig, at.device(), points, async () => {
      await until("both were read", () => rig.sink.of("b").length > 2)
      registers.silent.add(1)
      await until("its point is not connected", () => lastOf(rig, "a")?.[1] === "badNotConnected")
      const before = rig.sink.of("b").length
      const begun = performance.now()
      await until("the other goes on", () => rig.sink.of("b").length > before + 20)
      assert(performance.now() - begun < 1500)
      assert.match(rig.sink.refused[0]?.message ?? "", /got no answer of unit 1 in 300 ms/)
      registers.silent.delete(1)
      await until("it is back", () => lastOf(rig, "a")?.[1] === "good")
    })
    const [gap] = rig.sink.gaps
    assert.equal(rig.sink.gaps.length, 1)
    assert(gap && gap.to - gap.from > 300 && gap.because === "connection-lost")
  })

  test("a late answer on a line without numbers is never taken for that to another question", async () => {
    await using rig = await makeRig()
    let delayMs = 450
    const server = createServer((socket) =>
      socket.on("data", (sent) => {
        // Each register holds its own number; the first answer comes after the time-out.
        const answer = rtuFrame(sent[0] ?? 0, Uint8Array.of(3, 2, sent[2] ?? 0, sent[3] ?? 0))
        setTimeout(() => socket.write(answer), delayMs)
        delayMs = 200
      }),
    )
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as { port: number }
    const given = { transport: "rtu-over-tcp", host: "127.0.0.1", port, timeout: "300ms" }
    const device = modbus.create(parseOptions(modbus, { ...given, retries: 1 }, "test"), rig.host)
    const signal = new AbortController().signal
    await device.connect(signal)
    for (const n of [20, 300, 40]) {
      const into = new BlockWriter()
      await device.read?.([rig.point(`r${n}`, `holding/${n}`)], into, signal)
      const head = { source: sourceId({ name: "r", epoch: "0" }), sequence: 0, received: 0 }
      assert.deepEqual([...into.take(head).value], [n])
    }
    await device.close()
    await new Promise((resolve) => server.close(resolve))
  })

  test("the line counts as lost when no unit answers", async () => {
    await using at = await bench()
    const { rig, registers } = at
    const device = at.device()
    await device.connect(new AbortController().signal)
    registers.silent.add(1)
    const wanted = { points: [rig.point("a", "input/10")], records: [] }
    await assert.rejects(
      async () =>
        device.follow?.(
          wanted,
          rig.sink.deliver,
          rig.sink.lastSequence,
          new AbortController().signal,
        ),
      (thrown) => thrown instanceof Problem && thrown.code === "connection-timeout",
    )
    await device.close()
  })

  test("writes by scale, bit, coil and text, and refuses what would change its meaning before it is sent", async () => {
    await using at = await bench()
    const { rig, registers } = at
    const device = at.device()
    const signal = new AbortController().signal
    await device.connect(signal)
    const write = async (address: string, value: number | boolean | string) =>
      device.write?.(rig.point("w", address), value, signal)
    await write("holding/100*0.1", 23.5)
    assert.equal(registers.holding.get(100), 235)
    await write("holding/100:int32:cdab", -2)
    assert.deepEqual([registers.holding.get(100), registers.holding.get(101)], [0xfffe, 0xffff])
    await write("coil/3", true)
    assert.equal(registers.coils.get(3), true)
    await write("holding/20:string(4)", "Moru")
    assert.equal(registers.holding.get(20), 0x4d6f)
    const refused = (address: string, value: number, because: RegExp) =>
      assert.rejects(write(address, value), (thrown) => {
        assert(thrown instanceof Problem)
        assert.equal(thrown.code, "write-failed")
        assert.match(thrown.message, because)
        return true
      })
    await refused(
      "holding/100*0.1",
      23.55,
      /got 23.55, expected what uint16 holds.*nothing was sent/,
    )
    await refused("input/10", 1, /got input, expected a coil or holding .*nothing was sent/)
    await refused("coil/3", 2, /expected true or false/)
    await refused("holding/500", 1, /exception 2 \(illegal data address/)
    await refused("holding/100.3", 1, /exception 1 \(illegal function/)
    const into = new BlockWriter()
    await device.read?.(
      [rig.point("r", "holding/100:int32:cdab"), rig.point("g", "holding/500")],
      into,
      signal,
    )
    const head = { source: sourceId({ name: "r", epoch: "0" }), sequence: 0, received: 0 }
    const { value, quality } = into.take(head)
    assert.deepEqual([...value], [-2, Number.NaN])
    assert.deepEqual([...quality].map(qualityName), ["good", "badConfig"])
    await device.close()
  })

  test("browsing reads through the ranges of `scan`, and without them says so", async () => {
    await using at = await bench()
    const { registers } = at
    registers.holding.set(7, 4711)
    const signal = new AbortController().signal
    const found = async (scan: readonly string[]) => {
      const device = at.device({ scan })
      await device.connect(signal)
      try {
        return await Array.fromAsync(device.browse?.(signal) ?? [])
      } finally {
        await device.close()
      }
    }
    const points = await found(["holding/0-50", "2/coil/0-9"])
    assert.deepEqual(
      points.map(({ address }) => address),
      [0, 1, 7, ...Array.from({ length: 8 }, (_, i) => 20 + i)]
        .map((n) => `1/holding/${n}`)
        .concat("2/coil/3"),
    )
    assert.equal(points[2]?.value, 4711)
    await assert.rejects(found([]), /option "scan": got no ranges, expected ranges such as/)
  })

  test("an address alone says how to reach it", () => {
    const options = (text: string) => modbus.optionsOf?.(new URL(text))
    assert.deepEqual(options("modbus+tcp://10.0.0.7:1502?unit=3&scan=holding/0-9,coil/0-7"), {
      transport: "tcp",
      host: "10.0.0.7",
      port: 1502,
      unit: "3",
      scan: ["holding/0-9", "coil/0-7"],
    })
    assert.deepEqual(options("modbus+rtu:///dev/ttyUSB0?baud=19200"), {
      transport: "rtu",
      serial: "/dev/ttyUSB0",
      baud: "19200",
    })
    assert.deepEqual(options("modbus+rtu-over-tcp://[fd00::1]:4001"), {
      transport: "rtu-over-tcp",
      host: "fd00::1",
      port: 4001,
    })
  })
})

for (const [name, start] of [
  ["tcp", make],
  ["rtu", makeRtu],
] as const)
  test(`${name}: follows and writes a device, over rubbish, silence and a cut`, async (t) => {
    if (name === "rtu" && !(await hasTerminals(t))) return
    await using rig = await makeRig()
    await using machine = await start(rig)
    await ride(rig, machine)
  })

async function hasTerminals(t: TestContext): Promise<boolean> {
  await using cable = await startSerialCable()
  if (!cable) t.skip("no pseudo terminals for Modbus RTU: install python3")
  return cable !== undefined
}

async function ride(rig: Rig, machine: LiveMachine): Promise<void> {
  const signal = new AbortController().signal
  const device = machine.connector.create(machine.options, rig.host)
  const points = Object.entries(machine.addresses).map(([name, address]) =>
    rig.point(name, address, {
      kind: name === "text" ? "text" : name === "flag" ? "boolean" : "number",
    }),
  )
  const writable = rig.point("writable", machine.addresses.writable ?? "")
  await machine.start()
  await machine.set({ number: 1.5, other: -2.5, flag: true, text: "alloy 9" })
  await following(rig, device, points, async () => {
    await until("all is there", () => rig.sink.of("text").length > 2 && lastOf(rig, "flag"))
    assert.deepEqual(lastOf(rig, "number"), [1.5, "good"])
    assert.deepEqual(lastOf(rig, "other"), [-2.5, "good"])
    assert.deepEqual(lastOf(rig, "flag"), [true, "good"])
    assert.deepEqual(lastOf(rig, "text"), ["alloy 9", "good"])
    await device.write?.(writable, 42.25, signal)
    assert.equal(machine.written?.(), 42.25)
  })
  for (const harm of [() => machine.babble(), () => machine.cut(), () => machine.stall?.()]) {
    await device.connect(signal)
    const wanted = { points, records: [] }
    const done = device.follow?.(wanted, rig.sink.deliver, rig.sink.lastSequence, signal)
    const before = rig.sink.rows.length
    await until("rows come", () => rig.sink.rows.length > before + points.length)
    await harm()
    await assert.rejects(async () => done, Problem)
    machine.mend()
  }
  await machine.set({ number: 3 })
  await following(rig, device, points, async () => {
    await until("it is as before", () => lastOf(rig, "number")?.[0] === 3)
  })
  assert.equal(rig.sink.doubles, 0)
}
