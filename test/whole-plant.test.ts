// The plant of `npm start`: every machine by its own protocol; one that dies disturbs no other; a person's counts count.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { after, before, suite, test } from "node:test"
import type { Browser } from "../src/serve/testing/browser.ts"
import { firstAdministrator } from "./support/closed-loop.ts"
import { type Example, startExample, wholePlant } from "./support/example.ts"
import { until } from "./support/until.ts"

const skip =
  process.platform === "linux" ? false : "SKIPPED ALOUD: finds the machines' processes in /proc"

interface DeviceView {
  readonly device: string
  readonly connector: string
  readonly state: string
  readonly samples: number
  readonly reconnects: number
  readonly problem?: { readonly message: string }
}

suite("the whole plant", { skip }, () => {
  let plant: Example
  let person: Browser
  before(async () => {
    plant = await startExample({ plant: wholePlant, seed: 7, speed: 20 })
    person = await firstAdministrator(plant, "Kim")
  })
  after(() => plant?.stop())

  const api = async <T>(path: string) =>
    (await (await fetch(`${plant.url}/api/v1/${path}`)).json()) as T
  const devices = () => api<DeviceView[]>("devices")
  const device = async (name: string) => (await devices()).find((d) => d.device === name)
  const value = async (path: string) => {
    const values = await api<{ path: string; value: unknown }[]>("values")
    return values.find((v) => v.path === path)?.value
  }

  test("every machine is connected by its own protocol and tells its values", async () => {
    await until(
      "all are connected",
      async () => {
        const all = await devices()
        const silent = all.filter(
          ({ state, samples, connector }) =>
            state !== "connected" || (samples === 0 && connector !== "manual"),
        )
        return silent.length === 0 && all.length > 0
      },
      90_000,
    )
    const used = new Set((await devices()).map(({ connector }) => connector))
    for (const connector of ["opcua", "modbus", "manual", "sparkplug", "mtconnect"])
      assert(used.has(connector), `${connector} is used`)
  })

  test("a machine that dies disturbs no other, and comes back", async () => {
    const before = await devices()
    process.kill(machineOf(plant.child.pid ?? 0, "lt-1"), "SIGKILL")
    await until(
      "it is back",
      async () => {
        const seen = await device("lt-1")
        return seen?.state === "connected" && seen.reconnects > 0
      },
      60_000,
    )
    for (const { device: name, reconnects } of before.filter((d) => d.device !== "lt-1"))
      assert.equal((await device(name))?.reconnects, reconnects, name)
  })

  test("parts reach the leak tester: its count grows", async () => {
    const counter = "hwaseong/inspection/lt-1/test-counter"
    await until("tests are counted", async () => Number(await value(counter)) > 2, 120_000)
  })

  test("what a person counts at the inspection is a value like any other, and the ledger says whose", async () => {
    const path = "hwaseong/inspection/vi-1/good"
    const { status, body } = await person.post("/api/v1/entries", {
      entries: [{ path, value: 48 }],
    })
    assert.equal(status, 200, JSON.stringify(body))
    await until("the value is there", async () => (await value(path)) === 48)
    const ledger = await api<{ kind: string; subject: string }[]>("ledger")
    const made = ledger.filter(({ kind }) => kind === "entry.made")
    assert.deepEqual(
      made.map(({ subject }) => subject),
      [path],
    )
  })
})

/** The process of a simulated machine beneath Moru's. */
function machineOf(parent: number, name: string): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8")
  for (const pid of children.trim().split(" ").map(Number)) {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")
    if (args.includes(`--name=${name}`)) return pid
  }
  throw new Error(`no process of ${name}`)
}
