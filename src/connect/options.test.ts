import assert from "node:assert/strict"
import { test } from "node:test"
import { parseOptions } from "./options.ts"
import { connectors } from "./registry.ts"

const parse = async (type: string, given: unknown) => {
  const connector = await connectors[type]?.()
  assert(connector)
  return parseOptions(connector, given, "devices.yaml:3:5")
}

test("options that were not given have their defaults", async () => {
  const options = (await parse("opcua", { endpoint: "opc.tcp://10.0.0.1:4840" })) as object
  assert.deepEqual(options, {
    endpoint: "opc.tcp://10.0.0.1:4840",
    security: "sign-and-encrypt",
    policy: "Basic256Sha256",
    "publishing-interval": "500ms",
    "sampling-interval": "250ms",
    outage: "60s",
    timeout: "10s",
  })
})

test("every wrong option is named at once, with its place and what was expected", async () => {
  const wrong = { endpont: "x", security: "weak", timeout: "soon", password: 5, "queue-size": 0 }
  await assert.rejects(parse("opcua", wrong), (problem: Error) => {
    const { message } = problem
    assert.match(message, /^devices\.yaml:3:5: /)
    assert.match(message, /option "endpoint" is missing, expected an address such as opc\.tcp:/)
    assert.match(message, /unknown option "endpont" \(did you mean "endpoint"\?\)/)
    assert.match(message, /option "security": got "weak", expected none, sign, sign-and-encrypt/)
    assert.match(message, /option "timeout": got "soon", expected a length of time/)
    assert.match(message, /option "queue-size": got 0, expected a whole number/)
    return true
  })
})

test("a wrong secret is never shown", async () => {
  const given = { endpoint: "opc.tcp://10.0.0.1", password: { a: "hunter2" } }
  await assert.rejects(parse("opcua", given), (problem: Error) => {
    assert.doesNotMatch(problem.message, /hunter2/)
    assert.match(problem.message, /option "password": got a secret/)
    return true
  })
})

test("numbers may come as text, as the environment gives them", async () => {
  const options = (await parse("replay", { files: "*.csv", speed: "60" })) as { speed: unknown }
  assert.equal(options.speed, 60)
})

test("what is no list of options is said so", async () => {
  await assert.rejects(parse("replay", "fast"), /got "fast"/)
})
