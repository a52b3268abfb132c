// Runs every folder `cases/<name>`: points and messages in, rows, problems and what browsing finds out.
import assert from "node:assert/strict"
import { globSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { test } from "node:test"
import { parse } from "yaml"
import { until } from "../../../test/support/until.ts"
import { SimulatedClock } from "../../kernel/clock/simulated.ts"
import { Problem } from "../../model/problem.ts"
import type { Tag } from "../../model/tag.ts"
import { parseOptions } from "../options.ts"
import { Caller } from "../testing/caller.ts"
import { equipment, makeRig } from "../testing/rig.ts"
import { lineProtocol } from "./line-protocol.ts"

interface Given {
  readonly options?: object
  readonly points: Readonly<Record<string, Partial<Tag> & { address: string }>>
  readonly messages: readonly {
    readonly body: string
    readonly precision?: string
    readonly authorization?: string
  }[]
  readonly found?: readonly string[]
}

const now = Date.UTC(2026, 0, 5, 8)
const token = "a-token-that-nobody-knows"

for (const file of globSync("src/connect/line-protocol/cases/*/given.yaml").sort()) {
  test(`line protocol: ${basename(dirname(file)).replaceAll("-", " ")}`, async () => {
    const given: Given = parse(await readFile(file, "utf8"))
    const expected = join(dirname(file), "expected.jsonl")
    const { lines, found } = await run(given)
    if (process.env.MORU_WRITE_CASES) await writeFile(expected, `${lines.join("\n")}\n`)
    assert.equal(lines.join("\n"), (await readFile(expected, "utf8")).trim())
    if (given.found) assert.deepEqual(found, given.found)
  })
}

async function run({ options, points, messages }: Given) {
  await using rig = await makeRig()
  const host = { ...rig.host, clock: new SimulatedClock(now) }
  const all = Object.entries(points).map(([name, { address, ...tag }]) =>
    rig.point(name, address, tag),
  )
  rig.sink.know(all)
  const device = lineProtocol.create(
    parseOptions(lineProtocol, { token, ...options }, "test"),
    host,
  )
  const problems: Problem[] = []
  const found: string[] = []
  await new Caller({ device, points: all, rig }).while(async () => {
    await until("messages are taken", async () => {
      const nothing = { body: new Uint8Array(), authorization: `Bearer ${token}` }
      return device.receive?.(nothing).catch(() => undefined)
    })
    for (const { body, authorization = `Token ${token}`, precision } of messages) {
      const message = { body: Buffer.from(body), authorization, ...(precision && { precision }) }
      await device.receive?.(message).catch((thrown) => {
        if (!(thrown instanceof Problem)) throw thrown
        problems.push(thrown)
      })
    }
    for await (const { address } of device.browse?.(new AbortController().signal) ?? [])
      found.push(address)
  })
  const rows = rig.sink.rows.map(({ tag, at, value, quality }) => ({
    tag: tag?.slice(equipment.length + 1),
    ...(at !== now && { at: new Date(at).toISOString() }),
    value,
    quality,
  }))
  const told = [...rig.sink.refused, ...problems].map(({ code, message }) => ({ code, message }))
  return { lines: [...rows, ...told].map((line) => JSON.stringify(line)), found }
}
