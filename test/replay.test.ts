// A recording goes through the real command: another process serves it over OPC UA, and Moru is killed on the way.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, suite, test } from "node:test"
import { setTimeout as pause } from "node:timers/promises"
import { seededRandom } from "../src/kernel/random.ts"
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
}

/** Runs the command; with `killAfterMs`, kills it so long after its first shots are durable. */
async function replay(folder: string, options: { data?: string; killAfterMs?: number } = {}) {
  const args = ["src/main.ts", "replay", folder, "--speed", "max"]
  if (options.killAfterMs === undefined) args.push("--json")
  if (options.data) args.push("--data", options.data)
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
  if (options.killAfterMs !== undefined) {
    await Promise.race([begun.promise, exited])
    await Promise.race([pause(options.killAfterMs), exited])
    child.kill("SIGKILL")
  }
  const code = await exited
  return { code, ...seen }
}

function resultOf(out: string): Result {
  return JSON.parse(out.trim().split("\n").at(-1) ?? "")
}

suite("a recording", () => {
  test("arrives whole: wrong cells are refused with their place, everything else is stored", async () => {
    const made = await makeRecording({ moulds: 2, rows: 1500, seed })
    folders.push(made.folder)
    const { out, err, code } = await replay(made.folder)
    const { shots, values, stored, refused, lost, duplicates } = resultOf(out)
    assert.deepEqual(
      { shots, values, stored, refused, lost, duplicates, code },
      {
        shots: made.shots,
        values: made.values,
        stored: made.values - made.wrong,
        refused: made.wrong,
        lost: 0,
        duplicates: 0,
        code: 0,
      },
    )
    assert(made.wrong > 0)
    assert.match(err, /refused: test_group_1001\.csv:\d+: \w+, got "오류", expected a number/)
  })

  test("killed at 20 random moments, every shot is there once", async (t) => {
    const made = await makeRecording({ moulds: 3, rows: 12_000, seed: seed + 1 })
    const data = await mkdtemp(join(tmpdir(), "moru-killed-"))
    folders.push(made.folder, data)
    const random = seededRandom(seed)
    t.diagnostic(`seed ${seed}`)
    let cut = 0
    for (let kill = 0; kill < 20; kill++) {
      const { code } = await replay(made.folder, { data, killAfterMs: random.next() * 250 })
      if (code === null) cut++
    }
    const { shots, stored, refused, lost, duplicates } = resultOf(
      (await replay(made.folder, { data })).out,
    )
    assert.deepEqual(
      { shots, stored, refused, lost, duplicates },
      {
        shots: made.shots,
        stored: made.values - made.wrong,
        refused: made.wrong,
        lost: 0,
        duplicates: 0,
      },
    )
    assert(cut >= 15, `only ${cut} of 20 runs were cut`)
  })
})
