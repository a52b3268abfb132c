// Runs every folder `src/connect/<type>/cases/<name>`: a device and what its machine has in, rows (or an error) out.
import assert from "node:assert/strict"
import { existsSync, globSync } from "node:fs"
import { cp, readFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { test } from "node:test"
import { DataType } from "node-opcua"
import { parse } from "yaml"
import { until } from "../../test/support/until.ts"
import type { CycleConfig } from "../model/plant.ts"
import type { Tag, TagKind } from "../model/tag.ts"
import type { Point, RecordBuffer } from "./connector.ts"
import { address, startServer, type TestRecord } from "./opcua/testing/server.ts"
import { parseOptions } from "./options.ts"
import { connectors } from "./registry.ts"
import { equipment, makeRig, type Rig } from "./testing/rig.ts"

interface Case {
  readonly options: Readonly<Record<string, unknown>>
  readonly points?: Readonly<Record<string, Partial<Tag> & { address: string }>>
  readonly records?: {
    readonly address: string
    readonly fields: Readonly<Record<string, TagKind>>
    readonly cycle?: Partial<CycleConfig>
  }
}

/** What an OPC UA server of a case has: nodes and the shots of its ring. Times are ISO texts. */
interface Machine {
  readonly nodes?: Readonly<
    Record<string, { value: unknown; at: string; type?: keyof typeof DataType }>
  >
  readonly ring?: {
    readonly capacity: number
    readonly fields: Readonly<Record<string, keyof typeof DataType>>
    readonly shots: readonly { at: string | null; borrowed?: true; values: TestRecord["values"] }[]
  }
}

for (const file of globSync("src/connect/*/cases/*/device.yaml").sort()) {
  const folder = dirname(file)
  const type = basename(join(folder, "..", ".."))
  test(`${type}: ${basename(folder).replaceAll("-", " ")}`, async () => {
    const given: Case = parse(await readFile(file, "utf8"))
    const error = join(folder, "expected.error")
    if (existsSync(error)) {
      const expected = (await readFile(error, "utf8")).trim()
      await assert.rejects(run({ type, folder, given, lines: 0 }), (problem: Error) => {
        assert.equal(problem.message, expected)
        return true
      })
      return
    }
    const expected = await readFile(join(folder, "expected.jsonl"), "utf8")
    const lines = expected.trim().split("\n")
    const got = await run({ type, folder, given, lines: lines.length })
    assert.deepEqual(
      got.map((line) => JSON.parse(line)),
      lines.map((line) => JSON.parse(line)),
    )
  })
}

async function run(of: { type: string; folder: string; given: Case; lines: number }) {
  const { type, folder, given, lines } = of
  await using rig = await makeRig()
  await cp(folder, rig.folder, { recursive: true })
  const connector = await connectors[type]?.()
  assert(connector, `no connector "${type}"`)
  await using server = await serverOf(join(folder, "machine.yaml"), rig)
  const endpoint = server && { endpoint: server.endpoint, security: "none" }
  const options = parseOptions(connector, { ...endpoint, ...given.options }, folder.slice(4))
  const device = connector.create(options, rig.host)
  const stop = new AbortController()
  await device.connect(stop.signal)
  const wanted = { points: pointsOf(given, rig), records: buffersOf(given, rig) }
  rig.sink.know([...wanted.points, ...wanted.records.flatMap((r) => r.fields.map((f) => f.point))])
  const done = device.follow?.(wanted, rig.sink.deliver, rig.sink.lastSequence, stop.signal)
  await until("all lines are there", () => linesOf(rig).length >= lines, 10_000).catch(() => {})
  stop.abort()
  await done
  await device.close()
  return linesOf(rig)
}

async function serverOf(file: string, rig: Rig) {
  if (!existsSync(file)) return undefined
  const { nodes = {}, ring }: Machine = parse(await readFile(file, "utf8"))
  const server = await startServer({
    folder: rig.folder,
    ...(ring && {
      ring: {
        capacity: ring.capacity,
        epoch: "e1",
        fields: Object.fromEntries(Object.entries(ring.fields).map(([f, t]) => [f, DataType[t]])),
        before: ring.shots.map(({ at, borrowed, values }) => ({
          at: at === null ? null : Date.parse(at),
          timeQuality: borrowed ? 1 : 0,
          values,
        })),
      },
    }),
  })
  for (const [name, { value, at, type }] of Object.entries(nodes))
    server.set(name, value, { at: Date.parse(at), ...(type && { dataType: DataType[type] }) })
  return server
}

function pointsOf({ points = {} }: Case, rig: Rig): Point[] {
  return Object.entries(points).map(([name, { address: place, ...tag }]) =>
    rig.point(
      name,
      place.replace(/^node:(.*)$/, (_, node) => address(node)),
      tag,
    ),
  )
}

function buffersOf({ records }: Case, rig: Rig): RecordBuffer[] {
  if (!records) return []
  const place = records.address.replace(/^node:(.*)$/, (_, node) => address(node))
  const cycle = { equipment, verdicts: [], ...records.cycle }
  return [{ ...rig.buffer("shots", place, records.fields), cycle }]
}

/** Rows, then cycles, then what was refused. */
function linesOf({ sink }: Rig): string[] {
  const short = (path = "") => path.slice(equipment.length + 1)
  const rows = sink.rows.map(({ tag, at, value, quality }) => ({
    tag: short(tag),
    at: new Date(at).toISOString(),
    value,
    quality,
  }))
  const cycles = sink.cycles.map(({ sequence, start, end, tool, verdict, values }) => ({
    cycle: sequence,
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    ...(tool !== undefined && { tool }),
    ...(verdict && { verdict }),
    values,
  }))
  const refused = sink.refused.map(({ code, message }) => ({ code, message }))
  return [...rows, ...cycles, ...refused].map((line) => JSON.stringify(line))
}
