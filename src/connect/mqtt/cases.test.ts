// Runs every folder `cases/<name>`: points and messages in, rows and problems out.
import assert from "node:assert/strict"
import { globSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { test } from "node:test"
import { parse } from "yaml"
import { SimulatedClock } from "../../kernel/clock/simulated.ts"
import type { Tag } from "../../model/tag.ts"
import { LiveRows, liveCount } from "../live-rows.ts"
import { parseOptions } from "../options.ts"
import { equipment, makeRig } from "../testing/rig.ts"
import { mqtt } from "./mqtt.ts"
import { Topics } from "./topics.ts"

interface Given {
  readonly options?: unknown
  readonly points: Readonly<Record<string, Partial<Tag> & { address: string }>>
  readonly messages: readonly Message[]
}

interface Message {
  readonly topic: string
  readonly payload?: string
  readonly bytes?: readonly number[]
  /** A long payload: a text, and how often. */
  readonly repeat?: readonly [string, number]
  readonly retained?: boolean
  readonly times?: number
}

const now = Date.UTC(2026, 0, 5, 8)

for (const file of globSync("src/connect/mqtt/cases/*/given.yaml").sort()) {
  test(`mqtt: ${basename(dirname(file)).replaceAll("-", " ")}`, async () => {
    const given: Given = parse(await readFile(file, "utf8"))
    const expected = join(dirname(file), "expected.jsonl")
    const lines = (await run(given)).join("\n")
    if (process.env.MORU_WRITE_CASES) await writeFile(expected, `${lines}\n`)
    assert.equal(lines, (await readFile(expected, "utf8")).trim())
  })
}

async function run({ options, points, messages }: Given): Promise<string[]> {
  await using rig = await makeRig()
  const host = { ...rig.host, clock: new SimulatedClock(now) }
  const all = Object.entries(points).map(([name, { address, ...tag }]) =>
    rig.point(name, address, tag),
  )
  rig.sink.know(all)
  const topics = new Topics(all, parseOptions(mqtt, options, "test"), host)
  const rows = new LiveRows(host, liveCount(host, "e1"), rig.sink.deliver)
  topics.complain(rows)
  for (const message of messages) {
    const { topic, retained = false, times = 1 } = message
    for (let i = 0; i < times; i++)
      topics.add({ topic, payload: payloadOf(message), retained, qos: 1 }, rows)
  }
  await rows.deliver()
  const lines = rig.sink.rows.map(({ tag, at, value, quality }) => ({
    tag: tag?.slice(equipment.length + 1),
    ...(at !== now && { at: new Date(at).toISOString() }),
    value,
    quality,
  }))
  const refused = rig.sink.refused.map(({ code, message }) => ({ code, message }))
  return [...lines, ...refused].map((line) => JSON.stringify(line))
}

function payloadOf({ payload, bytes, repeat }: Message): Uint8Array {
  if (bytes) return Uint8Array.from(bytes)
  return Buffer.from(repeat ? repeat[0].repeat(repeat[1]) : (payload ?? ""))
}
