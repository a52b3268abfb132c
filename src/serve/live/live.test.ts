import assert from "node:assert/strict"
import { type ClientRequest, type IncomingMessage, request } from "node:http"
import { after, before, describe, test } from "node:test"
import type { ValueView } from "../api.ts"
import { administratorOf, Browser, browserOf } from "../testing/browser.ts"
import { flow, machine, state, temperature } from "../testing/plant.ts"
import { device, openRig, proposal, type Rig } from "../testing/rig.ts"
import { LiveClient } from "./client.ts"
import { mostClients } from "./hub.ts"

interface Event {
  readonly kind: string
  readonly data: unknown
}

/** Reads a stream of server-sent events as a browser does. */
class Screen {
  readonly events: Event[] = []
  readonly #asking: ClientRequest
  #text = ""
  answer: IncomingMessage | undefined
  ended = false

  constructor(url: string, query = "", cookie?: string) {
    const headers = cookie === undefined ? {} : { cookie }
    this.#asking = request(`${url}/api/v1/live${query}`, { headers, agent: false }, (answer) => {
      this.answer = answer
      answer.setEncoding("utf8").on("data", (text: string) => this.#read(text))
      answer.on("close", () => {
        this.ended = true
      })
    })
    this.#asking.on("error", () => {}).end()
  }

  of(kind: string): readonly unknown[] {
    return this.events.filter((event) => event.kind === kind).map(({ data }) => data)
  }

  values(path: string): readonly ValueView[] {
    return (this.of("values") as ValueView[][]).flat().filter((value) => value.path === path)
  }

  close(): void {
    this.#asking.destroy()
  }

  #read(text: string): void {
    const pieces = (this.#text + text).split("\n\n")
    this.#text = pieces.pop() ?? ""
    for (const piece of pieces) {
      const [, kind = "", data = "null"] = /^event: (.*)\ndata: (.*)$/.exec(piece) ?? []
      if (kind !== "") this.events.push({ kind, data: JSON.parse(data) })
    }
  }
}

describe("The live stream", () => {
  let rig: Rig
  const screens: Screen[] = []
  const open = (query?: string) => {
    const screen = new Screen(rig.url, query)
    screens.push(screen)
    return screen
  }

  before(async () => {
    rig = await openRig({ example: true }, [proposal("d-1", Date.now())])
    await rig.deliver([
      { tag: temperature, value: 200 },
      { tag: flow, value: 40 },
    ])
  })
  after(async () => {
    for (const screen of screens) screen.close()
    await rig.close()
  })

  test("begins with all values of now and ticks each second", async () => {
    const screen = open()
    await until(() => screen.of("tick").length >= 2)
    const [first] = screen.of("values") as ValueView[][]
    assert.deepEqual(first?.map(({ path }) => path).toSorted(), [flow, temperature])
    const { headers } = screen.answer ?? {}
    assert.match(headers?.["content-type"] ?? "", /^text\/event-stream/)
    assert.ok(headers?.["content-security-policy"], "the headers of every answer stand here too")
  })

  test("gives only what the pattern names", async () => {
    const screen = open(`?pattern=**/cooling-flow-set`)
    await until(() => screen.of("tick").length > 0)
    await rig.deliver([
      { tag: temperature, value: 201 },
      { tag: flow, value: 41 },
    ])
    await until(() => screen.values(flow).length >= 2)
    assert.deepEqual(screen.values(temperature), [])
  })

  test("coalesces: of a thousand values in one interval the screen gets the last", async () => {
    const screen = open("?interval=300")
    await until(() => screen.values(temperature).length > 0)
    const before = screen.values(temperature).length
    const from = performance.now()
    for (let i = 1; i <= 1000; i++) await rig.deliver([{ tag: temperature, value: 200 + i / 100 }])
    await until(() => screen.values(temperature).at(-1)?.value === 210)
    const sent = screen.values(temperature).length - before
    const most = 2 + (performance.now() - from) / 300
    assert.ok(sent <= most && most < 500, `${sent} values were sent of 1000`)
  })

  test("tells alarms, decisions, devices and the automatic switch", async () => {
    const screen = open()
    await until(() => screen.of("tick").length > 0)
    rig.tellDevice({ ...device, state: "lost" })
    await rig.gate.stopAutomatic("p-1", "a visit")
    await rig.decisions.reject("d-1", { person: "p-1", role: "operator" }, "no")
    await rig.deliver([{ tag: temperature, at: Date.now() + 1, value: 5000 }])
    await until(() => screen.of("alarm").length > 0)
    assert.deepEqual(screen.of("device"), [{ ...device, state: "lost" }])
    assert.deepEqual(screen.of("automatic"), [{ stopped: true }])
    const [decision] = screen.of("decision") as { id: string; state: string; subject: string }[]
    assert.deepEqual(
      [decision?.id, decision?.state, decision?.subject],
      ["d-1", "rejected", machine],
    )
  })

  test("refuses a rhythm that is too fast, and more screens than it can serve", async () => {
    const browser = new Browser(rig.url)
    assert.equal((await browser.get("/api/v1/live?interval=10")).status, 400)
    const many = Array.from({ length: mostClients + 1 }, () => open())
    await until(() => many.every(({ answer }) => answer !== undefined))
    const refused = many.filter(({ answer }) => answer?.statusCode === 429)
    assert.ok(refused.length >= 1)
    for (const screen of many) screen.close()
    await until(() => rig.metrics.get("moru_live_clients") < 10)
  })
})

