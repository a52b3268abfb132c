// Nothing reaches a device's `write` but through the gate: proven from the source, and by a gate that says no to everything.
import assert from "node:assert/strict"
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { suite, test } from "node:test"
import { flow, openRig } from "../src/act/testing/rig.ts"

/** Receivers of `write` that are no machines: files, streams, the journal of alarms. */
const harmless = new Set(["files", "nodeFiles", "socket", "stdout", "stderr", "log", "journal"])

/** The one way, call by call: gate -> actuator -> set points of the supervisor -> the connector's session. */
const way: Readonly<Record<string, string>> = {
  "src/act/gate/attempt.ts": "actuator",
  "src/connect/supervisor/connections.ts": "setPoints",
  "src/connect/supervisor/set-points.ts": "write.call",
  "src/connect/opcua/write.ts": "session",
  "src/connect/s7/write.ts": "session",
}

/** Streams of bytes, on which every protocol asks as well as writes: what changes a machine is told by `makers`. */
const lines: Readonly<Record<string, string>> = {
  "src/connect/line/line.ts": "stream",
  "src/connect/bus/external.ts": "stream",
  "src/connect/broker/wire.ts": "this",
  "src/cli/print.ts": "stream",
}

/** What writes samples to the house's own files. */
const keepers: Readonly<Record<string, string>> = {
  "src/historian/chunks/appends.ts": "hand",
  "src/exchange/parquet/parquet.ts": "file",
}

/**
 * Who makes a request that changes a machine, and the only files that may call them: each is a step of its device's `write`. (A
 * namespace publishes to screens, and a subscription of OPC UA asks for what is new by the same word.)
 */
const makers =
  /\b(writePoint|writeRequest|write(?:Bit|Bits|Words|Bytes|Coil|Coils|Register|Registers)(?:Request)?|writeParameter|writeData|writeItems|publish)\(/g
const makerHomes =
  /^src\/(codec\/|namespace\/|connect\/(opcua\/subscription\.ts|s7\/nodes7\.d\.ts|[a-z0-9]+\/(write|device|dialect)\.ts|s7\/session\.ts|bus\/|broker\/|bus\.ts|sparkplug\/(rebirths|host-state)\.ts))/
/** `publish` of the namespace goes to screens, not to machines. */
const readers = /\bnamespace\.publish\(/g

/** What can change a machine without the word `write`: other services of OPC UA. */
const services = /\b(writeSingleNode|session\.call|callMethod|historyUpdate|addNodes|deleteNodes)\b/

interface Source {
  readonly file: string
  readonly text: string
}

const sources: readonly Source[] = globSync("src/**/*.ts")
  .filter((file) => !/\.test\.ts$|\/testing\/|^src\/twin\/machines\//.test(file))
  .map((file) => ({ file, text: readFileSync(file, "utf8") }))

function breaks({ file, text }: Source): string[] {
  const calls = [...text.matchAll(/(\w+)(?:\?\.|\.)write(?:\?\.)?\(/g)].map(([, on = ""]) => on)
  const taken = [...text.matchAll(/\bwrite\.(?:call|apply|bind)\b/g)].map(([call]) => call)
  const strange = [...calls, ...taken].filter(
    (on) => !harmless.has(on) && ![way, lines, keepers].some((table) => table[file] === on),
  )
  const made = makerHomes.test(file)
    ? []
    : [...text.replaceAll(readers, "").matchAll(makers)].map(([call]) => call)
  const hidden = /\[["'`]write["'`]\]|\bwrite\s*:\s*\w+\s*\}\s*=/.test(text)
    ? ["a hidden write"]
    : []
  const other =
    services.test(text) && !file.startsWith("src/connect/opcua/testing") ? ["another service"] : []
  return [...strange, ...hidden, ...other, ...made].map((what) => `${file}: ${what}`)
}

suite("only the gate writes", () => {
  test("no call of write stands anywhere but on the one way", () => {
    assert.deepEqual(sources.flatMap(breaks), [])
  })

  test("each step of the way is really there", () => {
    for (const [file, on] of Object.entries(way)) {
      const text = sources.find((source) => source.file === file)?.text ?? ""
      const call = on === "write.call" ? "write.call(" : `${on}.write(`
      assert(text.includes(call), `${file} has no ${call}`)
    }
  })

  test("the actuator is handed out once, to the gate", () => {
    const handed = sources.filter(({ text }) => /\bactuator: connections\b/.test(text))
    assert.deepEqual(
      handed.map(({ file }) => file),
      ["src/moru/loop.ts"],
    )
    const [loop] = handed
    assert.equal(loop?.text.match(/\bactuator: connections\b/g)?.length, 1)
    assert.match(loop?.text ?? "", /new PlantGate\(\{[^}]*(?:\}[^}]*)*?actuator: connections/)
  })

  test("the rule finds a path that somebody might lay", () => {
    const file = "src/serve/http/routes/commands.ts"
    const wrong = [
      "await device.write(point, 5, signal)",
      "await connections.write({ target, value }, signal)",
      'await device["write"](point, 5, signal)',
      "const { write: send } = device",
      "write.call(device, point, 5, signal)",
      "await session.writeSingleNode(node, value)",
      "await line.ask(writeRegisterRequest(7, bytes))",
      "await bus.publish({ topic, payload, qos: 0, retain: false })",
    ]
    for (const text of wrong) assert.equal(breaks({ file, text }).length > 0, true, text)
    assert.deepEqual(breaks({ file, text: "await files.write(path, text)" }), [])
  })

  test("a gate that forbids writing lets nothing reach the machine, and one that allows it does", async () => {
    const folder = mkdtempSync(join(tmpdir(), "moru-gate-"))
    const { gate, machine, store, clock } = await openRig(folder)
    const submit = (id: string) =>
      gate.submit(
        {
          id,
          by: { person: "kim", role: "engineer" },
          expiresAt: clock.now() + 60_000,
          body: { writes: [{ target: flow, value: 45 }] },
        },
        [],
      )
    await gate.forbidWrites("kim", "a restore")
    assert.equal((await submit("first")).state, "refused")
    assert.deepEqual(machine.received, [])
    await gate.allowWrites("kim", "checked")
    assert.equal((await submit("second")).state, "done")
    assert.equal(machine.received.length, 1)
    await gate.stop()
    await store.close()
    rmSync(folder, { recursive: true })
  })
})
