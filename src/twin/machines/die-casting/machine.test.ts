import assert from "node:assert/strict"
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import { freePort } from "../../../../test/support/free-port.ts"
import { SystemClock } from "../../../kernel/clock/system.ts"
import { nodeFiles } from "../../../kernel/files/node.ts"
import { silentLog } from "../../../kernel/log.ts"
import { Problem } from "../../../model/problem.ts"
import type { Part } from "../../flow.ts"
import { giveOrder } from "../control-client.ts"
import { type Flow, openFlow } from "../flow/flow.ts"
import type { SpawnedMachine } from "../spawn.ts"
import type { Client } from "../testing/client.ts"
import { plantStart, until, Workshop } from "../testing/machine.ts"

const uri = "urn:moru:dcm-350"

function portOf({ ready }: SpawnedMachine): number {
  return Number(ready.control?.split(":")[1])
}

/** Epoch, newest number and all records of a ring. */
async function ringOf(client: Client) {
  const [epoch, newest] = [
    await client.read("Shots.Epoch"),
    Number(await client.read("Shots.Newest")),
  ]
  const numbers = (await client.read("Shots.Number")) as number[]
  const upper1 = (await client.read("Shots.Upper1")) as number[]
  return { epoch, newest, shots: new Map(numbers.map((number, slot) => [number, upper1[slot]])) }
}

suite("a die-casting machine on its OPC UA server", () => {
  let workshop: Workshop
  let machine: SpawnedMachine
  let client: Client
  const startedAt = Date.now()

  before(async () => {
    workshop = await Workshop.open()
    const options = { "control-port": 0, ring: 50, "history-shots": 120 }
    machine = await workshop.start("die-casting", options, { speed: 100, startedAt })
    client = await workshop.connect(machine, { uri })
  })

  after(async () => {
    await client.close()
    await workshop.close()
  })

  test("shows live values with plant time as their source time", async () => {
    const plantNow = plantStart + (Date.now() - startedAt) * 100
    assert.equal(await client.read("State"), 1)
    const upper1 = Number(await client.read("Die.Upper1"))
    assert.ok(upper1 > 180 && upper1 < 220, `${upper1}`)
    const shownAt = (await client.sourceTime("Die.Upper1")) ?? 0
    assert.ok(Math.abs(shownAt - plantNow) < 120_000, `${shownAt - plantNow}`)
  })

  test("keeps its last shots in a numbered ring that is read by index range", async () => {
    const newest = Number(await client.read("Shots.Newest"))
    assert.ok(newest >= 115)
    assert.equal(await client.read("Shots.Capacity"), 50)
    const slot = (newest - 1) % 50
    assert.deepEqual(await client.read("Shots.Number", `${slot}`), [newest])
    const [at] = (await client.read("Shots.Time", `${slot}`)) as Date[]
    const [before] = (await client.read("Shots.Time", `${(slot + 49) % 50}`)) as Date[]
    const [cycleS] = (await client.read("Shots.CycleTime", `${slot}`)) as number[]
    assert.equal(Number(at) - Number(before), Number(cycleS) * 1000)
    assert.deepEqual(await client.read("Shots.Mould", "0:2"), ["8722", "8722", "8722"])
    assert.equal(((await client.read("Shots.Number")) as number[]).length, 50)
  })

  test("goes on making shots", async () => {
    const newest = Number(await client.read("Shots.Newest"))
    const more = async () => Number(await client.read("Shots.Newest")) > newest || undefined
    await until(more, { what: "the next shot" })
  })

  test("takes a set point and shows it, and refuses what its controller does not permit", async () => {
    assert.equal(await client.write("Coolant.FlowSet", 50), "Good")
    assert.equal(await client.read("Coolant.FlowSet"), 50)
    assert.equal(await client.write("Coolant.FlowSet", 95), "BadOutOfRange")
    assert.equal(await client.write("Coolant.FlowSet", 10), "BadOutOfRange")
    assert.equal(await client.write("Coolant.FlowSet", "50"), "BadTypeMismatch")
    assert.equal(await client.write("Die.Upper1", 100), "BadNotWritable")
    assert.equal(await client.write("Shots.Newest", 1), "BadNotWritable")
    assert.equal(await client.read("Coolant.FlowSet"), 50)
    const follows = async () => Number(await client.read("Coolant.Flow")) > 48 || undefined
    await until(follows, { what: "the flow" })
  })

  test("held, it finishes its shot and stands idle until it may go on", async () => {
    assert.equal(await client.write("HoldNextCycle", true), "Good")
    const state = (wanted: number) => async () =>
      (await client.read("State")) === wanted || undefined
    await until(state(2), { what: "idle" })
    assert.equal(await client.write("HoldNextCycle", false), "Good")
    await until(state(1), { what: "running" })
  })

  test("a fault that is ordered befalls it, and only the log of truth says why", async () => {
    await giveOrder(portOf(machine), { fault: "cooling-clog", state: "on", severity: 1 })
    const hot = async () => Number(await client.read("Die.Upper1")) > 240 || undefined
    await until(hot, { what: "a hot die" })
    await giveOrder(portOf(machine), { fault: "cooling-clog", state: "off" })
    const told = (await workshop.truth()).map(({ says, facts }) => ({ says, facts }))
    const expected = { fault: "cooling-clog", severity: 1 }
    assert.deepEqual(told.find(({ says }) => says === "fault injected")?.facts, expected)
    assert.ok(told.some(({ says, facts }) => says === "shot" && Number(facts.clog) > 0.9))
  })

  test("says what is wrong with an order that it does not understand", async () => {
    const order = { fault: "cooling-clog", state: "on", severity: 3 } as const
    await assert.rejects(giveOrder(portOf(machine), order), (thrown) => {
      assert.ok(thrown instanceof Problem)
      assert.equal(thrown.code, "request-invalid")
      return true
    })
  })

  test("a fault that no die caster can have is refused with those that it can", async () => {
    const order = { fault: "tool-wear", state: "on" } as const
    await assert.rejects(
      giveOrder(portOf(machine), order),
      /got fault "tool-wear" for a die-casting, expected one of cooling-clog, /,
    )
  })

  test("a clock that is wrong by an hour dates live values and shots an hour later", async () => {
    const lead = async () => {
      const shownAt = (await client.sourceTime("Die.Upper1")) ?? 0
      return shownAt - (plantStart + (Date.now() - startedAt) * 100)
    }
    const newest = Number(await client.read("Shots.Newest"))
    await giveOrder(portOf(machine), { fault: "clock-wrong", state: "on" })
    await until(async () => (await lead()) > 3_400_000 || undefined, { what: "the wrong time" })
    const shot = async () => {
      const now = Number(await client.read("Shots.Newest"))
      return now > newest + 1 ? now : undefined
    }
    const slot = ((await until(shot, { what: "a shot" })) - 1) % 50
    const [at] = (await client.read("Shots.Time", `${slot}`)) as Date[]
    assert.ok(Number(at) > plantStart + (Date.now() - startedAt) * 100 + 3_000_000)
    await giveOrder(portOf(machine), { fault: "clock-wrong", state: "off" })
    await until(async () => (await lead()) < 200_000 || undefined, { what: "the right time" })
  })

  test("a lost connection throws clients out, lets none in, and comes back by itself", async () => {
    const lost = await workshop.connect(machine, { uri })
    await giveOrder(portOf(machine), { fault: "connection-lost", state: "on", severity: 1 })
    await assert.rejects(workshop.connect(machine, { uri }))
    const tryAgain = () => workshop.connect(machine, { uri }).catch(() => undefined)
    const again = await until(tryAgain, { what: "the connection" })
    assert.equal(typeof (await again.read("Die.Upper1")), "number")
    await again.close()
    await lost.close()
  })
})

