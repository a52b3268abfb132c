// A plant is backed up while it runs and restored: nothing reaches a machine until a person with the right allows it.
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import { promisify } from "node:util"
import type { CommandView, LedgerView, StorageView } from "../src/serve/api.ts"
import { Browser } from "../src/serve/testing/browser.ts"
import { equipment, firstAdministrator } from "./support/closed-loop.ts"
import { type Example, startExample } from "./support/example.ts"
import { until } from "./support/until.ts"

const password = "correct horse battery"
const target = `${equipment}/cooling-flow-set`

interface Said {
  readonly status: number
  readonly said: Record<string, unknown>
  readonly text: string
}

async function moru(...args: string[]): Promise<Said> {
  const env = { ...process.env, MORU_PASSWORD: password }
  const { stdout, code } = await promisify(execFile)(
    process.execPath,
    ["src/main.ts", ...args, "--json"],
    { env },
  ).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (thrown) => thrown as { stdout: string; code: number },
  )
  return { status: code, text: stdout, said: JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") }
}

suite("backup, verify and restore of a running plant", () => {
  const root = mkdtempSync(join(tmpdir(), "moru-whole-backup-"))
  const data = join(root, "data")
  const folder = join(root, "backup")
  const file = join(root, "backup.tar")
  const restored = join(root, "restored")
  const plantFolder = join(root, "restored-plant")
  let plant: Example
  let person: Browser
  let samples = 0

  const records = async (who: Browser) =>
    (await who.get<LedgerView[]>("/api/v1/ledger?limit=200")).body

  before(async () => {
    plant = await startExample({ data, speed: 20 })
    person = await firstAdministrator(plant, "Kim")
    await until(
      "samples are there",
      async () => {
        const { body } = await person.get<StorageView>("/api/v1/storage")
        const counted = await person.get<{ samples: number }[]>("/api/v1/devices")
        samples = counted.body.reduce((sum, device) => sum + device.samples, 0)
        return samples > 200 && body.usedBytes > 0
      },
      60_000,
    )
  })

  after(async () => {
    await plant?.stop()
    rmSync(root, { recursive: true, force: true })
  })

  test("a viewer may not have it; an administrator gets all of it, as a file or a folder", async () => {
    await person.post("/api/v1/people", { name: "Lee", password, role: "engineer" })
    const refused = await moru("backup", "--to", folder, "--url", plant.url, "--user", "Lee")
    assert.deepEqual(
      [refused.status, (refused.said.problem as { code: string }).code],
      [1, "right-missing"],
    )
    assert.ok(!readdirSync(root).includes("backup"))
    for (const to of [folder, file]) {
      const made = await moru("backup", "--to", to, "--url", plant.url, "--user", "Kim")
      assert.equal(made.status, 0, `${made.text}\n${plant.output().slice(-3000)}`)
      const verified = await moru("verify", to)
      assert.deepEqual([verified.status, verified.said.faults], [0, []], verified.text)
    }
    const again = await moru("backup", "--to", file, "--url", plant.url, "--user", "Kim")
    assert.equal((again.said.problem as { code: string }).code, "option-invalid")
    const made = (await records(person)).filter(({ kind }) => kind === "backup.made")
    assert.equal(made.length, 2)
    assert.equal(made[0]?.byName, "Kim")
    const wrong = join(root, "wrong.tar")
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 8
    writeFileSync(wrong, bytes)
    assert.equal((await moru("verify", wrong)).status, 1)
  })

  test("a stopped data folder gives the same", async () => {
    const locked = await moru("backup", "--to", join(root, "x.tar"), "--data", data)
    assert.equal((locked.said.problem as { code: string }).code, "data-locked")
    const copy = join(root, "copy")
    await plant.stop()
    cpSync(data, copy, { recursive: true })
    const to = join(root, "stopped.tar")
    assert.equal((await moru("backup", "--to", to, "--data", copy)).status, 0)
    const verified = await moru("verify", to)
    assert.deepEqual([verified.status, verified.said.faults], [0, []], verified.text)
  })

  test("after a restore no write leaves until an engineer allows it; the ledger tells both", async () => {
    const done = await moru("restore", folder, "--data", restored, "--plant", plantFolder)
    assert.equal(done.status, 0, done.text)
    assert.ok(readdirSync(plantFolder).includes("plant.yaml"))
    const twice = await moru("restore", folder, "--data", restored)
    assert.equal((twice.said.problem as { code: string }).code, "option-invalid")
    plant = await startExample({ data: restored, plant: plantFolder, env: plant.env, speed: 20 })
    const kim = await signIn("Kim")
    const lee = await signIn("Lee")
    await until(
      "the machine runs again",
      async () => {
        const { body } = await kim.get<{ path: string; value: unknown; quality: string }[]>(
          `/api/v1/values?pattern=${equipment}/*`,
        )
        const good = (name: string) =>
          body.some(({ path, quality }) => path === `${equipment}/${name}` && quality === "good")
        return good("state") && good("coolant-temperature") && good("cooling-flow-set")
      },
      60_000,
    )
    const write = async (value: number) =>
      (await kim.post<CommandView>("/api/v1/commands", { target, value })).body
    const refused = await write(45)
    assert.equal(refused.state, "refused")
    assert.equal(refused.writes[0]?.outcome.guard, "read-only")
    const { body: state } = await kim.get<{ readOnly: boolean }>("/api/v1/automatic")
    assert.equal(state.readOnly, true)
    const { body: person } =
      await kim.get<{ readonly name: string; id: string }[]>("/api/v1/people")
    const operator = { name: "Park", password, role: "operator" }
    await kim.post("/api/v1/people", operator)
    const park = await signIn("Park")
    const reason = { reason: "machines and files were compared" }
    assert.equal((await park.post("/api/v1/writes/allow", reason)).status, 403)
    assert.equal((await write(45)).state, "refused")
    assert.deepEqual(await written(), [], "the machine itself was told nothing")
    assert.equal((await lee.post("/api/v1/writes/allow", reason)).status, 200)
    assert.equal((await write(45)).state, "done")
    assert.deepEqual(await written(), [45])
    const told = (await records(kim)).toReversed().map(({ kind, by }) => ({ kind, by }))
    const kinds = ["backup.restored", "writes.forbidden", "writes.allowed"]
    assert.deepEqual(
      told.filter(({ kind }) => kinds.includes(kind)),
      [
        { kind: "backup.restored", by: "part:restore" },
        { kind: "writes.forbidden", by: "part:restore" },
        { kind: "writes.allowed", by: person.find(({ name }) => name === "Lee")?.id },
      ],
    )
    assert.deepEqual((await kim.get("/api/v1/ledger/verify")).body, [])
  })

  /** The machine's own log: what it was really told since the start. */
  async function written(): Promise<unknown[]> {
    const truth = await readFile(join(restored, "machines/dc-1/truth.jsonl"), "utf8")
    const lines = truth.split("\n").filter((each) => each !== "")
    return lines
      .map((each) => JSON.parse(each))
      .filter(({ says }) => says === "set point written")
      .map(({ facts }) => facts.value)
  }

  async function signIn(name: string): Promise<Browser> {
    const browser = new Browser(plant.url)
    await browser.open()
    const { status, body } = await browser.post("/api/v1/session", { name, password })
    assert.equal(status, 200, JSON.stringify(body))
    browser.csrf = body.csrf
    return browser
  }
})
