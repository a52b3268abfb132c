import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import type { Decision } from "../../decide/decide.ts"
import type { Author, Command, Write } from "../../model/command.ts"
import type { Path } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { LedgerKind } from "../../store/ledger.ts"
import { flow, hold, Machine, openRig, type Rig, state } from "../testing/rig.ts"

const folders: string[] = []
const rigs: Rig[] = []
after(async () => {
  for (const { store } of rigs) await store.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "moru-gate-"))
  folders.push(folder)
  return folder
}

async function newRig(folder = newFolder(), machine = new Machine()): Promise<Rig> {
  const rig = await openRig(folder, machine)
  rigs.push(rig)
  return rig
}

async function close(rig: Rig): Promise<void> {
  rigs.splice(rigs.indexOf(rig), 1)
  await rig.gate.stop()
  await rig.store.close()
}

const operator: Author = { person: "p-1", role: "operator" }

function command(id: string, writes: readonly Write[], change: Partial<Command> = {}): Command {
  const expiresAt = Date.now() + 60_000
  return { id, by: operator, expiresAt, body: { writes }, ...change }
}

const raise = (id: string, change: Partial<Command> = {}) =>
  command(id, [{ target: flow, value: 50, expect: 40 }], change)

async function kinds(rig: Rig): Promise<LedgerKind[]> {
  return (await rig.store.ledger.list({ limit: 50 })).map(({ kind }) => kind).reverse()
}

async function decide(rig: Rig, change: Partial<Decision> = {}): Promise<string> {
  const [record] = await rig.store.commit({
    records: [
      { kind: "decision.proposed", subject: "s/dc-1", by: "decide:c", causes: [], body: {} },
    ],
    puts: [
      {
        collection: "decision",
        id: "d-1",
        document: {
          id: "d-1",
          decision: {
            id: "d-1",
            decider: "c",
            policy: "approve",
            state: "acting",
            decidedBy: "p-1",
            body: raise("x").body,
            ...change,
          },
        },
      },
    ],
  })
  return record?.id ?? ""
}

test("A set point is written, read back from the machine and recorded with its cause", async () => {
  const rig = await newRig()
  const cause = await decide(rig)
  const result = await rig.gate.submit(raise("c-1", { by: { decider: "c" }, decision: "d-1" }), [
    cause,
  ])
  assert.equal(result.state, "done")
  assert.deepEqual(result.outcomes, [{ state: "done", readBack: 50 }])
  assert.deepEqual(result.before, [40])
  assert.equal(rig.machine.held.get(flow), 50)
  assert.deepEqual(await kinds(rig), ["decision.proposed", "command.issued", "command.done"])
  const chain = await rig.store.ledger.chain(result.record)
  assert.deepEqual(
    chain?.records.map(({ kind }) => kind),
    await kinds(rig),
  )
})

test("The intent is durable before anything reaches the machine", async () => {
  const rig = await newRig()
  let seen: LedgerKind[] = []
  rig.machine.arrived = async () => {
    seen = await kinds(rig)
  }
  await rig.gate.submit(raise("c-1"), [])
  assert.deepEqual(seen, ["command.issued"])
})

test("What a guard refuses never reaches the machine and stands in the ledger in words", async () => {
  const rig = await newRig()
  const result = await rig.gate.submit(command("c-1", [{ target: flow, value: 90 }]), [])
  assert.equal(result.state, "refused")
  assert.deepEqual(rig.machine.received, [])
  assert.deepEqual(await kinds(rig), ["command.refused"])
  const [record] = await rig.store.ledger.list({ limit: 1 })
  assert.match(JSON.stringify(record?.body), /90 L\/min is outside the permitted range 20 to 80/)
})

test("An expired command says so", async () => {
  const rig = await newRig()
  const result = await rig.gate.submit(raise("c-1", { expiresAt: Date.now() - 1 }), [])
  assert.deepEqual([result.state, rig.machine.received.length], ["expired", 0])
})

test("The same command twice is written once and gives the first result, also after a restart", async () => {
  const folder = newFolder()
  const rig = await newRig(folder)
  const both = await Promise.all([
    rig.gate.submit(raise("c-1"), []),
    rig.gate.submit(raise("c-1"), []),
  ])
  const third = await rig.gate.submit(raise("c-1"), [])
  await close(rig)
  const again = await newRig(folder, rig.machine)
  assert.deepEqual(again.gate.result("c-1"), third)
  assert.deepEqual(await again.gate.submit(raise("c-1"), []), third)
  for (const result of both) assert.deepEqual(result, third)
  assert.equal(rig.machine.received.length, 1)
})

test("A decision is carried out once, also by a command of another id after a restart", async () => {
  const folder = newFolder()
  const rig = await newRig(folder)
  await decide(rig)
  const first = await rig.gate.submit(raise("c-1", { decision: "d-1" }), [])
  assert.equal(first.state, "done")
  await close(rig)
  const again = await newRig(folder, rig.machine)
  again.machine.held.set(flow, 40)
  const second = await again.gate.submit(raise("c-2", { decision: "d-1" }), [])
  assert.match(JSON.stringify(second.outcomes), /already carried out by command c-1/)
  assert.equal(rig.machine.received.length, 1)
})

