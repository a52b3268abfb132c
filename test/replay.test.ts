// A recording goes through the real command: another process serves it over OPC UA, and Moru is killed on the way.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { appendFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, suite, test } from "node:test"
import { setTimeout as pause } from "node:timers/promises"
import { SystemClock } from "../src/kernel/clock/system.ts"
import { nodeFiles } from "../src/kernel/files/node.ts"
import { silentLog } from "../src/kernel/log.ts"
import { seededRandom } from "../src/kernel/random.ts"
import { openStore } from "../src/store/sqlite/store.ts"
import { faultyFiles } from "./support/faulty-files.ts"
import { makeRecording } from "./support/recording.ts"

const seed = Number(process.env.MORU_SEED ?? 7)
const folders: string[] = []

after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

interface Result {
  readonly shots: number
  readonly values: number
  readonly stored: number
  readonly refused: number
  readonly lost: number
  readonly duplicates: number
  readonly decisions: number
}

interface Run {
  readonly data?: string
  readonly speed?: number
  /** So long after its first shots are durable, */
  readonly endAfterMs?: number
  /** it is ended so; by default with SIGKILL. */
  readonly signal?: NodeJS.Signals
}

/** Runs the command. */
async function replay(folder: string, options: Run = {}) {
  const { data, speed = "max", endAfterMs } = options
  const args = ["src/main.ts", "replay", folder, "--speed", String(speed)]
  if (endAfterMs === undefined) args.push("--json")
  if (data) args.push("--data", data)
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] })
  const seen = { out: "", err: "" }
  const begun = Promise.withResolvers<void>()
  child.stdout.on("data", (chunk) => {
    seen.out += chunk
    if (/shots are durable/.test(seen.out)) begun.resolve()
  })
  child.stderr.on("data", (chunk) => {
    seen.err += chunk
  })
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve))
  if (endAfterMs !== undefined) {
    await Promise.race([begun.promise, exited])
    await Promise.race([pause(endAfterMs), exited])
    child.kill(options.signal ?? "SIGKILL")
  }
  const code = await exited
  return { code, ...seen }
}

function resultOf(out: string): Result {
  return JSON.parse(out.trim().split("\n").at(-1) ?? "")
}

/** What the command counted, and how it ended. */
async function counted(folder: string, options: Run = {}) {
  const { out, err, code } = await replay(folder, options)
  const { shots, values, stored, refused, lost, duplicates } = resultOf(out)
  return { counts: { shots, values, stored, refused, lost, duplicates, code }, err }
}

/** Everything is stored but what is refused. */
function whole({ shots, values, refused }: { shots: number; values: number; refused: number }) {
  return { shots, values, stored: values - refused, refused, lost: 0, duplicates: 0, code: 0 }
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "moru-replay-test-"))
  folders.push(folder)
  return folder
}

suite("a recording", () => {
  test("arrives whole: wrong cells are refused with their place, everything else is stored", async () => {
    const made = await makeRecording({ moulds: 2, rows: 1500, seed })
    folders.push(made.folder)
    const { counts, err } = await counted(made.folder)
    assert.deepEqual(counts, whole({ ...made, refused: made.wrong }))
    assert(made.wrong > 0)
    assert.match(err, /refused: test_group_1001\.csv:\d+: \w+, got "오류", expected a number/)
  })

  test("with all that is wrong in real files loses nothing but what it names", async () => {
    const folder = await newFolder()
    const made = faultyFiles()
    for (const { name, bytes } of made) await writeFile(join(folder, name), bytes)
    await writeFile(join(folder, "notes.csv"), "not a recording")
    const { counts, err } = await counted(folder)
    for (const { says = [] } of made) for (const line of says) assert.match(err, line)
    const sum = (key: "shots" | "values" | "refused") =>
      made.reduce((total, file) => total + file[key], 0)
    assert.equal(
      err.match(/^refused: .+:\d+: .+, got ".+", expected a number$/gm)?.length,
      sum("refused"),
    )
    assert.deepEqual(
      counts,
      whole({ shots: sum("shots"), values: sum("values"), refused: sum("refused") }),
    )
  })

  test("at a pace is stopped by Ctrl-C, goes on from there, and its folder takes no other", async () => {
    const made = await makeRecording({ moulds: 2, rows: 300, seed })
    const data = await newFolder()
    folders.push(made.folder)
    // 300 minutes in 6 seconds.
    const stopped = { data, speed: 3000, endAfterMs: 500, signal: "SIGINT" } as const
    const { code, err } = await replay(made.folder, stopped)
    assert.equal(code, 130)
    assert.match(err, /stopped; the same command goes on from here/)
    const all = whole({ ...made, refused: made.wrong })
    assert.deepEqual((await counted(made.folder, { data, speed: 6000 })).counts, all)
    assert.deepEqual((await counted(made.folder, { data })).counts, all, "run again when complete")
    const [file = ""] = await readdir(made.folder)
    await appendFile(join(made.folder, file), "1,2019-03-01,00:00:00,1,가동,720,320,48,0,\r\n")
    const other = await replay(made.folder, { data })
    assert.equal(other.code, 1)
    assert.match(JSON.parse(other.out).problem.what, /which holds something else/)
  })

  test("gets advice whose effect cannot be measured, because nothing can be written to it", async () => {
    const folder = await newFolder()
    const data = await newFolder()
    const rows = Array.from({ length: 60 }, (_, i) => {
      const minute = String(i).padStart(2, "0")
      return `2019-01-02 08:${minute}:00,${i >= 50 ? 1 : 0},${700 + (i % 7)}`
    })
    const text = ["datetime,passorfail,molten_temp", ...rows].join("\n")
    await writeFile(join(folder, "x_group_1.csv"), text)
    const { decisions } = resultOf((await replay(folder, { data })).out)
    assert(decisions > 0, "bad shots in a row lead to a decision")
    const clock = new SystemClock()
    const store = await openStore({
      folder: data,
      node: "replay",
      clock,
      files: nodeFiles,
      log: silentLog,
    })
    const records = await store.ledger.list({ limit: 1000 })
    await store.close()
    const kinds = Map.groupBy(records, ({ kind }) => kind)
    assert.equal(kinds.get("effect.not-measurable")?.length, decisions)
    assert.equal(kinds.get("decision.proposed")?.length, decisions)
    const said = [...kinds.keys()].filter((kind) => /^(command|decision)\./.test(kind))
    assert.deepEqual(said, ["decision.proposed"], "nothing was approved, nothing commanded")
  })

  test("killed at 20 random moments, every shot is there once", async (t) => {
    const made = await makeRecording({ moulds: 3, rows: 12_000, seed: seed + 1 })
    const data = await mkdtemp(join(tmpdir(), "moru-killed-"))
    folders.push(made.folder, data)
    const random = seededRandom(seed)
    t.diagnostic(`seed ${seed}`)
    let cut = 0
    for (let kill = 0; kill < 20; kill++) {
      const { code } = await replay(made.folder, { data, endAfterMs: random.next() * 250 })
      if (code === null) cut++
    }
    const { counts } = await counted(made.folder, { data })
    assert.deepEqual(counts, whole({ ...made, refused: made.wrong }))
    assert(cut >= 15, `only ${cut} of 20 runs were cut`)
  })
})
