import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { mkdtemp, readlink, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import { giveOrder } from "../control-client.ts"
import type { SpawnedMachine } from "../spawn.ts"
import { until, Workshop } from "../testing/machine.ts"
import { mbpoll, withoutMbpoll } from "../testing/mbpoll.ts"

suite("an old press on Modbus RTU, read by a foreign master", { skip: withoutMbpoll }, () => {
  let workshop: Workshop
  let folder: string
  let serial: string
  let press: SpawnedMachine
  const count = async () => {
    const [value] = await mbpoll(press.ready.endpoint, { type: "3", address: 0 })
    return Number(value)
  }
  const start = async (options: Record<string, unknown>) => {
    press = await workshop.start("press", options, { name: "press-1", speed: 60 })
  }

  before(async () => {
    workshop = await Workshop.open()
    folder = await mkdtemp(join(tmpdir(), "moru-press-"))
    serial = join(folder, "tty")
    await start({ serial, "control-port": 0 })
  })

  after(async () => {
    await workshop.close()
    assert.equal(existsSync(serial), false, "the port goes with the machine")
    await rm(folder, { recursive: true })
  })

  test("its serial port is a pseudo terminal that stands under a name of its own", async () => {
    assert.equal(press.ready.endpoint, `modbus+rtu://${serial}?unit=1`)
    assert.match(await readlink(serial), /^\/dev\/(pts\/|tty)/)
  })

  test("one client after the other reads the count, and it grows", async () => {
    const first = await until(async () => (await count()) || undefined, { what: "a stroke" })
    await until(async () => (await count()) > first || undefined, { what: "more strokes" })
  })

  test("another unit says nothing", async () => {
    await assert.rejects(
      mbpoll(press.ready.endpoint, { type: "3", address: 0, unit: 2 }),
      /timed out/,
    )
  })

  test("what it does not have it refuses", async () => {
    const wrong = mbpoll(press.ready.endpoint, { type: "4", address: 0 })
    await assert.rejects(wrong, /Illegal data address/)
  })

  test("a lost connection is silence until it comes back", async () => {
    const control = Number(press.ready.control?.split(":")[1])
    await giveOrder(control, { fault: "connection-lost", state: "on" })
    await assert.rejects(count(), /timed out/)
    await giveOrder(control, { fault: "connection-lost", state: "off" })
    await until(() => count().catch(() => undefined), { what: "the connection" })
  })

  test("after a power cut it counts from 0 at the same port", async () => {
    press.kill()
    await press.exited
    await start({ serial })
    assert.ok((await count()) < 10)
  })

  test("without a serial port it speaks the same over TCP, and says so", async () => {
    const other = await workshop.start("press", {}, { name: "press-2" })
    assert.match(other.ready.endpoint, /^modbus\+rtu-over-tcp:\/\/127\.0\.0\.1:\d+\?unit=1$/)
  })
})
