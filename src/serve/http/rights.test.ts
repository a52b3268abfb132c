import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { silentLog } from "../../kernel/log.ts"
import { roles } from "../../model/command.ts"
import type { ProblemBody } from "../api.ts"
import {
  holds,
  rightOfRoute,
  rights,
  rightsOf,
  routes,
  type VisitorKind,
  visitorKinds,
} from "../rights.ts"
import type { ServeParts } from "../serve.ts"
import { administratorOf, Browser, browserOf } from "../testing/browser.ts"
import { openRig, type Rig } from "../testing/rig.ts"
import { buildApp } from "./app.ts"
import { contextOf } from "./server.ts"

interface Route {
  readonly method: string
  readonly url: string
}

/** Every route that Fastify knows, asked from it and not from the table. */
async function allRoutes(): Promise<readonly Route[]> {
  const found: Route[] = []
  const parts = { log: silentLog, version: "0" } as ServeParts
  const app = await buildApp(contextOf(parts), {
    screensBuilt: false,
    heard: ({ method, url }) => {
      for (const each of [method].flat()) found.push({ method: each, url })
    },
  })
  await app.ready()
  await app.close()
  return found
}

const list = await allRoutes()

test("Every route has a right, and every right in the table belongs to a route", () => {
  assert.deepEqual(
    list.filter(({ method, url }) => rightOfRoute(method, url) === undefined),
    [],
  )
  const keys = new Set(list.map(({ method, url }) => `${method.replace("HEAD", "GET")} ${url}`))
  assert.deepEqual(
    Object.keys(routes).filter((key) => !keys.has(key)),
    [],
  )
})

test("A route without a named right stops the start", async () => {
  const context = contextOf({ log: silentLog, version: "0" } as ServeParts)
  const app = await buildApp(context, { screensBuilt: false })
  assert.throws(() => app.get("/api/v1/back-door", () => "open"), {
    name: "Problem",
    message: /GET \/api\/v1\/back-door.*no right/,
  })
  await app.close()
})

test("Each role may all that the roles before it may, and something more", () => {
  let before = 0
  for (const role of roles) {
    assert.ok(rightsOf(role).length > before, role)
    before = rightsOf(role).length
  }
  assert.equal(before, Object.keys(rights).length)
})

describe("Every route for every visitor", () => {
  let rig: Rig
  let example: Rig
  const browsers = new Map<VisitorKind, Browser>()

  before(async () => {
    rig = await openRig()
    example = await openRig({ example: true })
    const administrator = await administratorOf(rig)
    browsers.set("administrator", administrator)
    for (const role of ["viewer", "operator", "engineer"] as const)
      browsers.set(role, await browserOf(role, administrator, rig.url))
    browsers.set("anonymous", new Browser(rig.url))
    browsers.set("look-around", new Browser(example.url))
    for (const browser of browsers.values()) await browser.open()
  })

  after(async () => {
    await rig.close()
    await example.close()
  })

  for (const visitor of visitorKinds)
    test(`${visitor}: refused or let in as the table says`, async () => {
      for (const route of list) {
        if (route.url === "/api/v1/live") continue
        const browser = browsers.get(visitor)
        assert.ok(browser)
        const right = rightOfRoute(route.method, route.url)
        assert.ok(right)
        const answer = await knock(browser, route)
        const code = (answer.body as ProblemBody | undefined)?.code
        const refused =
          (route.method === "HEAD" && [401, 403].includes(answer.status)) ||
          code === "sign-in-needed" ||
          code === "right-missing"
        const says = `${visitor} ${route.method} ${route.url}: ${answer.status} ${code}`
        assert.equal(refused, !holds(visitor, right), says)
        if (!refused) continue
        const guest = visitor === "anonymous" || visitor === "look-around"
        assert.equal(answer.status, guest ? 401 : 403, says)
      }
    })

  /** Asks for something that is not there or not complete, so that who is let in changes nothing. */
  function knock(browser: Browser, { method, url }: Route) {
    const path = url.replace(":id", "none").replace("*", "none")
    const body = method === "GET" || method === "HEAD" ? undefined : { nothing: true }
    // Signing out would end what the next knocks need: without its token it is let in and then refused.
    const headers = url === "/api/v1/session" && method === "DELETE" ? { "x-csrf-token": "no" } : {}
    return browser.ask<unknown>(method, path, body, headers)
  }
})
