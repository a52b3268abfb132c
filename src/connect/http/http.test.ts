import assert from "node:assert/strict"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { suite, test } from "node:test"
import { gzipSync } from "node:zlib"
import { freePort } from "../../../test/support/free-port.ts"
import { until } from "../../../test/support/until.ts"
import { Problem } from "../../model/problem.ts"
import type { Point } from "../connector.ts"
import { parseOptions } from "../options.ts"
import { Caller } from "../testing/caller.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { http } from "./http.ts"
import { serve } from "./testing/server.ts"

const never = () => new AbortController().signal

function deviceOf(rig: Rig, options: object) {
  return http.create(
    parseOptions(http, { period: "30ms", timeout: "2s", ...options }, "test"),
    rig.host,
  )
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const thrown = await work.then(
    () => undefined,
    (reason) => reason,
  )
  assert(thrown instanceof Problem, `got ${thrown}`)
  return thrown
}

/** Follows the points while the work goes on. */
async function following(rig: Rig, device: ReturnType<typeof deviceOf>, points: readonly Point[]) {
  rig.sink.know(points)
  return new Caller({ device, points, rig })
}

suite("a document that is asked for", () => {
  test("comes from a server that is not ours", async (t) => {
    await using rig = await makeRig()
    const folder = join(rig.folder, "served")
    await mkdir(folder)
    await writeFile(join(folder, "status.json"), JSON.stringify({ oven: { zones: [810.5, 812] } }))
    const port = await freePort()
    const peer = spawn("python3", ["-m", "http.server", `${port}`, "--bind", "127.0.0.1"], {
      cwd: folder,
      stdio: "ignore",
    })
    const failed = await Promise.race([once(peer, "error"), once(peer, "spawn").then(() => null)])
    if (failed) return t.skip("no foreign web server: install python3")
    try {
      const device = deviceOf(rig, { url: `http://127.0.0.1:${port}/status.json` })
      const caller = await following(rig, device, [rig.point("zone", "oven.zones[1]")])
      await caller.while(() => until("the zone is there", () => rig.sink.of("zone").length > 1))
      assert.equal(rig.sink.of("zone")[0]?.value, 812)
      const found = await Array.fromAsync(device.browse?.(never()) ?? [])
      assert.deepEqual(
        found.map(({ address, name, kind, value }) => [address, name, kind, value]),
        [
          ["oven.zones[0]", "zones", "number", 810.5],
          ["oven.zones[1]", "zones", "number", 812],
        ],
      )
    } finally {
      peer.kill()
      await once(peer, "exit")
    }
  })

  test("is asked for with its credentials, which stand in no problem", async () => {
    await using rig = await makeRig()
    const seen: unknown[] = []
    await using served = await serve(({ headers }, response) => {
      seen.push([headers.authorization, headers["x-api-key"], headers["x-line"]])
      response.writeHead(401).end()
    })
    const url = `${served.url}/status?key=hidden`
    const ways = [
      { user: "moru", password: "pass-secret" },
      { token: "token-secret" },
      { token: "token-secret", "token-header": "X-API-Key", headers: { "X-Line": "3" } },
    ]
    for (const way of ways) {
      const device = deviceOf(rig, { url, ...way })
      const { code, message } = await problemOf(device.connect(never()))
      assert.equal(code, "credentials-refused")
      assert.match(message, /got status 401 \(Unauthorized\)/)
      assert.doesNotMatch(message, /secret|hidden/)
    }
    assert.deepEqual(seen, [
      [`Basic ${btoa("moru:pass-secret")}`, undefined, undefined],
      ["Bearer token-secret", undefined, undefined],
      [undefined, "token-secret", "3"],
    ])
  })

  test("is followed to another address only where the plant's network allows it", async () => {
    await using rig = await makeRig()
    const seen: unknown[] = []
    await using second = await serve(({ headers }, response) => {
      seen.push(headers.authorization)
      response.end("{}")
    })
    let to = `${second.url}/there`
    await using first = await serve(({ url }, response) => {
      const location = url === "/here" ? to : "/here"
      response.writeHead(302, { location }).end()
    })
    const device = deviceOf(rig, { url: first.url, token: "token-secret" })
    await device.connect(never())
    assert.deepEqual(seen, [undefined])
    to = "http://169.254.169.254/latest/meta-data"
    assert.equal((await problemOf(device.connect(never()))).code, "address-forbidden")
    to = "file:///etc/passwd"
    assert.match((await problemOf(device.connect(never()))).message, /which is not followed/)
    to = "/here"
    assert.match((await problemOf(device.connect(never()))).message, /more than 3 redirects/)
  })

  test("may be no longer than its limit, packed or not", async () => {
    await using rig = await makeRig()
    let body: Buffer = gzipSync(Buffer.alloc(50_000_000, " "))
    await using served = await serve(({ headers }, response) => {
      assert.equal(headers["accept-encoding"], "gzip")
      response.writeHead(200, { "content-encoding": "gzip" }).end(body)
    })
    const device = deviceOf(rig, { url: served.url, "max-bytes": 1000 })
    assert.match((await problemOf(device.connect(never()))).message, /more than 1000 bytes/)
    body = gzipSync('{"a":1}')
    await device.connect(never())
    body = body.subarray(0, 10)
    assert.equal((await problemOf(device.connect(never()))).code, "protocol-error")
  })

  test("that tells its own time is stored once for each time, unchanged ones are not even sent", async () => {
    await using rig = await makeRig()
    let document = { meta: { at: "2026-01-05 08:00:00" }, n: 1 }
    let unchanged = 0
    await using served = await serve(({ headers }, response) => {
      const etag = `"${document.n}"`
      if (headers["if-none-match"] === etag) {
        unchanged++
        response.writeHead(304).end()
      } else response.writeHead(200, { etag }).end(JSON.stringify(document))
    })
    const device = deviceOf(rig, { url: served.url, time: "meta.at" })
    const caller = await following(rig, device, [rig.point("n", "n")])
    await caller.while(async () => {
      await until("it was asked often", () => unchanged > 3)
      document = { meta: { at: "2026-01-05T08:01:00Z" }, n: 2 }
      await until("the second is there", () => rig.sink.of("n").length > 1)
      document = { meta: { at: "yesterday" }, n: 3 }
      await until("the third is there", () => rig.sink.of("n").length > 2)
    })
    const [first, second, third] = rig.sink.of("n")
    assert.deepEqual(
      [first, second].map((row) => [row?.at, row?.value, row?.quality]),
      [
        [Date.UTC(2026, 0, 4, 23), 1, "good"],
        [Date.UTC(2026, 0, 5, 8, 1), 2, "good"],
      ],
    )
    assert.equal(third?.quality, "uncertainTime")
  })

  test("over TLS is believed only of a certificate for its name", async (t) => {
    await using rig = await makeRig()
    const [key, cert] = [join(rig.folder, "key.pem"), join(rig.folder, "cert.pem")]
    const subject = ["-subj", "/CN=gauge", "-addext", "subjectAltName=DNS:localhost"]
    const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject]
    try {
      execFileSync("openssl", [...made, "-keyout", key, "-out", cert], { stdio: "ignore" })
    } catch {
      return t.skip("no certificate can be made: install openssl")
    }
    const tls = { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") }
    await using served = await serve((_request, response) => response.end("{}"), { tls })
    const url = `https://localhost:${served.port}`
    await deviceOf(rig, { url, ca: "cert.pem" }).connect(never())
    const unknown = await problemOf(deviceOf(rig, { url }).connect(never()))
    assert.match(unknown.message, /expected a certificate that this computer or `ca` vouches for/)
    const other = await problemOf(
      deviceOf(rig, { url: served.url, ca: "cert.pem" }).connect(never()),
    )
    assert.equal(other.code, "protocol-error")
  })

  test("with options that cannot be meant is not asked for", async () => {
    await using rig = await makeRig()
    const url = "http://127.0.0.1:1"
    const wrong = [
      [{}, /neither url nor receive-token/],
      [{ url: "http://moru:hidden@gauge/" }, /option "url": got an address with a user in it/],
      [{ url: "http://[::1" }, /option "url"/],
      [{ url, time: "a..b" }, /option "time"/],
      [{ url, zone: "Seoul" }, /option "zone"/],
      [{ url, headers: { Host: "x" } }, /option "headers": got Host/],
    ] as const
    for (const [options, says] of wrong) {
      const problem = await problemOf(deviceOf(rig, options).connect(never()))
      assert.equal(problem.code, "option-invalid")
      assert.match(problem.message, says)
      assert.doesNotMatch(problem.message, /hidden/)
    }
  })
})

