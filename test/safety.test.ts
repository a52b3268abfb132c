// What nobody may bring a running Moru to do, tried over HTTP at a real server with a machine in another process.
import assert from "node:assert/strict"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { request } from "node:http"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import { type Line, startLine } from "../src/connect/testing/line.ts"
import type {
  AutomaticView,
  CertificateView,
  CommandView,
  DecisionView,
  DeviceView,
  LedgerView,
  PlantView,
  ProblemBody,
  ValueView,
} from "../src/serve/api.ts"
import type { Browser } from "../src/serve/testing/browser.ts"
import { giveOrder } from "../src/twin/machines/control-client.ts"
import type { FaultName, Truth } from "../src/twin/twin.ts"
import { type Example, startExample } from "./support/example.ts"
import { freePort } from "./support/free-port.ts"
import { PlantFolder } from "./support/plant-folder.ts"
import { until } from "./support/until.ts"
import { read, type Visitors, visitorsOf } from "./support/visitors.ts"

const speed = 60
const dc1 = "hwaseong/casting/line-1/dc-1"
const flow = `${dc1}/cooling-flow-set`
const hold = `${dc1}/hold-next-cycle`
/** What a decision wrote and its roll-back. */
const taken = [50, 40]
/** How a WriteRequest begins on the wire: node id i=673 in four bytes (OPC 10000-6, 5.2.2.9). */
const writeRequest = Buffer.from([0x01, 0x00, 0xa1, 0x02])

