// Makes the README's pictures from the running program: `npm run screenshots`. Lets a fault happen, approves the answer, waits for its effect.
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { giveOrder } from "../src/twin/machines/control-client.ts"
import { launchChromium } from "../test/support/chromium.ts"
import { startExample } from "../test/support/example.ts"
import { until } from "../test/support/until.ts"

const folder = join(import.meta.dirname, "..", "docs", "screenshots")
const size = { width: 1600, height: 900 }
const password = crypto.randomUUID()

interface Decision {
  readonly id: string
  readonly kind: string
  readonly effect?: object
}

const plant = await startExample({ speed: 60, seed: 11 })
const browser = await launchChromium()
try {
  await mkdir(folder, { recursive: true })
  const page = await open(browser, "en-US")
  await page.goto(`${plant.url}/sign-in?token=${plant.token}`)
  await page.fill("input[name=name]", "Kim")
  await page.fill("input[name=password]", password)
  await page.click("button[type=submit]")
  await page.getByRole("heading", { name: "Plant overview" }).waitFor()
  const korean = await open(browser, "ko-KR")
  await signIn(korean)
  await new Promise((resolve) => setTimeout(resolve, 20_000))
  const control = Number(plant.env.MORU_DC1_CONTROL_PORT)
  await giveOrder(control, { fault: "cooling-clog", state: "on", severity: 0.6 })
  const decision = await until("a proposal", () => find((d) => d.kind === "set-point"), 60_000)
  // The proposal stands for twenty minutes of the plant, which are as many seconds here.
  await Promise.all([shoot(page, "/", "overview-en"), shoot(korean, "/", "overview-ko")])
  await page.goto(`${plant.url}/decisions/${decision.id}`)
  await page.getByRole("button", { name: "Approve" }).click()
  const isMeasured = (d: Decision) => d.id === decision.id && d.effect !== undefined
  await until("the measured effect", () => find(isMeasured), 180_000)
  await shoot(page, `/decisions/${decision.id}`, "decision-en")
  await shoot(korean, `/decisions/${decision.id}`, "decision-ko")
  const machine = "/equipment/hwaseong/casting/line-1/dc-1"
  await shoot(page, machine, "equipment-en")
  await shoot(korean, machine, "equipment-ko")
} finally {
  await browser.close()
  await plant.stop()
}

async function open(browser: Browser, locale: string): Promise<Page> {
  const context = await browser.newContext({ locale, viewport: size, colorScheme: "light" })
  return context.newPage()
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${plant.url}/sign-in`)
  await page.fill("input[name=name]", "Kim")
  await page.fill("input[name=password]", password)
  await page.click("button[type=submit]")
  await page.waitForURL(`${plant.url}/`)
}

async function shoot(page: Page, path: string, name: string): Promise<void> {
  await page.goto(`${plant.url}${path}`)
  await page.waitForLoadState("load")
  await new Promise((resolve) => setTimeout(resolve, 4000))
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

async function find(wanted: (decision: Decision) => boolean): Promise<Decision | undefined> {
  const decisions = (await (await fetch(`${plant.url}/api/v1/decisions`)).json()) as Decision[]
  return decisions.find(wanted)
}
