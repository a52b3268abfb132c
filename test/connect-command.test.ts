// `moru connect` as a person types it: processes of their own against a real server and a real folder.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import { readTable, writeTable } from "../src/codec/table.ts"
import { address, startServer, type TestServer } from "../src/connect/opcua/testing/server.ts"

const main = join(import.meta.dirname, "../src/main.ts")
const password = "a right good one"

let folder = ""
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "moru-connect-"))
})
after(() => rm(folder, { recursive: true, force: true }))

function start(...args: readonly string[]) {
  const env = { ...process.env, PRESS_PASSWORD: password, TMPDIR: join(folder, "tmp") }
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, env })
  let [out, errors] = ["", ""]
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text
  })
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text
  })
  const done = new Promise<{ code: number | null; out: string; errors: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, out, errors })),
  )
  return { child, done }
}

const moru = (...args: readonly string[]) => start(...args).done

async function succeeds(...args: readonly string[]): Promise<string> {
  const { code, out, errors } = await moru(...args)
  assert.equal(code, 0, out + errors)
  return out
}

const plantFile = (plant: string) => readFile(join(folder, plant, "plant.yaml"), "utf8")

suite("a machine that takes anybody in", () => {
  let server: TestServer
  before(async () => {
    await mkdir(join(folder, "tmp"))
    server = await startServer({ folder: join(folder, "open") })
    const range = { low: 0, high: 400 }
    const unit = { namespaceUri: "", unitId: 4408652, displayName: "", description: "" }
    server.describe({
      folder: "Oil",
      name: "Temperature",
      value: 41.5,
      description: "",
      unit,
      range,
    })
    server.set("스핀들 rpm", 1200)
    server.set("State", 1)
    server.set("Word", "가동")
  })
  after(() => server.stop())

  test("browse shows what it has, guesses marked, and leaves nothing behind", async () => {
    const out = await succeeds("connect", "browse", server.endpoint)
    assert.match(out, /\(opcua\): 4 points$/m)
    assert.match(out, / Temperature +number +Cel +0 to 400 +41\.5 +yes +temperature$/m)
    assert.match(out, / 스핀들 rpm +number +~\/min +1200 +yes +seupindeul-rpm$/m)
    assert.match(out, / Word +text +가동 +yes +word$/m)
    assert.deepEqual(await readdir(join(folder, "tmp")), [])
  })

  test("browse as JSON is one line for programs", async () => {
    const out = await succeeds("connect", "browse", server.endpoint, "--json", "--limit", "2")
    const found = JSON.parse(out)
    assert.equal(found.connector, "opcua")
    assert.equal(found.points.length, 2)
    assert.equal(found.more, true)
  })

  test("a table of what was found is edited and added, wrong cells stop it", async () => {
    await succeeds("init", "by-table")
    await succeeds("connect", "browse", server.endpoint, "--out", "found.xlsx")
    const bytes = await readFile(join(folder, "found.xlsx"))
    const { rows } = await readTable(bytes, "found.xlsx")
    const [header, first] = rows.map(({ cells }) => [...cells])
    assert.ok(header && first)
    const save = async (unit: string) => {
      first[header.indexOf("unit")] = unit
      const table = await writeTable({ rows: [header, first] }, "xlsx")
      await writeFile(join(folder, "wanted.xlsx"), table)
    }
    const add = [
      "connect",
      "add",
      "m1",
      server.endpoint,
      "--plant",
      "by-table",
      "--tags",
      "wanted.xlsx",
    ]
    await save("furlong")
    const refused = await moru(...add)
    assert.equal(refused.code, 1)
    assert.match(refused.errors, /wanted\.xlsx:Moru!H2: unit, got "furlong", expected a UCUM code/)
    assert.doesNotMatch(await plantFile("by-table"), /m1/)
    await save("K")
    assert.match(await succeeds(...add), /Added device m1 and equipment m1 with 1 tags/)
    assert.match(await plantFile("by-table"), /unit: K\n/)
  })

  test("a type of the plant's own is found to fit, and used", async () => {
    await succeeds("init", "by-type")
    const type = `moru: equipment-type
maker: acme
model: press
name: Press
tags:
  oil: { name: Oil, unit: Cel, address: { opcua: "${address("Temperature")}" } }
  state: { name: State, unit: "1", address: { opcua: "nsu=urn:old;s=State" } }
`
    await mkdir(join(folder, "by-type/equipment/acme"), { recursive: true })
    await writeFile(join(folder, "by-type/equipment/acme/press.yaml"), type)
    const browsed = await succeeds("connect", "browse", server.endpoint, "--plant", "by-type")
    assert.match(browsed, /acme\/press: 75 % \(1 of 2 addresses; 1 more by name; 2 points that/)
    assert.match(browsed, /--type acme\/press$/m)
    const add = ["connect", "add", "press-1", server.endpoint, "--plant", "by-type"]
    const dry = await succeeds(...add, "--type", "acme/press", "--dry-run")
    assert.match(dry, /^\+ +type: acme\/press$/m)
    assert.match(dry, /nothing is written/)
    assert.doesNotMatch(await plantFile("by-type"), /press-1/)
    const path = ["--equipment", "site/line/press-1"]
    await succeeds(...add, "--type", "acme/press", ...path)
    const text = await plantFile("by-type")
    assert.match(text, /state:\n +address: \{ opcua: nsu=urn:moru:test;s=State \}/)
    assert.match(await succeeds("check", "by-type"), /equipment 3, tags 2, devices 1/)
    const again = await moru(...add, "--type", "acme/press")
    assert.match(again.errors, /device press-1: got a device that the plant has already/)
    const unknown = await moru(
      "connect",
      "add",
      "p2",
      server.endpoint,
      "--plant",
      "by-type",
      "--type",
      "acme/pres",
    )
    assert.match(unknown.errors, /did you mean "acme\/press"/)
  })

  test("import shows first, saves with --apply, and leaves red rows aside only when told to", async () => {
    await succeeds("connect", "add", "m1", server.endpoint, "--plant", "by-import")
    const before = await plantFile("by-import")
    const rows = "equipment,tag,unit,low,high\nm1,state,Cel,1,2\nm1,temperature,x,,\n"
    await writeFile(join(folder, "tags.csv"), rows)
    const imports = ["connect", "import", "tags.csv", "--plant", "by-import"]
    for (const more of [[], ["--apply"], ["--apply", "--skip-bad", "--dry-run"]]) {
      const { code, out } = await moru(...imports, ...more)
      assert.equal(code, 1)
      assert.match(out, /tags\.csv:3:3: unit, got "x", expected a UCUM code/)
      assert.match(out, /^2 rows: 0 new, 1 changed, 0 same, 1 wrong\. Nothing is saved/m)
      assert.match(out, /^\+ +unit: Cel$/m)
      assert.equal(await plantFile("by-import"), before)
    }
    assert.match(
      (await moru(...imports, "--apply", "--skip-bad")).out,
      /Saved but for the red rows/,
    )
    assert.match(await plantFile("by-import"), /unit: Cel\n +address: .*State/)
    assert.match(await plantFile("by-import"), /range: \[ 1, 2 \]/)
  })

  test("what is exported changes nothing when it is imported", async () => {
    for (const file of ["all.csv", "all.xlsx"]) {
      await succeeds("connect", "export", "--plant", "by-import", "--out", file)
      const out = await succeeds("connect", "import", file, "--plant", "by-import", "--apply")
      assert.match(out, /4 rows: 0 new, 0 changed, 4 same, 0 wrong/)
    }
  })
})

suite("a machine that wants to know who asks", () => {
  let server: TestServer
  before(async () => {
    const user = { name: "moru", password }
    server = await startServer({ folder: join(folder, "secure"), user })
    server.set("Secret", 42)
  })
  after(() => server.stop())
  const person = ["--user", "moru", "--password-env", "PRESS_PASSWORD"]

  test("its certificate is trusted by its fingerprint, and the password stands in no file", async () => {
    const asked = await moru("connect", "browse", server.endpoint, ...person)
    assert.equal(asked.code, 1)
    const trust = /--trust ([0-9a-f]{64})/.exec(asked.errors)?.[1] ?? ""
    const other = await moru(
      "connect",
      "browse",
      server.endpoint,
      ...person,
      "--trust",
      "ab".repeat(32),
    )
    assert.match(other.errors, /nobody has trusted yet/)
    const pairs = trust.toUpperCase().match(/../g)?.join(":") ?? ""
    const out = await succeeds("connect", "browse", server.endpoint, ...person, "--trust", pairs)
    assert.match(out, / Secret +number +42 /)
    const add = ["connect", "add", "s1", server.endpoint, "--plant", "secure-plant", ...person]
    await succeeds(...add, "--trust", trust)
    const text = await plantFile("secure-plant")
    assert.match(text, /password: \$\{env:PRESS_PASSWORD\}/)
    assert.doesNotMatch(text + out, new RegExp(password))
    await succeeds("connect", "export", "--plant", "secure-plant", "--out", "secure.csv")
    assert.doesNotMatch(await readFile(join(folder, "secure.csv"), "utf8"), /PASSWORD|right/)
  })

  test("a password in the address is not written into a file, nor said", async () => {
    const url = server.endpoint.replace("//", `//moru:${encodeURIComponent(password)}@`)
    const { code, errors, out } = await moru("connect", "add", "s2", url, "--plant", "secure-plant")
    assert.equal(code, 1)
    assert.match(errors, /expected --user and --password-env/)
    assert.doesNotMatch(errors + out, /right(%20| )good/)
  })
})

suite("addresses that lead nowhere", () => {
  const failing = async (...args: readonly string[]) => {
    const { code, errors } = await moru("connect", "browse", ...args)
    assert.equal(code, 1, errors)
    return errors
  }

  test("each says what was got, what was expected and what to do", async () => {
    assert.match(
      await failing("opc.tcp://169.254.169.254:4840"),
      /which the plant's network policy/,
    )
    assert.match(
      await failing("opc.tpc://127.0.0.1:4840"),
      /expected an address that begins with .*did you mean "opc\.tcp"/,
    )
    assert.match(await failing("192.168.0.10"), /expected an address that begins with one of/)
    assert.match(
      await failing("opc.tcp://127.0.0.1:1"),
      /ECONNREFUSED[\s\S]*Check that the machine is on/,
    )
    assert.match(
      await failing("opc.tcp://127.0.0.1:1", "--option", "securty=none"),
      /unknown option "securty" \(did you mean "security"\?\)/,
    )
    assert.match(
      await failing("opc.tcp://127.0.0.1:1", "--user", "a", "--password-env", "NOT_SET"),
      /the environment variable NOT_SET is not set/,
    )
  })

  test("Ctrl-C ends a search that gets no answer, and leaves nothing behind", async () => {
    const silent = createServer()
    const met = new Promise((resolve) => silent.once("connection", resolve))
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
    const { port } = silent.address() as { port: number }
    const { child, done } = start("connect", "browse", `opc.tcp://127.0.0.1:${port}`)
    await met
    child.kill("SIGINT")
    const { code, errors } = await done
    assert.equal(code, 130)
    assert.match(errors, /^stopped; nothing was written$/m)
    assert.deepEqual(await readdir(join(folder, "tmp")), [])
    silent.close()
  })
})
