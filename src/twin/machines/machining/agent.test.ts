// The first machining centre as an MTConnect agent: over HTTP, its documents before a foreign validator.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { after, before, suite, test } from "node:test"
import { fileURLToPath } from "node:url"
import { until } from "../../../../test/support/until.ts"
import { parseMtConnect } from "../../../codec/mtconnect-parse.ts"
import { giveOrder } from "../control-client.ts"
import type { SpawnedMachine } from "../spawn.ts"
import { Workshop } from "../testing/machine.ts"

const validator = "xmllint"

suite("a machining centre as an MTConnect agent", () => {
  let workshop: Workshop
  let cell: SpawnedMachine
  let agent: string

  before(async () => {
    workshop = await Workshop.open()
    cell = await workshop.start(
      "machining",
      {
        ...{ port: undefined, "control-port": 0, broker: "mqtt://127.0.0.1:1" },
        ...{ "mtconnect-port": 0, "mtconnect-buffer": 200 },
      },
      { name: "cell-1", speed: 20 },
    )
    agent = `http://${cell.ready.endpoint.split("mtconnect://")[1]}`
  })

  after(() => workshop.close())

  const get = async (path: string) => {
    const answer = await fetch(`${agent}/${path}`)
    return { status: answer.status, document: parseMtConnect(await answer.text()) }
  }

  const streams = async (path: string) => {
    const { status, document } = await get(path)
    assert.equal(status, 200)
    assert.ok(document.kind === "streams")
    const observations = document.streams.flatMap(({ components }) =>
      components.flatMap((component) => component.observations),
    )
    return { header: document.header, observations }
  }

  const refused = async (path: string) => {
    const { status, document } = await get(path)
    assert.ok(document.kind === "error")
    return `${status} ${document.errors[0]?.code}`
  }

  test("each kind of document keeps to its schema", async (t) => {
    const kinds = {
      probe: "Devices",
      current: "Streams",
      sample: "Streams",
      asset: "Assets",
      nothing: "Error",
    }
    for (const [path, kind] of Object.entries(kinds)) {
      const schema = `../../../codec/testing/mtconnect/${kind}.xsd`
      const file = fileURLToPath(new URL(schema, import.meta.url))
      const input = await (await fetch(`${agent}/${path}`)).text()
      const ran = spawnSync(validator, ["--nonet", "--noout", "--schema", file, "-"], {
        input,
        encoding: "utf8",
      })
      if (ran.error) return t.skip("no xmllint: apt-get install libxml2-utils")
      assert.match(ran.stderr, /^- validates$/m, path)
    }
  })

  test("current says how the machine is; conditions and the tool too", async () => {
    await until("it cuts", async () => {
      const { observations } = await streams("current")
      return observations.some(
        ({ dataItemId, value }) => dataItemId === "Srpm" && Number(value) > 500,
      )
    })
    const { observations } = await streams("MC1/current")
    const value = (id: string) => observations.find(({ dataItemId }) => dataItemId === id)
    assert.equal(value("avail")?.value, "AVAILABLE")
    assert.equal(value("program")?.value, "O8722")
    assert.equal(value("system")?.condition?.level, "normal")
    const { document } = await get("asset/T8")
    assert.ok(document.kind === "assets")
    const [tool] = document.assets
    assert.ok(Number(tool?.tool?.life[0]?.value) > 100)
  })

  test("sample goes on from a number without a gap, and the buffer forgets the oldest", async () => {
    await until("it forgets", async () => (await streams("current")).header.firstSequence > 20)
    const first = await streams("sample?count=30")
    const numbers = first.observations.map(({ sequence }) => sequence).sort((a, b) => a - b)
    const { firstSequence, lastSequence, nextSequence, bufferSize } = first.header
    assert.deepEqual(
      numbers,
      Array.from({ length: 30 }, (_, i) => firstSequence + i),
    )
    assert.equal(nextSequence, firstSequence + 30)
    assert.ok(lastSequence - firstSequence + 1 <= bufferSize)
    assert.equal(bufferSize, 200)
    const old = await streams(`current?at=${lastSequence - 50}`)
    assert.ok(old.observations.every(({ sequence }) => sequence <= lastSequence - 50))
    assert.equal(old.observations.length, 18)
  })

  test("what it cannot give it refuses with the standard's code", async () => {
    assert.equal(await refused("sample?from=1"), "404 OUT_OF_RANGE")
    assert.equal(await refused("sample?from=99999999"), "404 OUT_OF_RANGE")
    assert.equal(await refused("sample?count=0"), "400 INVALID_REQUEST")
    assert.equal(await refused("current?path=//Axes"), "400 UNSUPPORTED")
    assert.equal(await refused("MC9/current"), "404 NO_DEVICE")
    assert.equal(await refused("nothing"), "404 INVALID_URI")
    assert.equal(await refused("asset/T99"), "404 ASSET_NOT_FOUND")
  })

  test("a stream brings part after part without a gap, and ends with the line", async () => {
    const { header } = await streams("current")
    const answer = await fetch(
      `${agent}/sample?from=${header.nextSequence}&interval=20&heartbeat=500`,
    )
    const boundary = /boundary=(\S+)/.exec(answer.headers.get("content-type") ?? "")?.[1]
    assert.ok(boundary && answer.body)
    let text = ""
    const documents = () =>
      [...text.matchAll(/<\?xml[\s\S]*?<\/MTConnectStreams>/g)].map(([xml]) => parseMtConnect(xml))
    const decoder = new TextDecoder()
    const ended = (async () => {
      for await (const bytes of answer.body ?? []) text += decoder.decode(bytes, { stream: true })
    })()
    await until("ten parts came", () => documents().length >= 10)
    let next = header.nextSequence
    for (const document of documents()) {
      assert.ok(document.kind === "streams")
      const numbers = document.streams.flatMap(({ components }) =>
        components.flatMap(({ observations }) => observations.map(({ sequence }) => sequence)),
      )
      assert.equal(numbers.length === 0 ? next : Math.min(...numbers), next)
      next = document.header.nextSequence
    }
    const control = Number(cell.ready.control?.split(":")[1])
    await giveOrder(control, { fault: "connection-lost", state: "on", severity: 1 })
    await assert.rejects(ended)
    await assert.rejects(fetch(`${agent}/probe`))
    await giveOrder(control, { fault: "connection-lost", state: "off" })
    await until("it is back", () =>
      fetch(`${agent}/probe`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
  })
})
