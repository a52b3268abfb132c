import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { Browser } from "../testing/browser.ts"
import { openRig, type Rig } from "../testing/rig.ts"

describe("The screens", () => {
  const folder = mkdtempSync(join(tmpdir(), "moru-web-"))
  const web = join(folder, "dist")
  let rig: Rig
  let browser: Browser

  before(async () => {
    mkdirSync(join(web, "assets"), { recursive: true })
    writeFileSync(join(web, "index.html"), "<!doctype html><title>the screens</title>")
    writeFileSync(join(web, "assets", "index-1a2b.js"), "export {}")
    writeFileSync(join(web, ".hidden"), "nobody's")
    writeFileSync(join(folder, "store.db"), "outside")
    rig = await openRig({ webFolder: web })
    browser = new Browser(rig.url)
  })
  after(async () => {
    await rig.close()
    rmSync(folder, { recursive: true })
  })

  test("come at their address and at every page's", async () => {
    for (const path of ["/", "/index.html", "/equipment/hwaseong/dc-1", "/sign-in?token=x"]) {
      const { status, headers, body } = await browser.get<string>(path)
      assert.equal(status, 200, path)
      assert.match(body, /the screens/)
      assert.equal(headers.get("cache-control"), "no-cache")
    }
  })

  test("have assets that never change, and no page in place of a missing one", async () => {
    const { headers } = await browser.get("/assets/index-1a2b.js")
    assert.match(headers.get("cache-control") ?? "", /immutable/)
    assert.match(headers.get("content-type") ?? "", /javascript/)
    assert.equal((await browser.get("/assets/index-0000.js")).status, 404)
    assert.equal((await browser.get("/api/nothing")).status, 404)
    assert.equal((await browser.post("/equipment", {})).status, 404)
  })

  test("give no file from outside their folder and no hidden one", async () => {
    for (const path of [
      "/../store.db",
      "/..%2fstore.db",
      "/%2e%2e/store.db",
      "/assets/..%2f..%2fstore.db",
      "/assets/../../store.db",
      "/..%5cstore.db",
      "/.hidden",
      "//etc/passwd",
      "/%00",
    ]) {
      const answer = await raw(rig.url, path)
      assert.doesNotMatch(answer, /outside|nobody's|root:/, path)
    }
  })

  test("every answer carries a policy that lets no foreign or inline script run", async () => {
    for (const path of ["/", "/api/", "/api/v1/health", "/api/v1/nothing", "/api/openapi.json"]) {
      const { headers } = await browser.get(path)
      const policy = headers.get("content-security-policy") ?? ""
      assert.match(policy, /default-src 'self'/, path)
      assert.doesNotMatch(policy, /script-src|unsafe-eval|https?:/, path)
      assert.match(policy, /frame-ancestors 'none'/)
      assert.equal(headers.get("x-content-type-options"), "nosniff")
      assert.equal(headers.get("referrer-policy"), "no-referrer")
    }
  })

  test("the page to try the API is whole without any other server", async () => {
    const { body } = await browser.get<string>("/api/")
    const addresses = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address)
    assert.ok(addresses.length >= 5)
    for (const address of addresses) {
      const url = new URL(address ?? "", `${rig.url}/api/`)
      assert.equal(url.origin, rig.url)
      assert.equal((await fetch(url)).status, 200, `${url}`)
    }
    assert.doesNotMatch(body, /<script>|<script [^>]*>\s*[^\s<]/)
  })
})

test("Where the screens are not built, a page says how", async () => {
  const rig = await openRig()
  try {
    const { status, body } = await new Browser(rig.url).get<string>("/")
    assert.equal(status, 503)
    assert.match(body, /npm run build/)
    assert.equal((await new Browser(rig.url).get("/assets/x.js")).status, 404)
  } finally {
    await rig.close()
  }
})

/** Sends the path as it is: `fetch` would tidy it first. */
function raw(url: string, path: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let text = ""
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`),
    )
    socket.on("data", (bytes) => {
      text += bytes
    })
    socket.on("close", () => resolve(text)).on("error", reject)
  })
}