suite("what stands between anybody and the machine", () => {
  let folder: PlantFolder
  let data: string
  let line: Line
  let plant: Example
  let people: Visitors

  before(async () => {
    const [machine, control] = [await freePort(), await freePort()]
    const env = {
      ...process.env,
      MORU_DC1_PORT: String(machine),
      MORU_DC1_CONTROL_PORT: String(control),
    }
    line = await startLine(machine)
    folder = await PlantFolder.open()
    await prepare(folder, { line: line.port, machine })
    data = await mkdtemp(join(tmpdir(), "moru-safety-"))
    plant = await startExample({ plant: folder.path, data, env, speed })
    people = await visitorsOf(plant)
    await until("the machine is seen", async () => (await latest(flow)) === 40)
  })

  after(async () => {
    await plant?.stop()
    await line?.[Symbol.asyncDispose]()
    await folder?.remove()
    await rm(data, { recursive: true, force: true })
  })

  const deviceAt = async (name: string): Promise<DeviceView | undefined> =>
    (await read<DeviceView[]>(people.viewer, "devices")).find(({ device }) => device === name)
  const latest = async (path: string) =>
    (await read<ValueView[]>(people.viewer, `values?pattern=${path}`))[0]?.value
  const fault = (name: FaultName, state: "on" | "off") =>
    giveOrder(Number(plant.env.MORU_DC1_CONTROL_PORT), { fault: name, state })
  /** The machine's own log: what it was really told. */
  const written = async (address: string) => {
    const text = await readFile(join(data, "machines/dc-1/truth.jsonl"), "utf8")
    const lines = text.split("\n").filter((each) => each !== "")
    return lines
      .map((each): Truth => JSON.parse(each))
      .filter(({ says, facts }) => says === "set point written" && facts.address === address)
      .map(({ facts }) => facts.value)
  }
  /** The guard that refused it, or what became of it; an HTTP status where it came to no command. */
  const tell = async (who: Browser, wish: object): Promise<string | number> => {
    const { status, body } = await who.post<CommandView>("/api/v1/commands", wish)
    return status === 200 ? (body.writes[0]?.outcome.guard ?? body.state) : status
  }
  const operate = (wish: object) => tell(people.operator, wish)
  const proposed = (decider: string) =>
    until(`${decider} proposes`, async () => {
      const open = await read<DecisionView[]>(people.viewer, "decisions?state=proposed")
      return open.find((decision) => decision.decider === decider)
    })
  const inState = (id: string, wanted: string) =>
    until(`the decision is ${wanted}`, async () => {
      const seen = await read<DecisionView>(people.viewer, `decisions/${id}`)
      return seen.state === wanted && seen
    })
  /** The set point's least interval counts from the last write, which an earlier test may have made a moment ago. */
  const mayBeWrittenAgain = async (path: string) => {
    const { now, tags } = await read<PlantView>(people.viewer, "plant")
    const waitMs = tags.find((tag) => tag.path === path)?.writable?.minIntervalMs
    assert(waitMs, `${path} has a least interval`)
    await until(
      `${path} may be written again`,
      async () => (await read<PlantView>(people.viewer, "plant")).now > now + waitMs,
    )
  }
  const act = (who: Browser, id: string, verb: string) =>
    who.post<DecisionView & ProblemBody>(`/api/v1/decisions/${id}/${verb}`)

  test("who is not signed in reads the example and changes nothing", async () => {
    assert.equal(await latest(flow), 40)
    assert.equal((await people.guest.get(`/api/v1/values?pattern=${flow}`)).status, 200)
    assert.equal(await tell(people.guest, { target: flow, value: 45 }), 401)
    assert.equal(await tell(people.viewer, { target: flow, value: 45 }), 403)
    const stop = { stopped: true, reason: "x" }
    assert.equal((await people.guest.post("/api/v1/automatic", stop)).status, 401)
    assert.equal((await people.viewer.post("/api/v1/automatic", stop)).status, 403)
  })

  test("a request that another page could have sent is turned away", async () => {
    const wish = { target: flow, value: 45 }
    const { cookie } = people.operator
    assert(cookie)
    const csrf = { "x-csrf-token": people.operator.csrf }
    const knock = (headers: Record<string, string>) =>
      knockAt(plant.url, { cookie, ...headers }, JSON.stringify(wish))
    assert.equal(await knock({}), 400)
    assert.equal(await knock({ "x-csrf-token": people.viewer.csrf }), 400)
    assert.equal(await knock({ ...csrf, origin: "http://evil.example" }), 400)
    assert.equal(await knock({ ...csrf, host: "evil.example" }), 400)
    assert.equal(await knock({ ...csrf, "content-type": "text/plain" }), 400)
    assert.deepEqual(await written("Coolant.FlowSet"), [])
  })

  test("with all automatic action stopped an approved decision is not carried out", async () => {
    await fault("cooling-clog", "on")
    const { id } = await proposed("dc-1-cooling")
    const turn = (who: Browser, stopped: boolean) =>
      who.post<AutomaticView>("/api/v1/automatic", { stopped, reason: "a test" })
    assert.equal((await turn(people.operator, true)).status, 200)
    assert.equal((await act(people.viewer, id, "approve")).status, 403)
    assert.equal((await act(people.operator, id, "approve")).status, 200)
    const { command } = await inState(id, "failed")
    assert.equal(command?.writes[0]?.outcome.guard, "automatic")
    assert.equal((await turn(people.operator, false)).status, 403)
    assert.equal((await turn(people.engineer, false)).body.stopped, false)
    assert.deepEqual(await written("Coolant.FlowSet"), [])
  })

  test("nobody can approve a decision that has expired", async () => {
    const { id } = await proposed("dc-1-cooling")
    await inState(id, "expired")
    const { status, body } = await act(people.operator, id, "approve")
    assert.deepEqual([status, body.code], [409, "decision-closed"])
  })

  test("two people approve at the same moment, and the machine is told once", async () => {
    const { id } = await proposed("dc-1-cooling")
    const both = [people.operator, people.engineer].map((who) => act(who, id, "approve"))
    const statuses = (await Promise.all(both)).map(({ status }) => status)
    assert.deepEqual(statuses.toSorted(), [200, 409])
    await inState(id, "done")
    assert.deepEqual(await written("Coolant.FlowSet"), [50])
    const took = await until("it is taken back", async () => {
      const { status, body } = await act(people.operator, id, "roll-back")
      return status === 200 && body
    })
    assert.equal(took.state, "rolled-back")
    assert.equal((await act(people.operator, id, "roll-back")).status, 409)
    assert.deepEqual(await written("Coolant.FlowSet"), taken)
    await fault("cooling-clog", "off")
  })

  test("an unknown certificate waits until an engineer trusts it", async () => {
    const waiting = await until("it is shown", async () => {
      const shown = await read<CertificateView[]>(people.viewer, "certificates")
      return shown.find(({ device, state }) => device === "dc-2" && state === "waiting")
    })
    const device = await deviceAt("dc-2")
    assert.notEqual(device?.state, "connected")
    assert.equal(device?.problem?.code, "certificate-untrusted")
    const { fingerprint } = waiting
    const trust = (who: Browser) => who.post("/api/v1/certificates/trust", { fingerprint })
    assert.equal((await trust(people.operator)).status, 403)
    assert.equal((await trust(people.engineer)).status, 204)
    await until("it is connected", async () => (await deviceAt("dc-2"))?.state === "connected")
  })

  for (const [what, wish, wanted] of [
    ["above the permitted range", { target: flow, value: 80.1 }, "range"],
    ["below the permitted range", { target: flow, value: 19 }, "range"],
    ["endless", { target: flow, value: "Infinity" }, "kind"],
    ["of another kind", { target: flow, value: true }, "kind"],
    ["a step too far", { target: flow, value: 56 }, "step"],
    ["for who expects another present value", { target: flow, value: 45, expect: 41 }, "expect"],
    ["for what is measured, not set", { target: `${dc1}/cooling-flow`, value: 45 }, "target"],
    ["for what nobody knows", { target: `${dc1}/nothing`, value: 45 }, "target"],
    ["for what is no path", { target: "../../etc", value: 45 }, 400],
    ["with a key that nobody knows", { target: flow, value: 45, force: true }, 400],
    ["of nothing", { target: flow, value: null }, 400],
  ] as const)
    test(`a set point ${what} does not reach the machine`, async () => {
      const became = await until("the pause between writes is over", async () => {
        const outcome = await operate(wish)
        return outcome !== "interval" && outcome
      })
      assert.equal(became, wanted)
      assert.deepEqual(await written("Coolant.FlowSet"), taken)
    })

  for (const value of ["NaN", "1e999", "-1e999"])
    test(`the set point ${value} does not reach the machine`, async () => {
      const { cookie = "", csrf } = people.operator
      const headers = { cookie, "x-csrf-token": csrf }
      const body = `{"target":"${flow}","value":${value}}`
      assert.equal(await knockAt(plant.url, headers, body), 400)
      assert.deepEqual(await written("Coolant.FlowSet"), taken)
    })

  test("a set point is written once, and not again too soon", async () => {
    assert.equal(await operate({ target: flow, value: 45, expect: 40 }), "done")
    assert.equal(await operate({ target: flow, value: 50 }), "interval")
    assert.deepEqual(await written("Coolant.FlowSet"), [...taken, 45])
    await until(
      "it may be set again",
      async () => (await operate({ target: flow, value: 40 })) === "done",
    )
    assert.deepEqual(await written("Coolant.FlowSet"), [...taken, 45, 40])
  })

  test("a machine that stands idle keeps its set point", async () => {
    assert.equal(await operate({ target: hold, value: true }), "done")
    await until("it is idle", async () => (await latest(`${dc1}/state`)) === 2)
    await until(
      "its interlock refuses",
      async () => (await operate({ target: flow, value: 45 })) === "interlock",
    )
    await until(
      "it is let go",
      async () => (await operate({ target: hold, value: false })) === "done",
    )
    await until("it runs", async () => (await latest(`${dc1}/state`)) === 1)
    assert.deepEqual(await written("Coolant.FlowSet"), [...taken, 45, 40])
  })

  test("what was refused stands in the ledger, under who wanted it", async () => {
    const refused = await read<LedgerView[]>(people.viewer, "ledger?kinds=command.refused")
    const byHand = refused.filter(({ by }) => !by.startsWith("decide:"))
    assert(byHand.length > 8)
    assert.deepEqual(new Set(byHand.map(({ byName }) => byName)), new Set(["the operator"]))
  })

  test("a kill in the middle of a write leaves it unknown, and it is never sent again", async () => {
    await fault("hydraulic-leak", "on")
    const { id } = await proposed("dc-1-hold")
    await mayBeWrittenAgain(hold)
    const before = await written("HoldNextCycle")
    line.deadenAfter(writeRequest)
    assert.equal((await act(people.operator, id, "approve")).status, 200)
    const told = [...before, true]
    await until(
      "the machine is told",
      async () => (await written("HoldNextCycle")).length > before.length,
    )
    const { state, command } = await read<DecisionView>(people.viewer, `decisions/${id}`)
    assert.deepEqual([state, command], ["acting", undefined])
    plant.child.kill("SIGKILL")
    await until("the machine went with it", () => isFree(Number(plant.env.MORU_DC1_PORT)))
    line.mend()
    plant = await startExample({ plant: folder.path, data, env: plant.env, speed })
    people = await visitorsOf(plant)
    const after = await inState(id, "failed")
    assert.equal(after.command?.state, "unknown")
    assert.equal((await act(people.operator, id, "approve")).status, 409)
    await until(
      "the machine is connected",
      async () => (await deviceAt("dc-1"))?.state === "connected",
    )
    await until("its value is seen again", async () => (await latest(hold)) !== undefined)
    assert.deepEqual(await written("HoldNextCycle"), told)
    const [unknown] = await read<LedgerView[]>(people.viewer, "ledger?kinds=command.unknown")
    const [issued] = await read<LedgerView[]>(people.viewer, `ledger?kinds=command.issued`)
    assert.equal(unknown?.causes[0], issued?.id)
    assert.deepEqual(await read(people.viewer, "ledger/verify"), [])
  })
})

