import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { get } from "node:https"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { OPCUACertificateManager } from "node-opcua"
import type { Problem } from "../../model/problem.ts"
import { Browser } from "../testing/browser.ts"
import { openRig } from "../testing/rig.ts"

test("The network is not served without TLS", async () => {
  await assert.rejects(openRig({ listen: { host: "0.0.0.0", port: 0 } }), (problem: Problem) => {
    assert.equal(problem.code, "option-invalid")
    assert.match(
      problem.message,
      /^host "0\.0\.0\.0": got no TLS, expected a certificate and its key/,
    )
    return true
  })
})

test("A certificate that is not there is named", async () => {
  const listen = { host: "0.0.0.0", port: 0, tls: { cert: "/no/cert.pem", key: "/no/key.pem" } }
  await assert.rejects(openRig({ listen }), /TLS certificate: got "\/no\/cert\.pem"/)
})

test("A port that is taken is a problem with a remedy", async () => {
  const other = createServer()
  const port = await new Promise<number>((resolve) =>
    other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port)),
  )
  try {
    await assert.rejects(openRig({ listen: { host: "127.0.0.1", port } }), {
      code: "port-taken",
      message: `port ${port}: another program listens there`,
    })
  } finally {
    other.close()
  }
})

test("With TLS the cookie is for TLS alone and browsers are told to stay with it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "moru-tls-"))
  const rig = await openRig({ listen: { host: "127.0.0.1", port: 0, tls: await pair(folder) } })
  try {
    assert.match(rig.url, /^https:/)
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) =>
      get(`${rig.url}/api/v1/session`, { rejectUnauthorized: false, agent: false }, (answer) => {
        answer.resume()
        resolve(answer.headers)
      }).on("error", reject),
    )
    assert.match(String(headers["set-cookie"]), /Secure/)
    assert.match(String(headers["strict-transport-security"]), /max-age=/)
  } finally {
    await rig.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test("Stopped, it lets go of its port and of everybody who hangs on", async () => {
  const rig = await openRig({ example: true })
  const { url } = rig
  const browser = new Browser(url)
  await browser.get("/api/v1/plant")
  assert.deepEqual(rig.server.health(), { state: "running" })
  await rig.close()
  assert.deepEqual(rig.server.health(), { state: "stopped" })
  await assert.rejects(fetch(`${url}/api/v1/health`))
})

/** A certificate of its own making, as an administrator would bring one. */
async function pair(folder: string): Promise<{ cert: string; key: string }> {
  const manager = new OPCUACertificateManager({ rootFolder: folder })
  await manager.initialize()
  const cert = join(folder, "moru.pem")
  await manager.createSelfSignedCertificate({
    applicationUri: "urn:moru:test",
    dns: ["localhost"],
    outputFile: cert,
    startDate: new Date(Date.now() - 86_400_000),
    subject: "CN=localhost",
    validity: 10,
  })
  await manager.dispose()
  return { cert, key: manager.privateKey }
}
