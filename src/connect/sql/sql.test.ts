import assert from "node:assert/strict"
import { copyFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import { freePort } from "../../../test/support/free-port.ts"
import { until } from "../../../test/support/until.ts"
import type { TagKind } from "../../model/tag.ts"
import type { Deliver, Wanted } from "../connector.ts"
import { parseOptions } from "../options.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { sql } from "./sql.ts"
import {
  type Certificate,
  type DatabaseServer,
  login,
  makeCertificate,
  mariadb,
  postgresql,
  type ServerKind,
} from "./testing/server.ts"

const never = () => new AbortController().signal

/** What differs between the databases in the tests' statements. */
const dialects = {
  postgresql: { mark: "$1", time: "timestamp(6)", instant: "timestamptz(6)", flag: "boolean" },
  mysql: { mark: "?", time: "datetime(6)", instant: "timestamp(6)", flag: "tinyint(1)" },
}

function deviceOf(rig: Rig, place: { port: number; database: string }, given: object) {
  const options = {
    ...{ host: "127.0.0.1", ...place, ...login, tls: "none", period: "20ms", timeout: "5s" },
    ...given,
  }
  return sql.create(parseOptions(sql, options, "test"), rig.host)
}

function pointsOf(rig: Rig, kinds: Readonly<Record<string, TagKind>>): Wanted {
  const points = Object.entries(kinds).map(([name, kind]) => rig.point(name, name, { kind }))
  rig.sink.know(points)
  return { points, records: [] }
}

async function follow(
  of: { rig: Rig; device: ReturnType<typeof deviceOf>; wanted: Wanted; deliver?: Deliver },
  enough: () => boolean,
) {
  const { rig, device, wanted, deliver = rig.sink.deliver } = of
  const stop = new AbortController()
  await device.connect(stop.signal)
  const width = Math.max(1, wanted.points.length)
  const resumeFrom = async (source: Parameters<typeof rig.sink.lastRow>[0]) =>
    Math.floor(((await rig.sink.lastRow(source)) + 1) / width)
  const done = device.follow?.(wanted, deliver, resumeFrom, stop.signal)
  try {
    await Promise.race([until("all has arrived", enough), done])
  } finally {
    stop.abort()
    await done?.catch(() => {})
    await device.close()
  }
  await done
}

for (const kind of [postgresql, mariadb] satisfies ServerKind[]) {
  const dialect = dialects[kind.database]
  suite(`rows of ${kind === mariadb ? "MariaDB" : "PostgreSQL"}`, {
    skip: kind.missing() ?? false,
  }, () => {
    let house: Rig
    let server: DatabaseServer
    let place: { port: number; database: string }
    let tls: Certificate | undefined

    before(async () => {
      house = await makeRig()
      place = { port: await freePort(), database: kind.database }
      tls = makeCertificate(house.folder)
      server = await kind.make(house.folder, place.port, tls)
    })
    after(async () => {
      await server.kill()
      await house[Symbol.asyncDispose]()
    })

    const query = (table: string) =>
      `SELECT * FROM ${table} WHERE id > ${dialect.mark} ORDER BY id;`
    const numbered = { watermark: "id" }

    test("keep what they mean: numbers, flags, texts, long integers, times with a zone and without", async () => {
      await using rig = await makeRig()
      const { time, instant, flag } = dialect
      server.run(`
        CREATE TABLE kinds (id int PRIMARY KEY, n double precision, d decimal(20,4), big bigint, ok ${flag},
          word varchar(40), wall ${time}, seen ${instant} NULL);
        ${kind === mariadb ? "SET time_zone = '+09:00';" : "SET TIME ZONE 'Asia/Seoul';"}
        INSERT INTO kinds VALUES
          (1, 0.1, 12.5, 42, true, '합격', '2026-01-05 08:00:00.25', '2026-01-05 08:00:00.5'),
          (2, NULL, NULL, 9007199254740993, false, '12', '2026-01-05 08:00:01', '2026-01-05 08:00:01');`)
      const wanted = pointsOf(rig, {
        n: "number",
        d: "number",
        big: "number",
        ok: "boolean",
        word: "text",
      })
      for (const [column, ms] of [
        ["wall", 250],
        ["seen", 500],
      ] as const) {
        rig.sink.rows.length = 0
        await using other = await makeRig()
        const options = { ...numbered, query: query("kinds"), time: column }
        const device = deviceOf(other, place, options)
        const given = pointsOf(other, {
          n: "number",
          d: "number",
          big: "number",
          ok: "boolean",
          word: "text",
        })
        await follow({ rig: other, device, wanted: given }, () => other.sink.rows.length >= 10)
        const at = Date.UTC(2026, 0, 4, 23)
        assert.deepEqual(
          other.sink.rows.map((row) => [row.at - at, row.value, row.quality]),
          [
            ...[0.1, 12.5, 42, true, "합격"].map((value) => [ms, value, "good"]),
            [1000, null, "badNoData"],
            [1000, null, "badNoData"],
            [1000, 9007199254740992, "uncertain"],
            [1000, false, "good"],
            [1000, "12", "good"],
          ],
          column,
        )
      }
      assert.equal(wanted.points.length, 5)
    })

    test("that share a watermark come all, once, whether the query asks for > or >=", async () => {
      const rows = Array.from({ length: 30 }, (_, i) => `(${i + 1}, ${Math.floor(i / 4)})`)
      server.run(
        `CREATE TABLE ties (n int, at_minute int); INSERT INTO ties VALUES ${rows.join()};`,
      )
      for (const compare of [">", ">="]) {
        await using rig = await makeRig()
        const device = deviceOf(rig, place, {
          query: `SELECT n, at_minute FROM ties WHERE at_minute ${compare} ${dialect.mark} ORDER BY at_minute`,
          ...{ watermark: "at_minute", start: -1, rows: 7 },
        })
        const wanted = pointsOf(rig, { n: "number" })
        await follow({ rig, device, wanted }, () => rig.sink.rows.length >= 30)
        const late = compare === ">=" ? [31, 32] : []
        if (late.length > 0) server.run("INSERT INTO ties VALUES (31, 7), (32, 8);")
        await follow({ rig, device, wanted }, () => rig.sink.rows.length >= 30 + late.length)
        const values = rig.sink.rows.map(({ value }) => Number(value)).sort((a, b) => a - b)
        assert.deepEqual(values, [...Array.from({ length: 30 }, (_, i) => i + 1), ...late])
        assert.equal(rig.sink.doubles, 0)
      }
    })

    test("are neither lost nor doubled when Moru stops before it remembered them", async () => {
      await using rig = await makeRig()
      const rows = Array.from({ length: 50 }, (_, i) => `(${i + 1}, ${i + 1})`)
      server.run(
        `CREATE TABLE cut (id int PRIMARY KEY, n int); INSERT INTO cut VALUES ${rows.join()};`,
      )
      const options = { ...numbered, query: query("cut"), rows: 20 }
      const wanted = pointsOf(rig, { n: "number" })
      const cut: Deliver = async (delivery) => {
        await rig.sink.deliver(delivery)
        if (rig.sink.rows.length >= 38) throw new Error("the power fails")
      }
      const first = follow(
        { rig, device: deviceOf(rig, place, options), wanted, deliver: cut },
        () => false,
      )
      await assert.rejects(first, /the power fails/)
      assert.equal(rig.sink.rows.length, 38)
      const again = deviceOf(rig, place, options)
      await follow({ rig, device: again, wanted }, () => rig.sink.rows.length >= 50)
      assert.deepEqual(
        rig.sink.rows.map(({ value, number }) => [value, number]),
        Array.from({ length: 50 }, (_, i) => [i + 1, i]),
      )
      assert.equal(rig.sink.doubles, 0)
    })

    test("of a server that died amid it are read on when it is back", async () => {
      await using rig = await makeRig()
      server.run("CREATE TABLE died (id int PRIMARY KEY, n int); INSERT INTO died VALUES (1, 1);")
      const device = deviceOf(rig, place, { ...numbered, query: query("died") })
      const wanted = pointsOf(rig, { n: "number" })
      const stop = new AbortController()
      await device.connect(stop.signal)
      const done = device.follow?.(wanted, rig.sink.deliver, async () => 0, stop.signal)
      await until("the first is there", () => rig.sink.rows.length === 1)
      const lost = { name: "Problem", code: "connection-lost" }
      const told = assert.rejects(done ?? Promise.resolve(), lost)
      await server.kill()
      await told
      await assert.rejects(device.connect(never()), { code: "connection-refused" })
      await server.start()
      server.run("INSERT INTO died VALUES (2, 2);")
      await follow({ rig, device, wanted }, () => rig.sink.rows.length >= 2)
      assert.deepEqual(
        rig.sink.rows.map(({ value }) => value),
        [1, 2],
      )
    })

    test("are never changed by the query, whatever it says", async () => {
      await using rig = await makeRig()
      server.run("CREATE TABLE safe (id int PRIMARY KEY); INSERT INTO safe VALUES (1);")
      server.run(
        kind === mariadb
          ? "GRANT ALL ON plant.* TO moru@'127.0.0.1';"
          : "GRANT ALL ON ALL TABLES IN SCHEMA public TO moru;",
      )
      const wanted = pointsOf(rig, { id: "number" })
      const { mark } = dialect
      const wrong = [
        `SELECT id FROM safe WHERE id > ${mark}; DELETE FROM safe`,
        kind === mariadb
          ? `SELECT id FROM safe WHERE id > ${mark} INTO OUTFILE '/dev/null'`
          : `WITH gone AS (DELETE FROM safe WHERE id > ${mark} RETURNING id) SELECT * FROM gone`,
      ]
      for (const text of wrong) {
        const device = deviceOf(rig, place, { ...numbered, query: text })
        await assert.rejects(
          follow({ rig, device, wanted }, () => rig.sink.rows.length > 0),
          { code: "option-invalid" },
        )
      }
      assert.equal(server.run("SELECT count(*) FROM safe").trim(), "1")
    })

    test("are not read with a wrong password, name or query; nothing secret is told", async () => {
      await using rig = await makeRig()
      server.run(
        "CREATE TABLE plain (id int PRIMARY KEY, word varchar(9)); INSERT INTO plain VALUES (2, 'b'), (1, 'a');",
      )
      const wanted = pointsOf(rig, { id: "number" })
      const { mark } = dialect
      const select = `SELECT id, word FROM plain WHERE id > ${mark}`
      const wrong: [object, string, RegExp][] = [
        [{ password: "hidden" }, "credentials-refused", /^m1 \(plant on 127\.0\.0\.1\)/],
        [{ query: select.replace("plain", "gone") }, "option-invalid", /gone/],
        [
          { query: "SELECT id FROM plain WHERE 1 = 1" },
          "option-invalid",
          /0 parameters, expected one/,
        ],
        [{ query: `${select} ORDER BY id DESC` }, "option-invalid", /got "1" after "2"/],
        [
          { query: select, watermark: "no" },
          "option-invalid",
          /got columns "id", "word", expected "no"/,
        ],
        [{ query: `${select} ORDER BY id`, time: "no" }, "option-invalid", /option "time"/],
        [{ zone: "Seoul" }, "option-invalid", /option "zone"/],
      ]
      for (const [given, code, says] of wrong) {
        const device = deviceOf(rig, place, { ...numbered, query: query("plain"), ...given })
        await assert.rejects(
          follow({ rig, device, wanted }, () => rig.sink.rows.length > 0),
          (thrown) => {
            const { code: got, message } = thrown as { code: string; message: string }
            assert.equal(got, code, `${JSON.stringify(given)}: ${message}`)
            assert.match(message, says)
            assert.doesNotMatch(message, /hidden|secret/)
            return true
          },
        )
      }
      assert.deepEqual(rig.sink.rows, [])
    })

    test("come over TLS only with a certificate for the host's name", async (t) => {
      if (!tls) return t.skip("no certificate can be made: install openssl")
      await using rig = await makeRig()
      await copyFile(tls.cert, join(rig.folder, "ca.pem"))
      const given = { ...numbered, query: query("plain"), tls: "verify", ca: "ca.pem" }
      const device = deviceOf(rig, place, { ...given, host: "localhost" })
      await device.connect(never())
      await device.close()
      const other = deviceOf(rig, place, given)
      const code = kind === mariadb ? "option-invalid" : "protocol-error"
      await assert.rejects(other.connect(never()), { code })
      const unknown = deviceOf(rig, place, {
        ...numbered,
        query: query("plain"),
        tls: "verify",
        host: "localhost",
      })
      await assert.rejects(unknown.connect(never()), { code: "protocol-error" })
    })

    test("show their columns to whoever browses", async () => {
      await using rig = await makeRig()
      server.run(
        "CREATE TABLE shown (id int PRIMARY KEY, d decimal(9,2), word varchar(9)); INSERT INTO shown VALUES (1, 2.5, 'a');",
      )
      const device = deviceOf(rig, place, { ...numbered, query: query("shown") })
      await device.connect(never())
      const found = await Array.fromAsync(device.browse?.(never()) ?? [])
      await device.close()
      assert.deepEqual(
        found.map(({ address, kind: is, value }) => [address, is, value]),
        [
          ["id", "number", 1],
          ["d", "number", 2.5],
          ["word", "text", "a"],
        ],
      )
    })
  })
}

suite("SQL Server", () => {
  const query = "SELECT id FROM t WHERE id > @watermark ORDER BY id"

  test("that is not there, is something else or says nothing is told in words", async () => {
    await using rig = await makeRig()
    const device = (port: number) =>
      deviceOf(rig, { port, database: "sqlserver" }, { query, watermark: "id", timeout: "300ms" })
    const closed = device(await freePort())
    await assert.rejects(closed.connect(never()), { code: "connection-refused" })
    const other = createServer((socket) => socket.write("SSH-2.0-other\r\n"))
    const silent = createServer(() => {})
    for (const server of [other, silent]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const at = server.address()
      assert(at && typeof at === "object")
      await assert.rejects(device(at.port).connect(never()), {
        name: "Problem",
        code: server === silent ? "connection-timeout" : /^connection-(lost|timeout)$/,
      })
      server.close()
    }
  })
})
