import assert from "node:assert/strict"
import { connect } from "node:net"
import { after, before, describe, test } from "node:test"
import { Value } from "typebox/value"
import { type ProblemBody, problemBody } from "../api.ts"
import { administratorOf, Browser } from "../testing/browser.ts"
import { flow } from "../testing/plant.ts"
import { openRig, type Rig } from "../testing/rig.ts"

describe("A problem", () => {
  let rig: Rig
  let browser: Browser
  before(async () => {
    rig = await openRig()
    browser = await administratorOf(rig)
  })
  after(() => rig.close())

  const cases: readonly [string, string, string, unknown, number, RegExp][] = [
    [
      "of an unknown address names it",
      "GET",
      "/api/v1/nothing",
      undefined,
      404,
      /GET \/api\/v1\/nothing/,
    ],
    ["of a wrong method names it", "PUT", "/api/v1/plant", {}, 404, /PUT \/api\/v1\/plant/],
    [
      "of a body names the field, what was got and what was expected",
      "POST",
      "/api/v1/commands",
      { target: 5, value: 1 },
      400,
      /^body target: got 5, expected string$/,
    ],
    [
      "of one of several kinds names them all",
      "POST",
      "/api/v1/commands",
      { target: flow, value: null },
      400,
      /^body value: got null, expected number, boolean or string$/,
    ],
    [
      "of a missing field names it",
      "POST",
      "/api/v1/commands",
      { value: 1 },
      400,
      /^body target: got nothing, expected a value$/,
    ],
    [
      "of a misspelt field says what was meant",
      "POST",
      "/api/v1/commands",
      { target: flow, value: 1, expct: 2 },
      400,
      /^body expct: .*did you mean "expect"/,
    ],
    [
      "of a choice names the choices",
      "POST",
      "/api/v1/people",
      { name: "x", password: "long enough", role: "boss" },
      400,
      /^body role: got "boss", expected "viewer", "operator", "engineer" or "administrator"$/,
    ],
    [
      "of a password never repeats it",
      "POST",
      "/api/v1/people",
      { name: "x", password: "secret", role: "viewer" },
      400,
      /^body password: got another, expected it to not have fewer than 10 characters$/,
    ],
    [
      "of a number in an address names it",
      "GET",
      "/api/v1/cycles?limit=many",
      undefined,
      400,
      /^address limit: got "many", expected integer/,
    ],
    [
      "of a time span says which end is wrong",
      "GET",
      "/api/v1/overview?from=5&to=4",
      undefined,
      400,
      /^address from: got 5, expected a time before 4$/,
    ],
    [
      "of a page that nobody named",
      "GET",
      "/api/v1/cycles?after=x",
      undefined,
      400,
      /^address after: got "x"/,
    ],
    ["of a path that is none", "GET", "/api/v1/samples?tag=A%20B", undefined, 400, /path "A B"/],
    ["of a tag that is not there", "GET", "/api/v1/samples?tag=a/b", undefined, 404, /^tag a\/b:/],
    ["of an address that cannot be read", "GET", "/api/v1/decisions/%E0%A4%A", undefined, 400, /./],
  ]
  for (const [name, method, path, body, status, message] of cases)
    test(name, async () => {
      const answer = await browser.ask<ProblemBody>(method, path, body)
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      assert.ok(Value.Check(problemBody, answer.body), JSON.stringify(answer.body))
      assert.match(answer.body.message, message)
      assert.notEqual(answer.body.hint, "")
    })

  test("of a body that is no JSON, no JSON by its header, or too long", async () => {
    const send = async (body: string, type = "application/json") => {
      const headers = {
        "content-type": type,
        cookie: browser.cookie ?? "",
        "x-csrf-token": browser.csrf,
      }
      const response = await fetch(`${rig.url}/api/v1/commands`, { method: "POST", headers, body })
      const problem = (await response.json()) as ProblemBody
      assert.ok(Value.Check(problemBody, problem))
      return response.status
    }
    assert.equal(await send("{"), 400)
    assert.equal(await send("<a/>", "text/xml"), 415)
    assert.equal(await send(JSON.stringify({ target: "x".repeat(70_000), value: 1 })), 413)
  })

  test("of what is no HTTP is still a problem", async () => {
    const { hostname, port } = new URL(rig.url)
    const answer = await new Promise<string>((resolve, reject) => {
      let text = ""
      const socket = connect(Number(port), hostname, () => socket.write("no http\r\n\r\n"))
      socket.on("data", (bytes) => {
        text += bytes
      })
      socket.on("close", () => resolve(text)).on("error", reject)
    })
    assert.match(answer, /^HTTP\/1\.1 400/)
    assert.ok(Value.Check(problemBody, JSON.parse(answer.split("\r\n\r\n")[1] ?? "")))
  })
})

test("What nobody expected is told to the log, with a number, and not to the asker", async () => {
  const logged: unknown[] = []
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (_message: string, facts?: object) => logged.push(facts),
    of: () => log,
  }
  const secret = "the table users has no column"
  const rig = await openRig({
    log,
    example: true,
    plant: () => {
      throw new Error(secret)
    },
  })
  try {
    const { status, body } = await new Browser(rig.url).get<ProblemBody>("/api/v1/plant")
    assert.equal(status, 500)
    assert.equal(body.code, "unexpected")
    assert.doesNotMatch(JSON.stringify(body), /users/)
    assert.match(JSON.stringify(logged), /users/)
  } finally {
    await rig.close()
  }
})