/** The machine behind a line that can go dead, a second device on the secured line, and hasty deciders. */
async function prepare(folder: PlantFolder, port: { line: number; machine: number }) {
  const files: readonly (readonly [file: string, from: string, to: string])[] = [
    [
      "devices.yaml",
      `"opc.tcp://127.0.0.1:\${env:MORU_DC1_PORT:-48401}"`,
      `opc.tcp://127.0.0.1:${port.line}`,
    ],
    ["devices.yaml", "      mould:", "      security: [none, sign-and-encrypt]\n      mould:"],
    ["devices.yaml", "machines:", secured.replace("PORT", String(port.machine))],
    ["plant.yaml", "device: dc-1\n", second],
    ["decisions.yaml", "gain: -1.5", "gain: -1.5\n      pause: 1min\n      expires: 10min"],
    [
      "decisions.yaml",
      "hold-next-cycle\n      run: 3",
      "hold-next-cycle\n      run: 1\n      warm-up: 0\n      expires: 5h",
    ],
  ]
  for (const edit of files) await folder.edit(...edit)
}

const secured = `  dc-2:
    connector: opcua
    options:
      endpoint: opc.tcp://127.0.0.1:PORT
      security: sign-and-encrypt

machines:`

const second = `device: dc-1
              dc-2:
                level: unit
                name: Die caster 2
                type: moru/dcm-350
                device: dc-2
`

/** A request with headers that \`fetch\` doesn't let through; gives the status. */
function knockAt(url: string, headers: Record<string, string>, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const all = { "content-type": "application/json", ...headers }
  request(`${url}/api/v1/commands`, { method: "POST", headers: all }, (response) => {
    response.resume()
    resolve(response.statusCode ?? 0)
  })
    .on("error", reject)
    .end(body)
  return promise
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, "127.0.0.1", () => resolve(false)).on("error", () => resolve(true))
  return promise.finally(() => socket.destroy())
}