const moods: readonly [Machine["mood"], string, RegExp, string][] = [
  ["refuses", "failed", /out of range/, "the machine refuses"],
  ["is-silent", "unknown", /no answer within 150 ms/, "the machine never answers"],
  ["loses-line", "unknown", /socket closed/, "the line is lost during the write"],
  ["lies", "failed", /written 50, but the machine shows 40/, "it says yes and changes nothing"],
  ["clamps", "failed", /written 50, but the machine shows 45/, "it takes another value"],
  ["is-slow", "done", /"readBack":50/, "it takes the value over a moment later"],
]

for (const [mood, wanted, words, name] of moods)
  test(`A write ends as ${wanted} and is sent once when ${name}`, async () => {
    const rig = await newRig()
    rig.machine.mood = mood
    const result = await rig.gate.submit(raise("c-1"), [])
    assert.equal(result.state, wanted)
    assert.match(JSON.stringify(result.outcomes), words)
    assert.equal(rig.machine.received.length, 1)
    assert.deepEqual(await kinds(rig), ["command.issued", `command.${wanted}`])
  })

test("A write that can't be read back is unknown; reading is tried again, writing never", async () => {
  const rig = await newRig()
  rig.machine.arrived = () => {
    rig.machine.deaf = Number.MAX_SAFE_INTEGER
  }
  const result = await rig.gate.submit(raise("c-1"), [])
  assert.match(JSON.stringify(result.outcomes), /"unknown".*could not be read back/)
  rig.machine.deaf = 0
  rig.machine.arrived = () => {
    rig.machine.deaf = 3
  }
  const second = await rig.gate.submit(command("c-2", [{ target: flow, value: 45 }]), [])
  assert.equal(second.state, "done")
  assert.equal(rig.machine.received.length, 2)
})

test("Somebody else's change between proposal and write is never overwritten", async () => {
  const rig = await newRig()
  rig.machine.held.set(flow, 44)
  const result = await rig.gate.submit(raise("c-1"), [])
  assert.match(JSON.stringify(result.outcomes), /holds 44 L\/min, the command expected 40/)
  assert.equal(rig.machine.received.length, 0)
})

test("A machine that can't be read is not written", async () => {
  const rig = await newRig()
  rig.machine.deaf = Number.MAX_SAFE_INTEGER
  const result = await rig.gate.submit(raise("c-1"), [])
  assert.match(JSON.stringify(result.outcomes), /could not be read from the machine/)
  assert.equal(rig.machine.received.length, 0)
})

test("Writes go in order; after a failure the rest is not tried and the command is partial", async () => {
  const rig = await newRig()
  const writes = [
    { target: flow, value: 50 },
    { target: hold, value: true },
    { target: flow.replace("flow", "other") as Path, value: 1 },
  ]
  assert.equal((await rig.gate.submit(command("c-0", writes), [])).state, "refused")
  assert.equal(rig.machine.received.length, 0)
  rig.machine.arrived = () => {
    if (rig.machine.received.length === 1) rig.machine.mood = "refuses"
  }
  const both = [writes[1], writes[0]].filter((w) => w !== undefined)
  const result = await rig.gate.submit(command("c-1", both), [])
  assert.equal(result.state, "partial")
  assert.deepEqual(
    result.outcomes.map((outcome) => outcome.state),
    ["done", "failed"],
  )
  const third = await rig.gate.submit(command("c-2", both.toReversed()), [])
  assert.deepEqual([third.state, rig.machine.received.length], ["refused", 2])
})

test("A failure in the first write leaves the second untried", async () => {
  const rig = await newRig()
  rig.machine.mood = "refuses"
  const writes = [
    { target: flow, value: 50 },
    { target: hold, value: true },
  ]
  const result = await rig.gate.submit(command("c-1", writes), [])
  assert.equal(result.state, "failed")
  assert.match(JSON.stringify(result.outcomes[1]), /not tried, because write 1 was failed/)
  assert.equal(rig.machine.received.length, 1)
})

test("Commands to one machine go one after the other", async () => {
  const rig = await newRig()
  let inside = 0
  let most = 0
  rig.machine.arrived = async () => {
    most = Math.max(most, ++inside)
    await new Promise((resolve) => setTimeout(resolve, 20))
    inside--
  }
  const results = await Promise.all([
    rig.gate.submit(command("c-1", [{ target: flow, value: 45 }]), []),
    rig.gate.submit(command("c-2", [{ target: hold, value: true }]), []),
    rig.gate.submit(command("c-3", [{ target: flow, value: 50 }]), []),
  ])
  assert.deepEqual(
    results.map((r) => r.state),
    ["done", "done", "done"],
  )
  assert.equal(most, 1)
})