suite("die casters beside each other", () => {
  let workshop: Workshop

  before(async () => {
    workshop = await Workshop.open()
  })

  after(() => workshop.close())

  test("bring their parts to one neighbour, each with other moulds and other chances", async () => {
    const port = await freePort()
    const options = { outlet: `127.0.0.1:${port}`, "history-shots": 12 }
    const moulds = { "dc-1": "8722", "dc-2": "8573", "dc-3": "8412" }
    const startedAt = Date.now()
    const machines = Object.entries(moulds).map(([name, mould]) =>
      workshop.start("die-casting", { ...options, mould }, { name, speed: 1000, startedAt }),
    )
    const clients = (await Promise.all(machines)).map((each) => workshop.connect(each, { uri }))
    const idle = async () => {
      const states = await Promise.all(clients.map(async (client) => (await client).read("State")))
      return states.every((state) => state === 2) || undefined
    }
    await until(idle, { what: "all blocked" })
    const buffer = await neighbour(workshop.folder, port)
    const came = new Map<string, Part>()
    const all = async () => {
      for (let part = buffer.inlet.take(); part; part = buffer.inlet.take())
        came.set(part.serial, part)
      const mouldsCame = new Set([...came.values()].map(({ mould }) => mould))
      return (mouldsCame.size === 3 && came.size > 15) || undefined
    }
    await until(all, { what: "parts of all three" })
    await buffer.close()
    for (const [name, mould] of Object.entries(moulds)) {
      const truths = (await workshop.truth(name)).filter(({ says }) => says === "shot")
      const known = new Map(truths.map(({ facts }) => [facts.serial, facts]))
      for (const part of came.values())
        if (part.mould === mould) assert.equal(known.get(part.serial)?.porosity, part.porosity)
    }
    for (const client of clients) await (await client).close()
  })
})

