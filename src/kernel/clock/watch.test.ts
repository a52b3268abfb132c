import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { test } from "node:test"
import type { ClockJump } from "../clock.ts"
import { silentLog } from "../log.ts"
import { SimulatedClock } from "./simulated.ts"
import { ClockWatch } from "./watch.ts"

const hourMs = 3_600_000

test("an hour ahead and two hours back are noticed, from when to when; time that passes is no step", async () => {
  const clock = new SimulatedClock(100 * hourMs)
  const jumps: ClockJump[] = []
  const watch = new ClockWatch({
    clock,
    log: silentLog,
    jumped: async (jump) => void jumps.push(jump),
  })
  await watch.start()
  await clock.advance(10 * 60_000)
  assert.deepEqual(jumps, [])
  const ahead = clock.now()
  clock.jump(hourMs)
  await clock.advance(1000)
  const back = clock.now()
  clock.jump(-2 * hourMs)
  await clock.advance(10 * 60_000)
  assert.deepEqual(jumps, [
    { from: ahead + 1000, to: ahead + 1000 + hourMs },
    { from: back + 1000, to: back + 1000 - 2 * hourMs },
  ])
  await watch.stop()
})

test("a step that could not be recorded stops no watch", async () => {
  const clock = new SimulatedClock(0)
  let asked = 0
  const jumped = async () => {
    asked += 1
    throw new Error("the disk is full")
  }
  const watch = new ClockWatch({ clock, log: silentLog, jumped })
  await watch.start()
  for (let i = 0; i < 2; i++) {
    clock.jump(hourMs)
    await clock.advance(1000)
  }
  assert.equal(asked, 2)
  await watch.stop()
})

/** Watches the computer's clock for three looks and prints the steps, in seconds. */
const script = `
import { SystemClock } from ${JSON.stringify(new URL("./system.ts", import.meta.url).href)}
import { ClockWatch } from ${JSON.stringify(new URL("./watch.ts", import.meta.url).href)}
const log = { error() {}, warn() {}, info() {}, debug() {}, of: () => log }
const clock = new SystemClock()
const print = ({ from, to }) => process.stdout.write("step " + Math.round((to - from) / 1000) + "\\n")
const watch = new ClockWatch({ clock, log, jumped: async (jump) => print(jump) })
await watch.start()
process.stdout.write("watching\\n")
process.stdin.once("end", () => watch.stop())
process.stdin.resume()
`

const library = ["x86_64", "aarch64"]
  .map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path))

test("the clock of a real process that is set an hour ahead and two hours back is noticed", {
  skip: library ? false : "faketime is not installed, so no process's clock can be set",
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "moru-clock-"))
  const file = join(folder, "set")
  writeFileSync(file, "+0\n")
  const env = {
    ...process.env,
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    DONT_FAKE_MONOTONIC: "1",
  }
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { env })
  t.after(() => {
    child.kill("SIGKILL")
    rmSync(folder, { recursive: true, force: true })
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  assert.equal((await lines.next()).value, "watching")
  writeFileSync(file, "+3600\n")
  assert.equal((await lines.next()).value, "step 3600")
  writeFileSync(file, "-3600\n")
  assert.equal((await lines.next()).value, "step -7200")
  child.stdin.end()
  assert.deepEqual(await once(child, "exit"), [0, null])
})
