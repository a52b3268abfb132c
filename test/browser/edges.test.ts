// The edges on the Connect screen and the status page of the edge itself, in both languages, both colours and two sizes.
import assert from "node:assert/strict"
import { after, before, suite, test } from "node:test"
import type { Browser } from "playwright-core"
import { launchChromium, noChromium } from "../support/chromium.ts"
import { lend } from "../support/closed-loop.ts"
import { EdgePlant, type EdgeProcess, end, Line } from "../support/edge-plant.ts"
import { type Example, startExample } from "../support/example.ts"
import { freePort } from "../support/free-port.ts"
import { until } from "../support/until.ts"
import { type Visitors, visitorsOf } from "../support/visitors.ts"

const sizes = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
]
const words = {
  en: { title: "Edges", lost: "Connection lost", status: "cut off" },
  ko: { title: "에지", lost: "연결 끊김", status: "끊김" },
}
const shots = process.env.MORU_SHOTS

suite("edges on the screens", { skip: noChromium }, () => {
  let plant: EdgePlant
  let centre: Example
  let edge: EdgeProcess
  let line: Line
  let browser: Browser
  let people: Visitors

  before(async () => {
    const port = await freePort()
    line = await Line.open(() => port)
    plant = await EdgePlant.open({ to: line.port })
    centre = await startExample({ plant: plant.folder, data: plant.centreData, port })
    people = await visitorsOf(centre)
    browser = await launchChromium()
    const { body } = await people.administrator.post<{ key: string }>("/api/v1/edges/hall/key", {})
    edge = await plant.startEdge(body.key)
    await plant.drop({ from: Date.UTC(2026, 0, 5), rows: 200 })
    await until("the edge is heard", async () => {
      const answer = await people.viewer.get<readonly { state: string }[]>("/api/v1/edges")
      return answer.body[0]?.state === "connected"
    })
  })
  after(async () => {
    await browser?.close()
    if (edge) await end(edge.child, "SIGKILL")
    await centre?.stop()
    line?.close()
    await plant?.remove()
  })

  const open = async (
    url: string,
    of: {
      language: "en" | "ko"
      size: { width: number; height: number }
      colorScheme: "light" | "dark"
    },
  ) => {
    const { language, size, colorScheme } = of
    const locale = language === "ko" ? "ko-KR" : "en-GB"
    const context = await browser.newContext({ viewport: size, colorScheme, locale })
    await lend(people.viewer, context, centre.url)
    const page = await context.newPage()
    const complaints: string[] = []
    page.on("pageerror", (thrown) => complaints.push(String(thrown)))
    await page.goto(url)
    return { context, page, complaints }
  }

  for (const language of ["en", "ko"] as const)
    for (const size of sizes)
      for (const colorScheme of ["light", "dark"] as const)
        test(`the edge's card and its page fit: ${language}, ${size.width}, ${colorScheme}`, async () => {
          for (const [name, url, word] of [
            ["connect", `${centre.url}/connect`, words[language].title],
            ["edge", `${edge.url}/`, "hall"],
          ] as const) {
            const { context, page, complaints } = await open(url, { language, size, colorScheme })
            await page.getByText(word, { exact: true }).first().waitFor()
            const width = await page.evaluate("document.documentElement.scrollWidth")
            assert.ok(Number(width) <= size.width, `${name} is ${width} wide`)
            assert.deepEqual(complaints, [])
            if (shots)
              await page.screenshot({
                path: `${shots}/${name}-${language}-${size.width}-${colorScheme}.png`,
              })
            await context.close()
          }
        })

  test("a cut line is said at the edge and at the centre", async () => {
    line.cut()
    const at = {
      language: "ko",
      size: sizes[0] ?? { width: 1280, height: 800 },
      colorScheme: "light",
    } as const
    const own = await open(`${edge.url}/?lang=ko`, at)
    await own.page.getByText(words.ko.status).first().waitFor({ timeout: 30_000 })
    if (shots) await own.page.screenshot({ path: `${shots}/edge-cut.png` })
    const { page } = await open(`${centre.url}/connect`, at)
    await page.getByText("에지에서 소식이 없습니다").first().waitFor({ timeout: 60_000 })
    if (shots) await page.screenshot({ path: `${shots}/connect-cut.png` })
  })
})
