import assert from "node:assert/strict"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, suite, test } from "node:test"
import { freePort } from "../../../../test/support/free-port.ts"
import { until } from "../../../../test/support/until.ts"
import { SystemClock } from "../../../kernel/clock/system.ts"
import { nodeFiles } from "../../../kernel/files/node.ts"
import { silentLog } from "../../../kernel/log.ts"
import { seededRandom } from "../../../kernel/random.ts"
import { Problem } from "../../../model/problem.ts"
import type { Part } from "../../flow.ts"
import { type Flow, openFlow } from "./flow.ts"

const part = (n: number): Part => ({
  serial: `dc-1-${n}`,
  castAt: n * 121_000,
  mould: "8722",
  porosity: 0.005,
})

suite("parts on their way between machines", () => {
  let folder: string
  let open: Flow[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "moru-flow-"))
    open = []
  })

  afterEach(async () => {
    for (const flow of open) await flow.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** The same name is the same machine: it finds what it kept. */
  async function start(name: string, options: Partial<Parameters<typeof openFlow>[0]> = {}) {
    const flow = await openFlow(
      { "inlet-capacity": 3, ...options },
      {
        ...{ name, seed: 1, clock: new SystemClock(), files: nodeFiles, log: silentLog },
        ...{ folder: join(folder, name), tell: () => {} },
      },
    )
    open.push(flow)
    return flow
  }

  async function stop(flow: Flow): Promise<void> {
    open.splice(open.indexOf(flow), 1)
    await flow.close()
  }

  const take = (from: Flow) =>
    until("a part comes", () => from.inlet.take()).then(({ serial }) => serial)

  test("they arrive as they were made and in their order", async () => {
    const after = await start("after", { "inlet-port": 0 })
    const before = await start("before", { outlet: `127.0.0.1:${after.inletPort}` })
    const made = { ...part(1), hardness: 105.5, boreDeviation: -0.01 }
    assert.ok(before.outlet.offer(made))
    assert.ok(before.outlet.offer(part(2)))
    assert.deepEqual(await until("a part comes", () => after.inlet.take()), made)
    assert.equal(await take(after), "dc-1-2")
    assert.equal(after.inlet.take(), undefined)
  })

  test("a full buffer blocks the machine before it until a part is taken", async () => {
    const after = await start("after", { "inlet-port": 0 })
    const before = await start("before", { outlet: `127.0.0.1:${after.inletPort}` })
    let made = 0
    const isBlocked = () => {
      while (before.outlet.offer(part(made + 1))) made++
      return after.inlet.waiting === 3 && made === 7
    }
    await until("3 have place and 4 stand on the conveyor", isBlocked)
    assert.equal(before.outlet.offer(part(8)), false)
    assert.equal(await take(after), "dc-1-1")
    await until("there is place again", () => before.outlet.offer(part(8)))
  })

  test("a neighbour that is not there blocks too, and gets all once it comes", async () => {
    const port = await freePort()
    const before = await start("before", { outlet: `127.0.0.1:${port}` })
    for (let n = 1; n <= 4; n++) assert.ok(before.outlet.offer(part(n)))
    assert.equal(before.outlet.offer(part(5)), false)
    const after = await start("after", { "inlet-port": port })
    for (let n = 1; n <= 4; n++) assert.equal(await take(after), `dc-1-${n}`)
  })

  test("at the end of the line and in the scrap bin there is always place", async () => {
    const last = await start("last")
    for (let n = 1; n <= 50; n++) assert.ok(last.outlet.offer(part(n)))
    const before = await start("before", { outlet: `127.0.0.1:${await freePort()}` })
    const rejected = { at: "here", because: "porous" }
    for (let n = 1; n <= 50; n++) assert.ok(before.outlet.offer({ ...part(n), rejected }))
  })

  test("what a machine had taken and not given on waits again after a restart", async () => {
    const port = await freePort()
    const options = { "inlet-port": port, "inlet-capacity": 10 }
    const after = await start("after", options)
    const before = await start("before", { outlet: `127.0.0.1:${port}` })
    for (let n = 1; n <= 3; n++) before.outlet.offer(part(n))
    await until("they are there", () => after.inlet.waiting === 3)
    const [first, second] = [after.inlet.take(), after.inlet.take()]
    assert.ok(first && second)
    after.outlet.offer(first)
    await after.settled()
    await stop(after)
    const again = await start("after", options)
    assert.deepEqual([again.inlet.take(), again.inlet.take()?.serial], [second, "dc-1-3"])
  })

  test("whoever restarts, and when: no part is lost and none comes twice", async (t) => {
    const chance = seededRandom(11)
    const [middlePort, lastPort] = [await freePort(), await freePort()]
    const options = {
      first: { outlet: `127.0.0.1:${middlePort}` },
      middle: { "inlet-port": middlePort, outlet: `127.0.0.1:${lastPort}` },
      last: { "inlet-port": lastPort },
    }
    const line = {
      first: await start("first", options.first),
      middle: await start("middle", options.middle),
      last: await start("last", options.last),
    }
    const names = ["first", "middle", "last"] as const
    const came: string[] = []
    let made = 0
    let restarts = 0
    let inWork: Part | undefined
    const turn = async () => {
      if (made < 100 && line.first.outlet.offer(part(made + 1))) made++
      inWork ??= line.middle.inlet.take()
      if (inWork && line.middle.outlet.offer(inWork)) inWork = undefined
      const done = line.last.inlet.take()
      if (done) {
        came.push(done.serial)
        line.last.outlet.offer(done)
      }
      if (chance.next() < 0.08 && made < 100) {
        const name = names[Math.floor(3 * chance.next())] ?? "first"
        await stop(line[name])
        if (name === "middle") inWork = undefined
        line[name] = await start(name, options[name])
        // Its controller has not noted the last part before the power went, and makes its number once more.
        if (name === "first" && made > 0) made--
        restarts++
      }
      return came.length >= 100
    }
    await until("100 parts are through", async () => {
      for (let i = 0; i < 20; i++) if (await turn()) return true
      return false
    })
    t.diagnostic(`100 parts, ${restarts} restarts`)
    assert.ok(restarts > 3)
    assert.deepEqual(
      came,
      Array.from({ length: 100 }, (_, i) => `dc-1-${i + 1}`),
    )
  })

  test("rubbish at the inlet ends that connection and nothing else", async () => {
    const after = await start("after", { "inlet-port": 0 })
    for (const line of ["rubbish", "{}", '{"part":{"serial":""}}']) {
      const socket = connect(after.inletPort ?? 0, "127.0.0.1")
      socket.on("error", () => {})
      socket.write(`${line}\n`)
      socket.resume()
      await once(socket, "close")
    }
    const before = await start("before", { outlet: `127.0.0.1:${after.inletPort}` })
    before.outlet.offer(part(1))
    assert.equal(await take(after), "dc-1-1")
  })

  test("an outlet must name a port of this computer", async () => {
    await assert.rejects(start("before", { outlet: "10.0.0.1:4000" }), (thrown) => {
      assert.ok(thrown instanceof Problem)
      assert.equal(thrown.code, "option-invalid")
      return true
    })
  })
})
