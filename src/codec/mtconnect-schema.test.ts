// Documents against a schema of the part of MTConnect 1.8 that is written, by a foreign validator.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { suite, type TestContext, test } from "node:test"
import { fileURLToPath } from "node:url"
import type { MtConnectDocument } from "./mtconnect.ts"
import { formatMtConnect } from "./mtconnect-format.ts"
import { documents } from "./testing/mtconnect-documents.ts"

const validator = "xmllint"
const schemas = {
  devices: "Devices",
  streams: "Streams",
  assets: "Assets",
  error: "Error",
} as const

function validate(
  kind: MtConnectDocument["kind"],
  xml: string,
  t: TestContext,
): string | undefined {
  const file = fileURLToPath(new URL(`testing/mtconnect/${schemas[kind]}.xsd`, import.meta.url))
  const given = { input: xml, encoding: "utf8" } as const
  const ran = spawnSync(validator, ["--nonet", "--noout", "--schema", file, "-"], given)
  if (ran.error) t.skip("no xmllint: apt-get install libxml2-utils")
  return ran.error ? undefined : ran.stderr
}

suite("documents for MTConnect clients", () => {
  for (const document of documents)
    test(`${document.kind} keep to their schema`, (t) => {
      const said = validate(document.kind, formatMtConnect(document), t)
      if (said !== undefined) assert.match(said, /^- validates$/m)
    })

  test("the schema refuses what is wrong", (t) => {
    const [devices] = documents
    assert(devices)
    const wrong = formatMtConnect(devices).replace('category="EVENT"', 'category="EVENTS"')
    const said = validate("devices", wrong, t)
    if (said !== undefined) assert.match(said, /EVENTS/)
  })
})
