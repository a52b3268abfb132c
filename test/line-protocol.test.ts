// Programs that write to InfluxDB write to a real Moru, by another address and a token alone.
import assert from "node:assert/strict"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import { gzipSync } from "node:zlib"
import type { DeviceView, SamplesView } from "../src/serve/api.ts"
import { type Example, startExample } from "./support/example.ts"
import { until } from "./support/until.ts"
import { read, type Visitors, visitorsOf } from "./support/visitors.ts"

const token = "a-token-of-the-press-gateway"
const other = "a-token-of-the-oven-gateway"

const plantYaml = `
moru: plant
name: A corner of a plant
timezone: Asia/Seoul
equipment:
  shop:
    level: site
    name: Shop
    contains:
      press:
        level: unit
        name: Press
        device: press-gateway
        tags:
          temp: { name: Temperature, unit: Cel, address: { line-protocol: press/a/temp } }
          mould: { name: Mould, kind: text, unit: "1", address: { line-protocol: press/a/mould } }
          running: { name: Running, kind: boolean, unit: "1", address: { line-protocol: press/a/running } }
      oven:
        level: unit
        name: Oven
        device: oven-gateway
        tags:
          temp: { name: Temperature, unit: Cel, address: { line-protocol: "oven temp" } }
devices:
  press-gateway:
    connector: line-protocol
    options: { token: "\${env:MORU_PRESS}", template: "{measurement}/{tag:line}/{field}" }
  oven-gateway: { connector: line-protocol, options: { token: "\${env:MORU_OVEN}" } }
`