/** A machine that only takes parts. */
function neighbour(folder: string, port: number): Promise<Flow> {
  return openFlow(
    { "inlet-port": port, "inlet-capacity": 20 },
    {
      ...{ name: "after", seed: 1, clock: new SystemClock(), files: nodeFiles, log: silentLog },
      ...{ folder: join(folder, "after"), tell: () => {} },
    },
  )
}

suite("a machine whose power is cut", () => {
  let workshop: Workshop
  const startedAt = Date.now()

  before(async () => {
    workshop = await Workshop.open()
  })

  after(() => workshop.close())

  test("with a battery it keeps ring, numbering and set points", async () => {
    const options = { ring: 30, "history-shots": 40 }
    const first = await workshop.start("die-casting", options, {
      name: "with",
      speed: 100,
      startedAt,
    })
    const before = await workshop.connect(first, { uri })
    await before.write("Coolant.FlowSet", 47)
    const kept = await ringOf(before)
    first.kill()
    await before.close()
    assert.equal(await first.exited, -1)
    const again = await workshop.start("die-casting", options, {
      name: "with",
      speed: 100,
      startedAt,
    })
    const after = await workshop.connect(again, { uri })
    const found = await ringOf(after)
    assert.equal(found.epoch, kept.epoch)
    assert.ok(found.newest >= kept.newest)
    for (const [number, upper1] of kept.shots)
      if (number > found.newest - 30) assert.equal(found.shots.get(number), upper1)
    assert.equal(await after.read("Coolant.FlowSet"), 47)
    const goesOn = async () => Number(await after.read("Shots.Newest")) > found.newest || undefined
    await until(goesOn, { what: "the next shot" })
    await after.close()
    await again.stop()
    assert.equal(await again.exited, 0, "it ends in order when its parent lets it go")
  })

  test("without one it counts anew, and says so by a new epoch", async () => {
    const options = { ring: 30, "history-shots": 40, keep: false }
    const first = await workshop.start("die-casting", options, { name: "without", startedAt })
    const before = await workshop.connect(first, { uri })
    const gone = await ringOf(before)
    assert.ok(gone.newest > 30)
    first.kill()
    await before.close()
    await first.exited
    const again = await workshop.start("die-casting", options, { name: "without", startedAt })
    const after = await workshop.connect(again, { uri })
    const found = await ringOf(after)
    assert.notEqual(found.epoch, gone.epoch)
    assert.equal(found.newest, 0)
    await after.close()
  })
})

suite("a machine that does not let everybody in", () => {
  let workshop: Workshop
  let machine: SpawnedMachine

  before(async () => {
    workshop = await Workshop.open()
    const options = { security: ["sign-and-encrypt"], users: { moru: "wrought iron" } }
    machine = await workshop.start("die-casting", options)
  })

  after(() => workshop.close())

  test("lets a user with the right password in over a signed and encrypted line", async () => {
    const user = { name: "moru", password: "wrought iron" }
    const client = await workshop.connect(machine, { uri, isSecured: true, user })
    assert.equal(await client.read("State"), 1)
    await client.close()
  })

  test("refuses a wrong password, nobody's name and an open line", async () => {
    const user = { name: "moru", password: "pig iron" }
    const wrong = workshop.connect(machine, { uri, isSecured: true, user })
    await assert.rejects(wrong, /BadUserAccessDenied|BadIdentityTokenRejected/)
    await assert.rejects(
      workshop.connect(machine, { uri, isSecured: true }),
      /BadIdentityToken|anonymous/i,
    )
    await assert.rejects(workshop.connect(machine, { uri }), /security|endpoint|None/i)
  })
})

suite("a machine that cannot start", () => {
  let workshop: Workshop

  before(async () => {
    workshop = await Workshop.open()
  })

  after(() => workshop.close())

  const problem = (code: string, what: RegExp) => (thrown: unknown) => {
    assert.ok(thrown instanceof Problem)
    assert.equal(thrown.code, code)
    assert.match(thrown.message, what)
    return true
  }

  test("says that its port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1")
    await once(other, "listening")
    const { port } = other.address() as AddressInfo
    const start = workshop.start("die-casting", { port })
    await assert.rejects(start, problem("port-taken", new RegExp(`machine dc-1: port ${port}`)))
    other.close()
  })

  test("says which option is wrong", async () => {
    const start = workshop.start("die-casting", { ring: 1 })
    await assert.rejects(start, problem("option-invalid", /machine dc-1: option \/ring/))
  })

  test("says which kinds there are", async () => {
    const start = workshop.start("die-caster", {})
    await assert.rejects(
      start,
      problem("option-invalid", /got kind "die-caster", expected one of die-casting/),
    )
  })
})
