import assert from "node:assert/strict"
import { request } from "node:http"
import { after, before, describe, test } from "node:test"
import { Value } from "typebox/value"
import { SimulatedClock } from "../../kernel/clock/simulated.ts"
import { type Person, session } from "../api.ts"
import { idleMs, longestMs } from "../people/sessions.ts"
import { administratorOf, Browser, browserOf, password, tokenIn } from "../testing/browser.ts"
import { openRig, type Rig } from "../testing/rig.ts"

describe("The first administrator", () => {
  let rig: Rig
  before(async () => {
    rig = await openRig()
  })
  after(() => rig.close())

  test("is asked for until there is one", async () => {
    const { body } = await new Browser(rig.url).get("/api/v1/session")
    assert.ok(Value.Check(session, body))
    assert.equal(body.needsFirstAdministrator, true)
    assert.equal(body.person, undefined)
  })

  test("needs the token of the console", async () => {
    const browser = new Browser(rig.url)
    await browser.open()
    const wrong = { token: "guess", name: "Kim", password }
    const { status, body } = await browser.post("/api/v1/first-administrator", wrong)
    assert.equal(status, 401)
    assert.equal(body.code, "sign-in-refused")
  })

  test("gets another try with the same token after a password that is too short", async () => {
    const browser = new Browser(rig.url)
    await browser.open()
    const draft = { token: tokenIn(rig.lines), name: "Kim", password: "short" }
    const { status, body } = await browser.post("/api/v1/first-administrator", draft)
    assert.equal(status, 400)
    assert.match(body.where, /password/)
    assert.doesNotMatch(body.message, /short"/)
  })

  test("is made once and signed in at once; the token has 128 bits and works no second time", async () => {
    assert.equal(Buffer.from(tokenIn(rig.lines), "base64url").length, 16)
    const administrator = await administratorOf(rig)
    const { body } = await administrator.get("/api/v1/session")
    assert.equal(body.person?.role, "administrator")
    assert.equal(body.needsFirstAdministrator, false)
    const second = await administratorOf(rig)
    assert.equal((await second.get("/api/v1/session")).body.person, undefined)
  })

  test("stands in the ledger by id, never by name", async () => {
    const records = await rig.store.ledger.list({ limit: 10 })
    assert.deepEqual(
      records.map(({ kind }) => kind),
      ["person.signed-in", "person.added"],
    )
    assert.doesNotMatch(JSON.stringify(records), /Kim/)
  })
})

describe("Signing in", () => {
  let rig: Rig
  let administrator: Browser
  before(async () => {
    rig = await openRig()
    administrator = await administratorOf(rig)
  })
  after(() => rig.close())

  test("answers an unknown name and a wrong password alike", async () => {
    const unknown = await new Browser(rig.url).signIn("nobody", password)
    const wrong = await new Browser(rig.url).signIn("Kim", "another password")
    assert.equal(unknown.status, 401)
    assert.deepEqual(unknown.body, wrong.body)
  })

  test("takes the name in any case and a password that was composed otherwise", async () => {
    const name = "박기사".normalize("NFC")
    const secret = "비밀번호는 아주 깁니다".normalize("NFC")
    await administrator.post("/api/v1/people", { name, password: secret, role: "operator" })
    const { status, body } = await new Browser(rig.url).signIn(
      ` ${name.normalize("NFD")}`,
      secret.normalize("NFD"),
    )
    assert.equal(status, 200)
    assert.equal(body.person?.name, name)
    assert.equal((await new Browser(rig.url).signIn("KIM", password)).status, 200)
  })

  test("gives a cookie that scripts and other sites cannot use, and a new one each time", async () => {
    const browser = new Browser(rig.url)
    await browser.open()
    const visitor = browser.cookie
    const { headers } = await browser.signIn("Kim", password)
    const [cookie = ""] = headers.getSetCookie()
    assert.match(cookie, /HttpOnly/)
    assert.match(cookie, /SameSite=Strict/)
    assert.match(cookie, /Path=\//)
    assert.notEqual(browser.cookie, visitor)
    const token = browser.cookie?.split("=")[1] ?? ""
    assert.equal(Buffer.from(token, "base64url").length, 32)
    const kept = JSON.stringify(await rig.store.list("session"))
    assert.ok(!kept.includes(token), "the data folder holds no token to use")
  })

  test("a password never leaves: neither hash nor word", async () => {
    const people = await administrator.get<Person[]>("/api/v1/people")
    assert.deepEqual(Object.keys(people.body[0] ?? {}).sort(), ["active", "id", "name", "role"])
    const [kept] = await rig.store.list<{ password: string }>("person")
    assert.match(kept?.password ?? "", /^\$argon2id\$/)
  })

  test("signing out ends the session for good", async () => {
    const browser = await browserOf("viewer", administrator, rig.url)
    const { cookie } = browser
    assert.equal((await browser.ask("DELETE", "/api/v1/session")).status, 204)
    browser.cookie = cookie
    assert.equal((await browser.get("/api/v1/plant")).status, 401)
  })

  test("a change of role holds at once, and who is kept out is out at once", async () => {
    const browser = await browserOf("engineer", administrator, rig.url)
    const id = (await browser.open()).person?.id ?? ""
    assert.equal((await browser.get("/api/v1/plant")).status, 200)
    await administrator.ask("PATCH", `/api/v1/people/${id}`, { role: "viewer" })
    const trust = { fingerprint: "ab" }
    assert.equal((await browser.post("/api/v1/certificates/trust", trust)).status, 403)
    await administrator.ask("PATCH", `/api/v1/people/${id}`, { active: false })
    assert.equal((await browser.get("/api/v1/plant")).status, 401)
    assert.equal((await browser.signIn("the engineer", password)).status, 401)
  })

  test("a person changes their password with the present one; other sign-ins of theirs end", async () => {
    const here = await browserOf("operator", administrator, rig.url)
    const there = new Browser(rig.url)
    await there.signIn("the operator", password)
    const next = "a longer one than before"
    const wrong = await here.post("/api/v1/session/password", { password: "no", next })
    assert.equal(wrong.status, 401)
    const right = await here.post("/api/v1/session/password", { password, next })
    assert.equal(right.status, 204)
    assert.equal((await here.get("/api/v1/plant")).status, 200)
    assert.equal((await there.get("/api/v1/plant")).status, 401)
    assert.equal((await new Browser(rig.url).signIn("the operator", next)).status, 200)
  })

  test("an erased person leaves an id behind, no name", async () => {
    await administrator.post("/api/v1/people", { name: "Gone Soon", password, role: "viewer" })
    const people = await administrator.get<Person[]>("/api/v1/people")
    const id = people.body.find(({ name }) => name === "Gone Soon")?.id
    assert.equal((await administrator.ask("DELETE", `/api/v1/people/${id}`)).status, 204)
    assert.doesNotMatch(JSON.stringify(await rig.store.list("person")), /Gone Soon/)
    assert.doesNotMatch(JSON.stringify(await rig.store.ledger.list({ limit: 100 })), /Gone Soon/)
  })

  test("nobody takes a name that somebody has, and the last administrator stays", async () => {
    const twin = { name: "kim ", password, role: "viewer" }
    assert.match((await administrator.post("/api/v1/people", twin)).body.message, /somebody has/)
    const id = (await administrator.open()).person?.id ?? ""
    const demoted = await administrator.ask<{ message: string }>("PATCH", `/api/v1/people/${id}`, {
      role: "viewer",
    })
    assert.equal(demoted.status, 400)
    assert.match(demoted.body.message, /last administrator/)
    assert.equal((await administrator.ask("DELETE", `/api/v1/people/${id}`)).status, 400)
  })
})

test("After five wrong passwords for a name the next try has to wait; others do not", async () => {
  const rig = await openRig()
  try {
    await administratorOf(rig)
    const guesser = new Browser(rig.url)
    for (let i = 0; i < 5; i++)
      assert.equal((await guesser.signIn("Kim", `guess ${i}`)).status, 401)
    const { status, body, headers } = await guesser.signIn("Kim", password)
    assert.equal(status, 429)
    assert.equal(body.code, "too-many-requests")
    assert.ok(Number(headers.get("retry-after")) > 0)
    assert.equal((await guesser.signIn("Lee", password)).status, 401)
  } finally {
    await rig.close()
  }
})

test("More than twenty sign-ins a minute from one address are refused", async () => {
  const rig = await openRig()
  try {
    const browser = new Browser(rig.url)
    await browser.open()
    const statuses = new Set<number>()
    for (let i = 0; i < 21; i++)
      statuses.add((await browser.post("/api/v1/session", { name: "" })).status)
    assert.deepEqual([...statuses], [400, 429])
  } finally {
    await rig.close()
  }
})

test("A session ends after eight idle hours, and after a day at the latest", async () => {
  const wall = new SimulatedClock(1_000_000)
  const rig = await openRig({ wall })
  try {
    const browser = await administratorOf(rig)
    await wall.advance(idleMs - 1000)
    assert.equal((await browser.get("/api/v1/plant")).status, 200)
    await wall.advance(idleMs - 1000)
    assert.equal((await browser.get("/api/v1/plant")).status, 200)
    await wall.advance(idleMs + 1000)
    assert.equal((await browser.get("/api/v1/plant")).status, 401)
    await browser.signIn("Kim", password)
    for (let passed = 0; passed < longestMs; passed += idleMs / 2) {
      assert.equal((await browser.get("/api/v1/plant")).status, 200)
      await wall.advance(idleMs / 2)
    }
    await wall.advance(1000)
    assert.equal((await browser.get("/api/v1/plant")).status, 401)
  } finally {
    await rig.close()
  }
})

describe("A change", () => {
  let rig: Rig
  let browser: Browser
  before(async () => {
    rig = await openRig()
    browser = await administratorOf(rig)
  })
  after(() => rig.close())

  const stop = { stopped: true, reason: "test" }

  test("without the session's CSRF token is refused and changes nothing", async () => {
    for (const headers of [{ "x-csrf-token": "" }, { "x-csrf-token": "guess" }]) {
      const answer = await browser.ask<{ message: string }>(
        "POST",
        "/api/v1/automatic",
        stop,
        headers,
      )
      assert.equal(answer.status, 400)
      assert.match(answer.body.message, /x-csrf-token/)
    }
    assert.equal(rig.gate.automaticStopped, false)
  })

  test("from a page of another origin is refused even with the token", async () => {
    const headers = { origin: "http://evil.example" }
    const { status } = await browser.ask("POST", "/api/v1/automatic", stop, headers)
    assert.equal(status, 400)
    assert.equal(rig.gate.automaticStopped, false)
  })

  test("with another session's token is refused", async () => {
    const other = new Browser(rig.url)
    const { csrf } = await other.open()
    const headers = { "x-csrf-token": csrf }
    assert.equal((await browser.ask("POST", "/api/v1/automatic", stop, headers)).status, 400)
  })

  test("with the token is done, and is in the ledger with who did it", async () => {
    assert.equal((await browser.post("/api/v1/automatic", stop)).status, 200)
    assert.equal(rig.gate.automaticStopped, true)
    const [record] = await rig.store.ledger.list({ kinds: ["automatic.stopped"], limit: 1 })
    assert.equal(record?.by, (await browser.open()).person?.id)
  })
})

test("A name that was made to point here (DNS rebinding) is not answered", async () => {
  const rig = await openRig({ example: true })
  try {
    const { hostname, port } = new URL(rig.url)
    const ask = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const options = { hostname, port, path: "/api/v1/plant", headers: { host } }
        request(options, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
          .on("error", reject)
          .end()
      })
    assert.equal(await ask(`evil.example:${port}`), 400)
    assert.equal(await ask("127.0.0.1.evil.example"), 400)
    assert.equal(await ask(`localhost:${port}`), 200)
    assert.equal(await ask("[::1]:80"), 200)
  } finally {
    await rig.close()
  }
})

test("The example may be looked at by a guest, who sees but changes nothing", async () => {
  const rig = await openRig({ example: true })
  try {
    const guest = new Browser(rig.url)
    const { lookAround } = await guest.open()
    assert.equal(lookAround, true)
    await administratorOf(rig)
    const { body: records } = await guest.get<{ by: string; byName?: string }[]>("/api/v1/ledger")
    assert(records.length > 0)
    assert(
      records.every(({ byName }) => byName === undefined),
      "guests see no names",
    )
    assert.equal((await guest.get("/api/v1/plant")).status, 200)
    const { status, body } = await guest.post("/api/v1/automatic", { stopped: true, reason: "x" })
    assert.equal(status, 401)
    assert.equal(body.code, "sign-in-needed")
  } finally {
    await rig.close()
  }
})
