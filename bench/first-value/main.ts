// How long from the command to the first live value on the page? The limit beside it: a page of Moru that is already running.
import { parseArgs } from "node:util"
import { launchChromium } from "../../test/support/chromium.ts"
import { startExample, wholePlant } from "../../test/support/example.ts"

const { values: given } = parseArgs({
  options: { json: { type: "boolean", default: false }, runs: { type: "string", default: "3" } },
})

const browser = await launchChromium()
const cold: number[] = []
const warm: number[] = []

/** The first value of a live tag, as a person sees it. */
async function look(url: string): Promise<void> {
  const page = await browser.newPage({ locale: "en-US" })
  await page.goto(url)
  await page
    .getByText(/\d+\.\d\s*°C/)
    .first()
    .waitFor({ timeout: 60_000 })
  await page.close()
}

try {
  for (let run = 0; run < Number(given.runs); run++) {
    const from = performance.now()
    const plant = await startExample({ plant: wholePlant })
    await look(plant.url)
    cold.push(performance.now() - from)
    const again = performance.now()
    await look(plant.url)
    warm.push(performance.now() - again)
    await plant.stop()
  }
} finally {
  await browser.close()
}

const median = (values: readonly number[]) =>
  Math.round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN)
const result = { fromStartMs: median(cold), runningMs: median(warm), runs: cold.length }
console.log(
  given.json
    ? JSON.stringify(result)
    : `first live value ${result.fromStartMs} ms after the start, ${result.runningMs} ms where Moru runs already (median of ${result.runs})`,
)
