// Every screen in both languages, both colours and three sizes: nothing overflows, nothing is complained about.
import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import type { Browser as Session } from "../../src/serve/testing/browser.ts"
import { en } from "../../web/src/text/en.ts"
import { ko } from "../../web/src/text/ko.ts"
import { launchChromium, noChromium } from "../support/chromium.ts"
import {
  approveCooling,
  equipment,
  firstAdministrator,
  lend,
  measured,
} from "../support/closed-loop.ts"
import { type Example, startExample } from "../support/example.ts"
import { until } from "../support/until.ts"

const desks = [
  { width: 1920, height: 1080 },
  { width: 1280, height: 800 },
]
const phone = { width: 390, height: 844 }
const machine = { en: "Die caster 1", ko: "주조기-01" }

suite("the screens", { skip: noChromium }, () => {
  let data: string
  let plant: Example
  let browser: Browser
  let person: Session
  let screens: readonly (readonly [path: string, headline: { en: string; ko: string }])[]

  before(async () => {
    data = await mkdtemp(join(tmpdir(), "moru-screens-"))
    plant = await startExample({ data, speed: 240, seed: 11 })
    browser = await launchChromium()
    person = await firstAdministrator(plant, "Kim")
    const { id, record } = await approveCooling(plant, person)
    await measured(person, id)
    const words = (key: keyof typeof en) => ({ en: en[key], ko: ko[key] })
    const tags = ["state", "die-temperature-upper-1"].map((tag) => `${equipment}/${tag}`)
    screens = [
      ["/", words("nav.overview")],
      [`/equipment/${equipment}`, machine],
      [`/equipment/${equipment}?tag=${tags[0]}`, machine],
      [`/trend?tags=${tags}`, words("nav.trend")],
      ["/alarms", words("nav.alarms")],
      ["/decisions", words("nav.decisions")],
      [`/decisions/${id}`, words("nav.decisions")],
      ["/ledger", words("nav.ledger")],
      [`/ledger/${encodeURIComponent(record)}`, words("nav.ledger")],
      ["/connect", words("nav.connect")],
      ["/settings", words("nav.settings")],
      ["/sign-in", words("sign-in.title")],
    ]
  })

  after(async () => {
    await browser?.close()
    await plant?.stop()
    await rm(data, { recursive: true, force: true })
  })

  suite("fit in both languages and colours", { concurrency: true }, () => {
    test("at a desk, on a large and on a small display", () => fit(desks, {}))
    test("on a phone", () => fit([phone], { isMobile: true, hasTouch: true }))
  })

  async function fit(sizes: typeof desks, touch: BrowserContextOptions): Promise<void> {
    const context = await browser.newContext(touch)
    await lend(person, context, plant.url)
    const page = await context.newPage()
    const complaints = complaintsOf(page)
    const wrong: string[] = []
    for (const [path, headline] of screens) {
      await page.setViewportSize(sizes[0] ?? phone)
      await page.goto(plant.url + path)
      for (const language of ["ko", "en"] as const) {
        await choose(page, language)
        await page.getByRole("heading", { level: 1, name: headline[language] }).waitFor()
        await until("all is loaded", async () => (await page.locator(".loading").count()) === 0)
        for (const size of sizes) {
          await page.setViewportSize(size)
          for (const colorScheme of ["light", "dark"] as const) {
            await page.emulateMedia({ colorScheme })
            for (const each of await page.evaluate<readonly string[]>(overflowing))
              wrong.push(`${path} ${language} ${colorScheme} ${size.width}: ${each}`)
          }
        }
      }
    }
    await context.close()
    assert.deepEqual(wrong, [])
    assert.deepEqual(complaints, [])
  }

  test("show the state of a machine in words, never as a number", async () => {
    const page = await openAs(person, "ko-KR")
    await page.goto(`${plant.url}/equipment/${equipment}`)
    const row = page.getByRole("button", { name: /^상태 / })
    await row.getByText(ko["state.running"]).waitFor()
    assert.doesNotMatch(await row.innerText(), /\d/)
    await page.context().close()
  })

  test("tick the first steps by what really happened", async () => {
    const page = await openAs(undefined, "en-GB")
    await page.goto(plant.url)
    const list = page.getByRole("region", { name: en["first-run.title"] })
    const done = list.locator("li.done")
    await list.waitFor()
    assert.deepEqual(await done.allInnerTexts(), [en["first-run.value"], en["first-run.decision"]])
    await lend(person, page.context(), plant.url)
    await page.reload()
    await done.getByText(en["first-run.sign-in"]).waitFor()
    await list.getByRole("button", { name: en["first-run.close"] }).click()
    await page.reload()
    await page.getByText(machine.en).first().waitFor()
    assert.equal(await list.count(), 0)
    await page.context().close()
  })

  test("say within 5 s that the server is gone, and recover when it is back", async () => {
    const page = await openAs(person, "en-GB")
    await page.goto(plant.url)
    const line = page.locator(".live")
    await line.filter({ hasText: "live" }).waitFor()
    const gone = new Promise((resolve) => plant.child.on("exit", resolve))
    plant.child.kill("SIGKILL")
    await page.locator(".live.stale").waitFor({ timeout: 5000 })
    assert.match(await line.innerText(), /no connection · \d+ s/)
    await gone
    const port = Number(new URL(plant.url).port)
    plant = await startExample({ data, port, speed: 200, seed: 12, env: plant.env })
    await page.locator(".live:not(.stale)").waitFor({ timeout: 15_000 })
    await page.getByText(en["state.running"]).first().waitFor()
    await page.context().close()
  })

  async function openAs(session: Session | undefined, locale: string): Promise<Page> {
    const context = await browser.newContext({ locale, viewport: { width: 1600, height: 900 } })
    if (session) await lend(session, context, plant.url)
    return context.newPage()
  }
})

function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = []
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`))
  return complaints
}

/** A small screen shows only the button of the other language. */
async function choose(page: Page, language: "en" | "ko"): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor()
  if ((await page.locator("html").getAttribute("lang")) === language) return
  await page.locator(`.switch button[lang=${language}]`).first().click()
}

/** What is wider than its place: the page itself, or a text that is neither clipped with dots nor scrolled. */
const overflowing = `(() => {
  const wrong = []
  for (const each of [document.documentElement, document.querySelector("#page > *")])
    if (each && each.scrollWidth > each.clientWidth)
      wrong.push(each.tagName + " is " + each.scrollWidth + " wide, there are " + each.clientWidth)
  for (const each of document.querySelectorAll("body *")) {
    const text = [...each.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim())
    if (!text || each.clientWidth === 0 || each.scrollWidth <= each.clientWidth + 1) continue
    const { overflowX, display } = getComputedStyle(each)
    if (overflowX === "visible" && display !== "inline") wrong.push(each.outerHTML.slice(0, 120))
  }
  return wrong
})()`
