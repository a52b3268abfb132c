/**
 * Takes pictures of every screen. Usage: node web/tools/screenshots.ts BASE_URL OUT_FOLDER [--only NAME] [--fast]
 * Sign-in comes from MORU_NAME and MORU_PASSWORD where they are set; else the screens are those of a looker-around.
 */
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { launchChromium } from "../../test/support/chromium.ts"

interface View {
  readonly width: number
  readonly height: number
  readonly language: "ko" | "en"
  readonly scheme: "light" | "dark"
}

const views: readonly View[] = [
  { width: 1920, height: 1080, language: "ko", scheme: "light" },
  { width: 1920, height: 1080, language: "en", scheme: "dark" },
  { width: 1280, height: 800, language: "en", scheme: "light" },
  { width: 390, height: 844, language: "ko", scheme: "light" },
]

const [base = "http://127.0.0.1:4780", out = "screenshots", ...rest] = process.argv.slice(2)
const only = rest.includes("--only") ? rest[rest.indexOf("--only") + 1]?.split(",") : undefined

const browser = await launchChromium()
try {
  await mkdir(out, { recursive: true })
  const places = await findPlaces()
  for (const view of rest.includes("--fast") ? views.slice(0, 1) : views)
    await takeAll(browser, view, places)
} finally {
  await browser.close()
}

/** Pages by name; those about one thing take the first such thing that the plant has. */
async function findPlaces(): Promise<readonly (readonly [name: string, path: string])[]> {
  const ask = async (path: string) => (await fetch(`${base}/api/v1${path}`)).json()
  const plant = (await ask("/plant")) as { equipment: { path: string; device?: string }[] }
  const decisions = (await ask("/decisions")) as { id: string; state: string; record: string }[]
  const machine = plant.equipment.find((each) => each.device !== undefined)?.path
  const decision = decisions.find((each) => each.state === "measured") ?? decisions[0]
  const waiting = decisions.find((each) => each.state === "proposed")
  const all: [string, string | undefined][] = [
    ["overview", "/"],
    ["equipment", machine && `/equipment/${machine}`],
    ["decisions", "/decisions"],
    ["decision", decision && `/decisions/${encodeURIComponent(decision.id)}`],
    ["decision-waiting", waiting && `/decisions/${encodeURIComponent(waiting.id)}`],
    ["ledger", "/ledger"],
    ["chain", decision && `/ledger/${encodeURIComponent(decision.record)}`],
    ["alarms", "/alarms"],
    ["connect", "/connect"],
    ["trend", machine && `/trend?tags=${machine}/die-temperature-upper-1,${machine}/cooling-flow`],
    ["settings", "/settings"],
    ["sign-in", "/sign-in"],
  ]
  return all.flatMap(([name, path]) =>
    path && (only?.includes(name) ?? true) ? [[name, path] as const] : [],
  )
}

async function takeAll(
  from: Browser,
  view: View,
  places: readonly (readonly [name: string, path: string])[],
): Promise<void> {
  const { width, height, language, scheme } = view
  const context = await from.newContext({
    viewport: { width, height },
    locale: language === "ko" ? "ko-KR" : "en-GB",
    colorScheme: scheme,
    hasTouch: width < 500,
    isMobile: width < 500,
  })
  const page = await context.newPage()
  page.on("pageerror", (error) => console.error("page error:", error.message))
  page.on("console", (message) => {
    if (message.type() === "error") console.error("console:", message.text())
  })
  await signIn(page)
  for (const [name, path] of places) {
    await page.goto(base + path, { waitUntil: "load" })
    await page.waitForSelector("#page > *")
    await page.waitForFunction(() => document.querySelectorAll(".loading").length === 0)
    await page.waitForTimeout(1200)
    const file = `${name}-${width}-${scheme}-${language}.png`
    await page.screenshot({ path: join(out, file) })
    console.log(file)
  }
  await context.close()
}

async function signIn(page: Page): Promise<void> {
  const { MORU_NAME: name, MORU_PASSWORD: password } = process.env
  if (!name || !password) return
  await page.goto(`${base}/sign-in`)
  await page.fill("input[name=name]", name)
  await page.fill("input[name=password]", password)
  await page.click("button[type=submit]")
  await page.waitForURL((url) => url.pathname === "/")
}
