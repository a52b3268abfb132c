// The plant's files are edited while a real Moru runs on them: what is taken over, what waits, what is refused.
import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import type {
  AlarmView,
  CommandView,
  DecisionView,
  FindingView,
  LedgerView,
  PendingChange,
  PlantView,
  TagView,
  ValueView,
} from "../src/serve/api.ts"
import type { PointsView } from "../src/serve/points.ts"
import { giveOrder } from "../src/twin/machines/control-client.ts"
import type { FaultName } from "../src/twin/twin.ts"
import { type Example, startExample } from "./support/example.ts"
import { PlantFolder } from "./support/plant-folder.ts"
import { until } from "./support/until.ts"
import { read, type Visitors, visitorsOf } from "./support/visitors.ts"

const speed = 60
const dc1 = "hwaseong/casting/line-1/dc-1"
const type = "equipment/moru/dcm-350.yaml"
const flowSet = `${dc1}/cooling-flow-set`

type Edit = readonly [file: string, from: string, to: string]

interface HealthView {
  readonly state: string
  readonly parts: readonly unknown[]
}

interface ConfigBody {
  readonly diff?: string
  readonly changes?: readonly { readonly class: string; readonly what: string }[]
  readonly problems?: readonly { readonly code: string; readonly where: string }[]
}