suite("line protocol", () => {
  let folder: string
  let plant: Example
  let people: Visitors
  const samplesOf = async (path: string) =>
    (await read<SamplesView>(people.viewer, `samples?tag=shop/${path}&from=1`)).samples
  const valuesAt = async (times: readonly number[]) => {
    const samples = await samplesOf("press/temp")
    return times.map((time) => samples.find((sample) => sample.at === time)?.value)
  }
  const send = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
  ) => fetch(`${plant.url}${path}`, { method: "POST", body, headers })

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "moru-lines-"))
    await writeFile(join(folder, "plant.yaml"), plantYaml)
    const env = { ...process.env, MORU_PRESS: token, MORU_OVEN: other }
    plant = await startExample({ plant: folder, data: join(folder, "data"), env })
    people = await visitorsOf(plant)
    await until("it is taken", async () => {
      const { status } = await send("/write", "", { authorization: `Token ${token}` })
      return status === 204
    })
  })
  after(async () => {
    await plant?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const at = Date.UTC(2026, 0, 5)

  test("as Telegraf's outputs.influxdb_v2 sends it: gzip, Token, nanoseconds", async () => {
    const body = gzipSync(`press,host=pc,line=a temp=21.5,mould="M 7",running=true ${at}000000\n`)
    const { status } = await send("/api/v2/write?bucket=telegraf&org=shop", new Uint8Array(body), {
      authorization: `Token ${token}`,
      "content-encoding": "gzip",
      "content-type": "text/plain; charset=utf-8",
      "user-agent": "Telegraf/1.37.2 Go/1.25.5",
    })
    assert.equal(status, 204)
    const [temp] = await samplesOf("press/temp")
    assert.deepEqual([temp?.at, temp?.value], [at, 21.5])
    assert.equal((await samplesOf("press/mould"))[0]?.value, "M 7")
    assert.equal((await samplesOf("press/running"))[0]?.value, true)
  })

  test("as Telegraf's outputs.influxdb sends it: a database first, then Basic or u and p", async () => {
    const basic = { authorization: `Basic ${btoa(`telegraf:${token}`)}` }
    const made = await send("/query?q=CREATE+DATABASE+%22telegraf%22", "", basic)
    assert.deepEqual(await made.json(), { results: [{ statement_id: 0 }] })
    const one = await send("/write?db=telegraf", `press,line=a temp=22 ${at + 1000}000000`, basic)
    const query = `db=telegraf&precision=s&u=telegraf&p=${token}`
    const two = await send(`/write?${query}`, `press,line=a temp=23 ${at / 1000 + 2}`, {})
    assert.deepEqual([one.status, two.status], [204, 204])
    assert.deepEqual(await valuesAt([at + 1000, at + 2000]), [22, 23])
    assert.equal((await fetch(`${plant.url}/ping`)).status, 204)
    const health = (await (await fetch(`${plant.url}/health`)).json()) as { status: string }
    assert.equal(health.status, "pass")
  })

  test("a bad line is told, and the others stand", async () => {
    const lines = `press,line=a temp=24 ${at + 3000}\npress temp=\npress,line=a temp=25 ${at + 4000}`
    const answer = await send("/write?precision=ms", lines, { authorization: `Bearer ${token}` })
    const said = (await answer.json()) as { error: string; code: string; problems: object[] }
    assert.equal(answer.status, 400)
    assert.equal(said.code, "invalid")
    assert.match(said.error, /^partial write: .*line 2: got "press temp=", expected .* dropped=1$/)
    assert.equal(said.problems.length, 1)
    assert.deepEqual(await valuesAt([at + 3000, at + 4000]), [24, 25])
  })

  test("each sender reaches its own points alone, and what no point names is shown", async () => {
    const before = (await samplesOf("press/temp")).length
    const lines = `press,line=a temp=99 ${at}\noven temp=180 ${at}`
    const { status } = await send("/write?precision=ms", lines, { authorization: `Token ${other}` })
    assert.equal(status, 204)
    assert.equal((await samplesOf("press/temp")).length, before)
    assert.equal((await samplesOf("oven/temp"))[0]?.value, 180)
    const devices = await read<DeviceView[]>(people.viewer, "devices")
    const oven = devices.find(({ device }) => device === "oven-gateway")
    assert.match(
      oven?.problem?.message ?? "",
      /1 series that no point names, such as "press,line=a temp"/,
    )
  })

  test("a stranger, a wrong encoding and what is no gzip are refused in InfluxDB's shape", async () => {
    const right = { authorization: `Token ${token}` }
    const stranger = await send("/api/v2/write", "oven temp=1", { authorization: "Token guessed" })
    const said = (await stranger.json()) as { code: string; problem: { code: string } }
    assert.deepEqual(
      [stranger.status, said.code, said.problem.code],
      [401, "unauthorized", "credentials-refused"],
    )
    const brotli = await send("/write", "oven temp=1", { ...right, "content-encoding": "br" })
    const broken = await send("/write", "oven temp=1", { ...right, "content-encoding": "gzip" })
    const unit = await send("/write?precision=weeks", "oven temp=1", right)
    const drop = await send("/query?q=DROP+DATABASE+moru", "", right)
    assert.deepEqual(
      [brotli, broken, unit, drop].map(({ status }) => status),
      [400, 400, 400, 400],
    )
  })

  test("InfluxDB's own command line imports a file", async (t) => {
    const file = join(folder, "import.txt")
    await writeFile(
      file,
      `# DDL\nCREATE DATABASE shop\n# DML\n# CONTEXT-DATABASE: shop\npress,line=a temp=31 ${at / 1000 + 60}\n`,
    )
    const port = new URL(plant.url).port
    const args = ["-host", "127.0.0.1", "-port", port, "-username", "me", "-password", token]
    const done = spawnSync("influx", [...args, "-import", "-path", file, "-precision", "s"], {
      encoding: "utf8",
    })
    if (done.error) return t.skip("no foreign client: install influxdb-client")
    assert.match(done.stderr + done.stdout, /Processed 1 inserts/)
    assert.deepEqual(await valuesAt([at + 60_000]), [31])
  })

  test("a real Telegraf writes by both outputs (MORU_TELEGRAF, else telegraf)", async (t) => {
    const telegraf = process.env.MORU_TELEGRAF ?? "telegraf"
    if (spawnSync(telegraf, ["--version"]).error)
      return t.skip("no Telegraf: install it, or name it in MORU_TELEGRAF")
    const file = join(folder, "telegraf.conf")
    await writeFile(file, telegrafConf(plant.url))
    const child = spawn(telegraf, ["--config", file], { stdio: "ignore" })
    const gone = once(child, "exit")
    try {
      await until(
        "both outputs wrote",
        async () => {
          const values = (await samplesOf("press/mould")).map(({ value }) => value)
          return values.filter((value) => value === "from telegraf").length > 1
        },
        20_000,
      )
    } finally {
      child.kill("SIGTERM")
      await gone
    }
  })
})

const telegrafConf = (url: string) => `
[agent]
  interval = "1s"
  flush_interval = "1s"
[[inputs.mock]]
  metric_name = "press"
  [inputs.mock.tags]
    line = "a"
  [[inputs.mock.constant]]
    name = "mould"
    value = "from telegraf"
[[outputs.influxdb]]
  urls = ["${url}"]
  username = "telegraf"
  password = "${token}"
[[outputs.influxdb_v2]]
  urls = ["${url}"]
  token = "${token}"
  organization = "shop"
  bucket = "telegraf"
`