suite("a document that a machine sends", () => {
  const token = "a-token-of-the-gauge"
  const body = (document: unknown) => new TextEncoder().encode(JSON.stringify(document))

  test("is durable when it is answered, as far as it holds values of the device", async () => {
    await using rig = await makeRig()
    const device = deviceOf(rig, { "receive-token": token, time: "ts", "time-form": "s" })
    const caller = await following(rig, device, [
      rig.point("leak", "result.leak"),
      rig.point("part", "part", { kind: "text" }),
    ])
    await caller.while(async () => {
      const authorization = `Bearer ${token}`
      const send = (document: unknown) => device.receive?.({ authorization, body: body(document) })
      await until("messages are taken", async () => {
        const taken = await send({})?.catch(() => undefined)
        return taken !== undefined
      })
      const ts = 1_767_600_000
      assert.deepEqual(await send({ ts, result: { leak: 0.25 } }), { stored: 1, refused: [] })
      const half = await send({ ts: ts + 0.5, result: { leak: "??" }, part: 4711 })
      assert.equal(half?.stored, 2)
      assert.match(half?.refused[0]?.message ?? "", /leak: got "\?\?", expected a number/)
      const basic = `Basic ${btoa(`gauge:${token}`)}`
      await device.receive?.({ authorization: basic, body: body({ ts, part: "x" }) })
    })
    assert.deepEqual(
      rig.sink.rows.map(({ at, value, quality, number }) => [number, at, value, quality]),
      [
        [0, 1_767_600_000_000, 0.25, "good"],
        [1, 1_767_600_000_500, null, "badRefused"],
        [2, 1_767_600_000_500, "4711", "good"],
        [3, 1_767_600_000_000, "x", "good"],
      ],
    )
  })

  test("may hold a list of samples, each with its own time", async () => {
    await using rig = await makeRig()
    const parts = { each: "log", name: "id", value: "v", time: "t", "time-form": "ms" }
    const device = deviceOf(rig, { "receive-token": token, ...parts })
    const caller = await following(rig, device, [rig.point("a", "a"), rig.point("b", "b")])
    const entry = (id: string, v: number, t: number) => ({ id, v, t: 1_767_600_000_000 + t })
    await caller.while(async () => {
      const send = (document: unknown) =>
        device.receive?.({ authorization: `Bearer ${token}`, body: body(document) })
      await until("messages are taken", async () => send({ log: [] })?.catch(() => undefined))
      const log = [entry("a", 1, 0), entry("b", 2, 0), entry("a", 3, 1), entry("c", 4, 1)]
      assert.deepEqual(await send({ log }), { stored: 3, refused: [] })
      const problem = await problemOf(send({ log: 5 }) ?? Promise.resolve())
      assert.equal(problem.code, "request-invalid")
    })
    const rows = rig.sink.rows.map(({ tag, at, value }) => [
      tag?.at(-1),
      at - 1_767_600_000_000,
      value,
    ])
    assert.deepEqual(rows, [
      ["a", 0, 1],
      ["b", 0, 2],
      ["a", 1, 3],
    ])
  })

  test("a list that is asked for again gives what is new in it", async () => {
    await using rig = await makeRig()
    const log = [{ a: 1, t: 1_767_600_000_000 }]
    await using server = await serve((_, answer) => answer.end(JSON.stringify({ log })))
    const device = deviceOf(rig, { url: server.url, each: "log", time: "t", "time-form": "ms" })
    const caller = await following(rig, device, [rig.point("a", "a")])
    await caller.while(async () => {
      await until("the first is there", () => rig.sink.of("a").length > 0)
      log.push({ a: 2, t: 1_767_600_001_000 }, { a: 3, t: 1_767_600_002_000 })
      await until("the others are there", () => rig.sink.of("a").some(({ value }) => value === 3))
      log.push({ a: 4, t: 1_767_600_003_000 })
      await until("the last is there", () => rig.sink.of("a").some(({ value }) => value === 4))
    })
    assert.deepEqual(
      rig.sink.of("a").map(({ value }) => value),
      [1, 2, 3, 4],
    )
  })

  test("with a wrong token, without one, or that is no JSON is refused", async () => {
    await using rig = await makeRig()
    const device = deviceOf(rig, { "receive-token": token })
    const send = (authorization: string | undefined, text = "{}") => {
      const bytes = new TextEncoder().encode(text)
      const given = { body: bytes, ...(authorization !== undefined && { authorization }) }
      return problemOf(device.receive?.(given) ?? Promise.resolve())
    }
    assert.equal((await send(`Bearer ${token}`)).code, "connection-lost")
    const caller = await following(rig, device, [])
    await caller.while(async () => {
      await until("messages are taken", async () => {
        const { code } = await send(`Bearer ${token}`, "<xml/>")
        return code === "request-invalid"
      })
      for (const wrong of [undefined, "Bearer ", `Bearer ${token}x`, `Basic ${btoa("a:b")}`, token])
        assert.equal((await send(wrong)).code, "credentials-refused", `${wrong}`)
    })
    const deaf = deviceOf(rig, { url: "http://127.0.0.1:1" })
    const problem = await problemOf(deaf.receive?.({ body: body({}) }) ?? Promise.resolve())
    assert.equal(problem.code, "not-found")
  })
})
