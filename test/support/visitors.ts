import assert from "node:assert/strict"
import type { Role } from "../../src/model/command.ts"
import { administratorOf, Browser, browserOf, password } from "../../src/serve/testing/browser.ts"
import type { Example } from "./example.ts"

/** Who comes to a running plant: one person of each role, and a guest who only looks around. */
export interface Visitors extends Readonly<Record<Role, Browser>> {
  readonly guest: Browser
}

/** Lets everybody in: at the first start with the console's token, later with their passwords. */
export async function visitorsOf(plant: Example): Promise<Visitors> {
  const { url } = plant
  const administrator = plant.token
    ? await administratorOf({ url, lines: [plant.output()] })
    : await signedIn(url, "Kim")
  const come = (role: Role) =>
    plant.token ? browserOf(role, administrator, url) : signedIn(url, `the ${role}`)
  const guest = new Browser(url)
  await guest.open()
  return {
    ...{ administrator, guest },
    engineer: await come("engineer"),
    operator: await come("operator"),
    viewer: await come("viewer"),
  }
}

async function signedIn(url: string, name: string): Promise<Browser> {
  const browser = new Browser(url)
  const { status } = await browser.signIn(name, password)
  assert.equal(status, 200, `${name} signs in`)
  return browser
}

/** What the API answers to who may read. */
export async function read<Body>(browser: Browser, path: string): Promise<Body> {
  const { status, body } = await browser.get<Body>(`/api/v1/${path}`)
  assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`)
  return body
}