test("An interlock that reports only changes is asked for again when it is old", async () => {
  const rig = await newRig()
  rig.machine.held.set(state, 4)
  await rig.publish(state, 1, quality.bad)
  const bad = await rig.gate.submit(raise("c-1"), [])
  assert.match(JSON.stringify(bad.outcomes), /quality bad/)
  rig.clock.aheadMs = 11_000
  const stopped = await rig.gate.submit(raise("c-2"), [])
  assert.match(JSON.stringify(stopped.outcomes), /wants s\/dc-1\/state = 1, it is 4/)
  rig.machine.held.set(state, 1)
  assert.equal((await rig.gate.submit(raise("c-3"), [])).state, "done")
})

test("A roll-back writes what stood before, under the same guards", async () => {
  const rig = await newRig()
  const done = await rig.gate.submit(raise("c-1"), [])
  const back = await rig.gate.rollBack("c-1", operator)
  assert.equal(back.state, "done")
  assert.equal(rig.machine.held.get(flow), 40)
  const chain = await rig.store.ledger.chain(back.record)
  assert.ok(chain?.records.some(({ id }) => id === done.record))
  const twice = await rig.gate.rollBack("c-1", operator)
  assert.match(JSON.stringify(twice.outcomes), /holds 40 L\/min, the command expected 50/)
  const viewer: Author = { person: "p-2", role: "viewer" }
  assert.equal((await rig.gate.rollBack("c-1", viewer)).state, "refused")
  await assert.rejects(
    rig.gate.rollBack("nothing", operator),
    (thrown) => thrown instanceof Problem && thrown.code === "not-found",
  )
})

test("The switch stops Moru's own writes, leaves a person's, and keeps its place over a restart", async () => {
  const folder = newFolder()
  const rig = await newRig(folder)
  await decide(rig)
  let heard = 0
  rig.gate.onChange(() => {
    heard++
  })
  await rig.gate.stopAutomatic("p-1", "the die is being changed")
  await close(rig)
  const again = await newRig(folder, rig.machine)
  assert.equal(again.gate.automaticStopped, true)
  const own = await again.gate.submit(raise("c-1", { decision: "d-1" }), [])
  assert.match(JSON.stringify(own.outcomes), /all automatic action is stopped/)
  assert.equal((await again.gate.submit(raise("c-2"), [])).state, "done")
  await again.gate.allowAutomatic("p-1", "done")
  assert.equal(again.gate.automaticStopped, false)
  assert.equal(heard, 1)
  const all = await kinds(again)
  assert.ok(all.includes("automatic.stopped") && all.includes("automatic.allowed"))
})

test("The switch also stops what is under way before the next write", async () => {
  const rig = await newRig()
  const writes = [
    { target: flow, value: 50 },
    { target: hold, value: true },
  ]
  await decide(rig, { body: { writes } })
  rig.machine.arrived = () => rig.gate.stopAutomatic("p-1", "no")
  const result = await rig.gate.submit(command("c-1", writes, { decision: "d-1" }), [])
  assert.equal(result.state, "partial")
  assert.deepEqual(
    rig.machine.received.map(({ target }) => target),
    [flow],
  )
})

test("After a restore nobody writes until a person allows it", async () => {
  const rig = await newRig()
  await rig.gate.forbidWrites("restore", "restored from a backup")
  assert.equal((await rig.gate.submit(raise("c-1"), [])).state, "refused")
  await rig.gate.allowWrites("p-1", "compared with the machines")
  assert.equal((await rig.gate.submit(raise("c-2"), [])).state, "done")
})

test("A request to a person is done when that person says so", async () => {
  const rig = await newRig()
  const body = { request: "Clean the filter", to: "operator" } as const
  const open = await rig.gate.submit(command("c-1", [], { body }), [])
  assert.equal(open.state, "refused")
  const confirmed = { ...body, confirmedBy: "p-1" }
  assert.equal((await rig.gate.submit(command("c-2", [], { body: confirmed }), [])).state, "done")
})

if (process.argv[2] === "die-while-writing") {
  const rig = await openRig(process.argv[3] ?? "")
  rig.machine.arrived = () => void process.kill(process.pid, "SIGKILL")
  await rig.gate.submit(raise("c-1"), [])
}

test("Killed between intent and end, the command is unknown after the restart and never sent again", async () => {
  const folder = newFolder()
  const child = spawn(process.execPath, [import.meta.filename, "die-while-writing", folder], {
    stdio: "ignore",
    env: { ...process.env, NODE_TEST_CONTEXT: "" },
  })
  const [, signal] = await once(child, "exit")
  assert.equal(signal, "SIGKILL")
  const rig = await newRig(folder)
  const result = rig.gate.result("c-1")
  assert.equal(result?.state, "unknown")
  assert.match(JSON.stringify(result?.outcomes), /stopped between the intent and the end/)
  assert.deepEqual(await kinds(rig), ["command.issued", "command.unknown"])
  const chain = await rig.store.ledger.chain(result?.record ?? "")
  assert.equal(chain?.records.length, 2)
  assert.deepEqual(await rig.gate.submit(raise("c-1"), []), result)
  assert.equal(rig.machine.received.length, 0)
})