suite("a plant's files change while it runs", () => {
  let folder: PlantFolder
  let data: string
  let plant: Example
  let people: Visitors

  before(async () => {
    folder = await PlantFolder.open()
    data = await mkdtemp(join(tmpdir(), "moru-config-change-"))
    plant = await startExample({ plant: folder.path, speed, data })
    people = await visitorsOf(plant)
  })

  after(async () => {
    await plant?.stop()
    await rm(data, { recursive: true, force: true })
    await folder?.remove()
  })

  const tagAt = async (path: string): Promise<TagView | undefined> => {
    const { tags } = await read<PlantView>(people.viewer, "plant")
    return tags.find((tag) => tag.path === path)
  }
  const records = (kind: string): Promise<(LedgerView & { body: ConfigBody })[]> =>
    read(people.viewer, `ledger?kinds=${kind}`)
  /** Edits a file and waits for what the ledger says to it; gives the record and the way back. */
  const change = async (kind: string, ...edit: Edit) => {
    const known = (await records(kind)).length
    const undo = await folder.edit(...edit)
    const [newest] = await until(`${kind} stands in the ledger`, async () => {
      const found = await records(kind)
      return found.length > known && found
    })
    assert(newest)
    return { ...newest, undo }
  }
  const health = () => read<HealthView>(people.viewer, "health")
  const undone = async (undo: () => Promise<void>) => {
    await undo()
    await until("all is well again", async () => (await health()).state === "running")
  }
  const latest = async (path: string): Promise<ValueView | undefined> =>
    (await read<ValueView[]>(people.viewer, `values?pattern=${path}`))[0]
  const fault = (name: FaultName, state: "on" | "off") =>
    giveOrder(Number(plant.env.MORU_DC1_CONTROL_PORT), { fault: name, state })
  /** The guard that refused it, or what became of it. */
  const setFlow = async (value: number) => {
    const wish = { target: flowSet, value }
    const { body } = await people.operator.post<CommandView>("/api/v1/commands", wish)
    return body.writes[0]?.outcome.guard ?? body.state
  }

  test("a limit holds at once, and its diff stands in the ledger", async () => {
    const from = "{ side: high, at: 745"
    const { by, body } = await change("config.changed", type, from, from.replace("745", "690"))
    assert.equal(by, "kernel:config")
    assert.match(body.diff ?? "", /^-.*at: 745.*\n\+.*at: 690/m)
    assert.deepEqual(classesIn(body), ["safe"])
    const tag = await tagAt(`${dc1}/molten-temperature`)
    assert.equal(tag?.limits.find(({ side }) => side === "high")?.at, 690)
    await until("the alarm is raised", async () => {
      const alarms = await read<AlarmView[]>(people.viewer, "alarms")
      return alarms.some(({ id, state }) => /molten-temperature/.test(id) && state !== "normal")
    })
  })

  test("a decider proposes by its new options", async () => {
    await change("config.changed", "decisions.yaml", "step: 10", "step: 5")
    await fault("cooling-clog", "on")
    const decision = await until("more cooling is proposed", async () => {
      const decisions = await read<DecisionView[]>(people.viewer, "decisions")
      return decisions.find(({ kind }) => kind === "set-point")
    })
    await fault("cooling-clog", "off")
    assert.deepEqual(
      decision.writes.map(({ target, value }) => [target, value]),
      [[flowSet, 45]],
    )
  })

  test("an analyser finds by its new options", async () => {
    const options = "options: { run: 3 }"
    await change("config.changed", "decisions.yaml", options, options.replace("3", "1"))
    await fault("hydraulic-leak", "on")
    const finding = await until("a bad shot is a finding", async () => {
      const findings = await read<FindingView[]>(people.viewer, "findings")
      return findings.find(({ kind }) => kind === "bad-run")
    })
    await fault("hydraulic-leak", "off")
    assert.match(JSON.stringify(finding.title), /1 bad cycles in a row/)
  })

  test("a wider permitted range waits, and the gate keeps to the old one", async () => {
    const { body } = await change("config.waiting", type, "max: 80", "max: 90")
    assert.deepEqual(classesIn(body), ["waits"])
    assert.equal((await tagAt(flowSet))?.writable?.max, 80)
    assert.equal(await setFlow(85), "range")
    const [waiting] = await read<PendingChange[]>(people.viewer, "changes")
    assert.match(waiting?.because ?? "", /cooling-flow-set: writable: max 80 -> 90/)
    const confirm = `/api/v1/changes/${waiting?.id}/confirm`
    assert.equal((await people.operator.post(confirm)).status, 403)
    assert.equal((await people.guest.post(confirm)).status, 401)
  })

  test("it waits over a restart too", async () => {
    assert.equal(await plant.stop(), 0)
    plant = await startExample({ plant: folder.path, speed, data, env: plant.env })
    people = await visitorsOf(plant)
    assert.equal((await read<PendingChange[]>(people.viewer, "changes")).length, 1)
    assert.equal((await tagAt(flowSet))?.writable?.max, 80)
    assert.equal(await setFlow(85), "range")
  })

  test("an engineer's confirmation puts it in force, under their name", async () => {
    const [waiting] = await read<PendingChange[]>(people.viewer, "changes")
    const { status } = await people.engineer.post(`/api/v1/changes/${waiting?.id}/confirm`)
    assert.equal(status, 204)
    assert.equal((await tagAt(flowSet))?.writable?.max, 90)
    assert.deepEqual(await read(people.viewer, "changes"), [])
    const [confirmed] = await records("config.confirmed")
    const [waited] = await records("config.waiting")
    assert.equal(confirmed?.byName, "the engineer")
    assert.deepEqual(confirmed?.causes, [waited?.id])
    for (const value of [55, 70, 85])
      await until(`the flow is ${value}`, async () => (await setFlow(value)) === "done")
  })

  test("a mistake is told with its line and column, and everything goes on", async () => {
    const at = (await read<PlantView>(people.viewer, "plant")).now
    const { body, undo } = await change("config.refused", "devices.yaml", "machines:", "machine:")
    const [problem] = body.problems ?? []
    assert.deepEqual([problem?.code, problem?.where], ["config-unknown-key", "devices.yaml:10:1"])
    const { state, parts } = await health()
    assert.equal(state, "degraded")
    assert.match(JSON.stringify(parts), /devices\.yaml:10:1.*did you mean .*machines/)
    await until("samples still come in", async () => {
      const sample = await latest(`${dc1}/molten-temperature`)
      return sample && sample.at > at
    })
    await undone(undo)
  })

  const refused: Readonly<Record<string, Edit>> = {
    "a tag's unit": [type, measured("L/min"), measured("bar")],
    "a simulated machine": ["devices.yaml", "ring: 1000", "ring: 500"],
    "the time zone": ["plant.yaml", "Asia/Seoul", "Europe/Berlin"],
  }
  for (const [what, edit] of Object.entries(refused))
    test(`${what} can't change while Moru runs, and it says so`, async () => {
      const { body, undo } = await change("config.refused", ...edit)
      assert.equal(body.problems?.[0]?.code, "config-unsafe-change")
      await undone(undo)
    })

  test("a new tag has values at once", async () => {
    await change("config.changed", type, "\nstate:\n", newTag)
    await until(
      "it has a value",
      async () => (await latest(`${dc1}/die-temperature-twice`))?.quality === "good",
    )
  })

  test("a second device comes alive with its equipment; what may be written there waits", async () => {
    const port = plant.env.MORU_DC1_PORT ?? ""
    await folder.edit("devices.yaml", "machines:", newDevice.replace("PORT", port))
    await change("config.waiting", "plant.yaml", "                device: dc-1\n", newUnit)
    const dc2 = dc1.replace("dc-1", "dc-2")
    await until(
      "its values come in",
      async () => (await latest(`${dc2}/molten-temperature`))?.quality === "good",
    )
    await until("its shots come in", async () => {
      const shots = await read<unknown[]>(people.viewer, `cycles?equipment=${dc2}`)
      return shots.length > 0
    })
    assert.equal((await tagAt(`${dc2}/cooling-flow-set`))?.writable, undefined)
  })

  test("an engineer finds a machine's values with their addresses", async () => {
    const points = "/api/v1/devices/dc-2/points"
    assert.equal((await people.operator.get(points)).status, 403)
    const { body } = await people.engineer.get<PointsView>(points)
    const found = body.points.find(({ name }) => name === "Cooling flow set point")
    assert.equal(found?.address, "nsu=urn:moru:dcm-350;s=Coolant.FlowSet")
    assert.equal(found.writable, true)
  })

  test("in the end the ledger is whole", async () => {
    assert.deepEqual(await read(people.viewer, "ledger/verify"), [])
  })
})

function classesIn({ changes }: ConfigBody): string[] | undefined {
  return changes?.map((change) => change.class)
}

/** Of the cooling flow: no set point, but with a normal band. */
function measured(unit: string): string {
  return `unit: ${unit}\n    range: [0, 100]\n    normal`
}

const newTag = `
  die-temperature-twice:
    name: Twice
    unit: Cel
    address: { opcua: "nsu=urn:moru:dcm-350;s=Die.Upper2" }

state:
`

const newDevice = `  dc-2:
    connector: opcua
    options:
      endpoint: opc.tcp://127.0.0.1:PORT
      security: none

machines:`

const newUnit = `                device: dc-1
              dc-2:
                level: unit
                name: Die caster 2
                type: moru/dcm-350
                device: dc-2
`
