import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import type { Received } from "../../connect/connector.ts"
import { Problem } from "../../model/problem.ts"
import type { ProblemBody } from "../api.ts"
import type { EntriesView, ReceiptView } from "../api-entries.ts"
import { administratorOf, type Browser, browserOf } from "../testing/browser.ts"
import { flow, note } from "../testing/plant.ts"
import { openRig, type Rig } from "../testing/rig.ts"

describe("What is brought to the house", () => {
  let rig: Rig
  let operator: Browser
  const asked: { entries: readonly unknown[]; by: string }[] = []
  const received: Received[] = []

  before(async () => {
    const refused = new Problem("value-refused", flow, "got 900, expected 0 to 500")
    rig = await openRig({
      devices: {
        list: () => [],
        browse: async function* () {},
        enter: async (entries, by) => {
          asked.push({ entries, by })
          const problems = entries.map(({ value }) => (value === 900 ? refused : undefined))
          return { problems, ...(problems.some((p) => !p) && { record: "plant:7" }) }
        },
        receive: async (name, message) => {
          if (name !== "gauge") throw new Problem("not-found", name, "no such device")
          if (message.authorization !== "Bearer right")
            throw new Problem("credentials-refused", name, "got another token")
          received.push(message)
          return { stored: 1, refused: [refused] }
        },
        knows: (authorization) => authorization === "Token known",
        receiveKnown: async () => {
          throw new Problem("storage-full", "history", "got no room")
        },
        onHealth: () => () => {},
      },
    })
    operator = await browserOf("operator", await administratorOf(rig), rig.url)
  })
  after(() => rig.close())

  test("entries say of each whether it was stored, and by whom they are", async () => {
    const before = Date.now()
    const entries = [
      { path: flow, value: 900, at: 5 },
      { path: note, value: "fine" },
    ]
    const { status, body } = await operator.post<EntriesView>("/api/v1/entries", { entries })
    assert.equal(status, 200)
    assert.equal(body.record, "plant:7")
    assert.equal(body.entries[0]?.problem?.message, `${flow}: got 900, expected 0 to 500`)
    assert.ok(body.entries[0]?.problem?.hint)
    assert.deepEqual(body.entries[1], { path: note })
    const [call] = asked
    const session = await operator.get<{ person: { id: string } }>("/api/v1/session")
    assert.equal(call?.by, session.body.person.id)
    const [first, second] = (call?.entries ?? []) as { at: number }[]
    assert.equal(first?.at, 5)
    assert.ok(second && second.at >= before && second.at <= Date.now())
  })

  test("entries that cannot be meant are refused as a whole", async () => {
    const wrong = [
      { entries: [] },
      { entries: [{ path: flow, value: null }] },
      { entries: [{ path: flow, value: 1, by: "somebody else" }] },
      { entries: [{ path: "No Path", value: 1 }] },
      { entries: Array(201).fill({ path: flow, value: 1 }) },
    ]
    for (const body of wrong) {
      const { status } = await operator.post("/api/v1/entries", body)
      assert.equal(status, 400, JSON.stringify(body).slice(0, 80))
    }
    assert.equal(asked.length, 1)
  })

  const send = async (
    name: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
  ) => {
    const url = `${rig.url}/api/v1/devices/${name}/messages`
    const answer = await fetch(url, { method: "POST", body, headers })
    return { status: answer.status, body: (await answer.json()) as ReceiptView & ProblemBody }
  }

  test("a machine's message comes to its device as it was sent, without sign-in", async () => {
    const headers = { authorization: "Bearer right", "content-type": "application/x-gauge" }
    const bytes = Uint8Array.from([0, 255, 10])
    const { status, body } = await send("gauge", bytes, headers)
    assert.equal(status, 200)
    assert.equal(body.stored, 1)
    assert.equal(body.refused[0]?.code, "value-refused")
    assert.equal(received[0]?.contentType, "application/x-gauge")
    assert.deepEqual(Uint8Array.from(received[0]?.body ?? []), bytes)
    const json = await send("gauge", "{not json", {
      ...headers,
      "content-type": "application/json",
    })
    assert.equal(json.status, 200, "what is wrong with it is for the device to say")
  })

  test("a message with a wrong credential, for nobody, or too large is refused", async () => {
    const wrong = await send("gauge", "{}", { authorization: "Bearer wrong" })
    assert.equal(wrong.status, 401)
    assert.equal(wrong.body.code, "credentials-refused")
    assert.equal((await send("gone", "{}", {})).status, 404)
    const large = await send("gauge", new Uint8Array(1024 * 1024 + 1), {
      authorization: "Bearer right",
    })
    assert.equal(large.status, 413)
  })

  test("lines that find no room are to be sent again later", async () => {
    const post = (authorization: string) =>
      fetch(`${rig.url}/api/v2/write`, {
        method: "POST",
        body: "m a=1",
        headers: { authorization },
      })
    const full = await post("Token known")
    assert.equal(full.status, 503)
    assert.equal(full.headers.get("retry-after"), "10")
    const said = (await full.json()) as { code: string; problem: ProblemBody }
    assert.deepEqual([said.code, said.problem.code], ["unavailable", "storage-full"])
    assert.equal((await post("Token other")).status, 401)
  })

  test("a sender that never ends is held up", async () => {
    let status = 0
    for (let i = 0; i < 700 && status !== 429; i++) status = (await send("gone", "{}", {})).status
    assert.equal(status, 429)
  })
})
