import assert from "node:assert/strict"
import type { BrowserContext } from "playwright-core"
import type { DecisionView } from "../../src/serve/api.ts"
import { Browser, tokenIn } from "../../src/serve/testing/browser.ts"
import { giveOrder } from "../../src/twin/machines/control-client.ts"
import type { Example } from "./example.ts"
import { until } from "./until.ts"

export const equipment = "hwaseong/casting/line-1/dc-1"

/** The first administrator under a name of one's own, by the token from the console. */
export async function firstAdministrator(plant: Example, name: string): Promise<Browser> {
  const browser = new Browser(plant.url)
  await browser.open()
  const { status, body } = await browser.post("/api/v1/first-administrator", {
    token: tokenIn([plant.output()]),
    name,
    password: "correct horse battery",
  })
  assert.equal(status, 200, JSON.stringify(body))
  browser.csrf = body.csrf
  return browser
}

/** Hands a session over to a real browser. */
export async function lend(session: Browser, context: BrowserContext, url: string): Promise<void> {
  const [name = "", value = ""] = session.cookie?.split("=") ?? []
  await context.addCookies([{ name, value, url }])
}

/** Clogs the cooling, waits for the proposal to cool more and approves it. */
export async function approveCooling(plant: Example, person: Browser): Promise<DecisionView> {
  const control = Number(plant.env.MORU_DC1_CONTROL_PORT)
  await giveOrder(control, { fault: "cooling-clog", state: "on", severity: 1 })
  const waiting = await until("more cooling is proposed", async () => {
    const { body } = await person.get<DecisionView[]>("/api/v1/decisions")
    return body.find((each) => each.kind === "set-point" && each.state === "proposed")
  })
  const { status, body } = await person.post<DecisionView>(
    `/api/v1/decisions/${waiting.id}/approve`,
  )
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

/** The decision with its effect, once that is measured or known not to be measurable. */
export function measured(person: Browser, id: string): Promise<DecisionView> {
  return until(
    "the effect is measured",
    async () => {
      const { body } = await person.get<DecisionView>(`/api/v1/decisions/${id}`)
      return body.effect === undefined ? undefined : body
    },
    120_000,
  )
}