test("A stream ends soon after its session does", { timeout: 30_000 }, async () => {
  const rig = await openRig()
  try {
    const administrator = await administratorOf(rig)
    const viewer = await browserOf("viewer", administrator, rig.url)
    const id = (await viewer.open()).person?.id
    assert.equal((await new Browser(rig.url).get("/api/v1/live")).status, 401)
    const screen = new Screen(rig.url, "", viewer.cookie)
    await until(() => screen.of("tick").length > 0)
    await administrator.ask("PATCH", `/api/v1/people/${id}`, { active: false })
    await until(() => screen.ended, 15_000)
  } finally {
    await rig.close()
  }
})

test("When Moru stops, its streams end in order", async () => {
  const rig = await openRig({ example: true })
  const screen = new Screen(rig.url)
  await until(() => screen.of("tick").length > 0)
  await rig.close()
  await until(() => screen.ended)
})

test("A real screen that takes nothing holds neither the plant nor memory, and the others go on", async () => {
  const rig = await openRig({ example: true })
  const slow = new Screen(rig.url, "?interval=100")
  const quick = new Screen(rig.url, "?interval=100")
  try {
    await until(() => slow.answer !== undefined && quick.answer !== undefined)
    slow.answer?.pause()
    for (let i = 0; i < 2000; i++) await rig.deliver([{ tag: state, value: i }])
    await until(() => quick.values(state).at(-1)?.value === 1999)
    slow.answer?.resume()
    await until(() => slow.values(state).at(-1)?.value === 1999)
  } finally {
    slow.close()
    quick.close()
    await rig.close()
  }
})

describe("A screen that takes nothing", () => {
  const bulky = "x".repeat(1000)

  function blockedClient() {
    const time = { now: 0 }
    const client = new LiveClient({
      wants: () => true,
      valueText: (tag) => JSON.stringify({ tag, bulky }),
      monotonic: () => time.now,
      plantNow: () => 0,
    })
    const step = (ms: number, tags: readonly number[]) => {
      time.now += ms
      client.mark(tags)
      client.flush()
    }
    return { client, step }
  }

  test("gets no more than it can hold, however long the plant goes on", () => {
    const { client, step } = blockedClient()
    const tags = Array.from({ length: 100 }, (_, i) => i)
    step(250, tags)
    const held = client.stream.readableLength
    for (let i = 0; i < 100; i++) step(250, tags)
    assert.equal(client.stream.readableLength, held)
    assert.equal(client.stream.destroyed, false)
  })

  test("gets the newest of each once it comes along again", () => {
    const { client, step } = blockedClient()
    step(
      250,
      Array.from({ length: 100 }, (_, i) => i),
    )
    for (let i = 0; i < 50; i++) step(250, [7, 8])
    client.stream.read()
    step(250, [])
    const sent = String(client.stream.read())
    assert.deepEqual(
      [...sent.matchAll(/"tag":(\d+)/g)].map(([, tag]) => tag),
      ["7", "8"],
    )
  })

  test("is closed after half a minute", () => {
    const { client, step } = blockedClient()
    client.stream.on("error", () => {})
    step(
      0,
      Array.from({ length: 100 }, (_, i) => i),
    )
    step(1000, [])
    step(29_000, [])
    assert.equal(client.stream.destroyed, false)
    step(2000, [])
    assert.equal(client.stream.destroyed, true)
  })

  test("is closed when more events pile up than it could catch up with; one thing's last event counts", () => {
    const { client } = blockedClient()
    for (let i = 0; i < 5000; i++) client.add("alarm a", `event ${i}`)
    assert.equal(client.stream.destroyed, false)
    for (let i = 0; i < 1001; i++) client.add(`alarm ${i}`, "event")
    assert.equal(client.stream.destroyed, true)
  })
})

async function until(holds: () => boolean, withinMs = 10_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!holds()) {
    assert.ok(Date.now() < end, "it did not come in time")
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
