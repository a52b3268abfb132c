import assert from "node:assert/strict"
import { test } from "node:test"
import { routes } from "../rights.ts"
import { Browser } from "../testing/browser.ts"
import { openRig } from "../testing/rig.ts"
import { openApiDocument } from "./document.ts"

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses?: Readonly<Record<string, { readonly description?: string }>>
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const document = (await openApiDocument("0.0.0")) as unknown as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

test("The OpenAPI document is version 3.1 and names every route of the API", () => {
  assert.match(document.openapi, /^3\.1\./)
  const wanted = Object.keys(routes).filter((route) => / (\/api\/v1|\/metrics)/.test(route))
  const given = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`)
  assert.deepEqual(
    given.filter((route) => !route.startsWith("HEAD")).toSorted(),
    wanted.map((route) => route.replace(/:(\w+)/g, "{$1}")).toSorted(),
  )
})

test("Every operation says what it is for, under a name of its own, with its answers and problems", () => {
  const ids = new Set<string>()
  for (const { path, method, operation } of operations) {
    const where = `${method} ${path}`
    assert.ok(operation.summary, where)
    assert.ok(operation.tags?.length, where)
    assert.ok(operation.operationId, where)
    assert.ok(!ids.has(operation.operationId), `${operation.operationId} twice`)
    ids.add(operation.operationId)
    const { responses = {} } = operation
    assert.ok(responses["200"] ?? responses["204"], where)
    assert.match(JSON.stringify(responses.default), /ProblemBody/, where)
    for (const answer of Object.values(responses)) assert.ok(answer.description, where)
    for (const [, name] of path.matchAll(/\{(\w+)\}/g))
      assert.ok(
        operation.parameters?.some((p) => p.in === "path" && p.name === name),
        where,
      )
  }
})

test("Every reference leads somewhere", () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref)
  assert.ok(refs.length > 50)
  for (const ref of refs) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(ref ?? "")?.[1] ?? ""
    assert.ok(document.components.schemas[name], ref)
  }
})

test("The running server gives the same document", async () => {
  const rig = await openRig()
  try {
    const { body } = await new Browser(rig.url).get<unknown>("/api/openapi.json")
    assert.deepEqual(body, JSON.parse(JSON.stringify(document)))
    const { body: shown } = await new Browser(rig.url).get<unknown>("/api/json")
    assert.deepEqual(shown, body)
  } finally {
    await rig.close()
  }
})
