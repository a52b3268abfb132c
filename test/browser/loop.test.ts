// The whole loop as a person closes it: a real browser, the real server, the machine in another process.
import assert from "node:assert/strict"
import { after, before, suite, test } from "node:test"
import type { Browser, Page } from "playwright-core"
import { giveOrder } from "../../src/twin/machines/control-client.ts"
import { launchChromium, noChromium } from "../support/chromium.ts"
import { type Example, startExample } from "../support/example.ts"
import { until } from "../support/until.ts"

const speed = 60
const equipment = "hwaseong/casting/line-1/dc-1"
const minute = 60_000

interface Decision {
  readonly id: string
  readonly kind: string
  readonly at: number
  readonly state: string
  readonly record: string
  readonly command?: {
    readonly writes: readonly {
      readonly outcome: { readonly state: string; readonly readBack?: number }
    }[]
  }
  readonly effect?: { readonly state: string; readonly change?: number; readonly proven?: boolean }
}

suite("the loop in a browser", { skip: noChromium }, () => {
  let plant: Example
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  let decided = ""

  before(async () => {
    plant = await startExample({ speed, seed: 11 })
    browser = await launchChromium()
    page = await (
      await browser.newContext({ locale: "en-US", viewport: { width: 1600, height: 1000 } })
    ).newPage()
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text())
    })
    page.on("pageerror", (error) => complaints.push(String(error)))
  })

  after(async () => {
    await browser?.close()
    await plant?.stop()
  })

  const api = async <T>(path: string): Promise<T> =>
    (await fetch(`${plant.url}/api/v1/${path}`)).json() as Promise<T>
  const now = async () => (await api<{ now: number }>("plant")).now

  test("the first administrator comes in with the token from the console", async () => {
    await page.goto(`${plant.url}/sign-in?token=${plant.token}`)
    await page.fill("input[name=name]", "Kim")
    await page.fill("input[name=password]", "a long password")
    await page.click("button[type=submit]")
    await page.getByRole("heading", { name: "Plant overview" }).waitFor()
    await page.getByText("Die caster 1").first().waitFor()
  })

  test("a clogged cooling channel is found within three minutes of plant time", async (t) => {
    // Right after a shot, so that the next one falls into the three minutes.
    const shots = async () =>
      (await api<{ sequence: number }[]>(`cycles?equipment=${equipment}&limit=1`))[0]?.sequence ?? 0
    const before = await shots()
    await until("a shot is finished", async () => (await shots()) > before)
    const at = await now()
    // What `moru fault cooling-clog` sends; a process of its own would take a minute of this plant's time to start.
    const control = Number(plant.env.MORU_DC1_CONTROL_PORT)
    await giveOrder(control, { fault: "cooling-clog", state: "on", severity: 1 })
    const finding = await until("the drift is found", async () => {
      const findings = await api<{ kind: string; at: number }[]>("findings")
      return findings.find((f) => f.kind === "drift" && f.at > at)
    })
    t.diagnostic(
      `found ${Math.round((finding.at - at) / 1000)} s of plant time after the order to clog`,
    )
    assert(finding.at - at < 3 * minute)
  })

  test("the proposal shows its evidence, and a click approves it", async () => {
    const decision = await until("more cooling is proposed", cooling)
    decided = decision.id
    await page.goto(`${plant.url}/decisions/${decision.id}`)
    await page.getByText("Evidence").first().waitFor()
    await page.getByText("Die temperature upper 1").first().waitFor()
    await page.getByRole("button", { name: "Approve" }).click()
    const acted = await until("the set point is written", async () => {
      const seen = await cooling()
      return seen && seen.command !== undefined ? seen : undefined
    })
    assert.deepEqual(
      acted.command?.writes.map(({ outcome }) => [outcome.state, outcome.readBack]),
      [["done", 50]],
    )
    const [value] = await until("the machine reports it", async () => {
      const values = await api<{ value: number }[]>(`values?pattern=${equipment}/cooling-flow-set`)
      return values[0]?.value === 50 ? values : undefined
    })
    assert.equal(value?.value, 50)
  })

  test("the measured effect has the right sign and stands on the page", async (t) => {
    const measured = await until(
      "the effect is measured",
      async () => {
        const seen = await cooling()
        return seen?.effect === undefined ? undefined : seen
      },
      120_000,
    )
    t.diagnostic(JSON.stringify(measured.effect))
    assert.equal(measured.effect?.state, "measured")
    assert((measured.effect?.change ?? 0) < 0)
    await page
      .getByText(/Proven: the interval excludes zero|Not proven/)
      .first()
      .waitFor()
  })

  test("the chain leads from the evidence to the effect", async () => {
    const decision = await cooling()
    assert(decision)
    const chain = await api<{ records: { kind: string }[] }>(
      `ledger/${encodeURIComponent(decision.record)}/chain`,
    )
    const kinds = chain.records.map(({ kind }) => kind)
    const wanted = [
      "finding.raised",
      "decision.proposed",
      "decision.approved",
      "command.issued",
      "command.done",
      "decision.done",
      "effect.measured",
    ]
    assert.deepEqual(
      wanted.filter((kind) => !kinds.includes(kind as never)),
      [],
    )
    assert.deepEqual(
      wanted.map((kind) => kinds.indexOf(kind)).toSorted((a, b) => a - b),
      wanted.map((kind) => kinds.indexOf(kind)),
      "causes stand before effects",
    )
    await page.goto(`${plant.url}/ledger/${encodeURIComponent(decision.record)}`)
    await page.getByText("Effect measured").first().waitFor()
  })

  test("nothing was complained about on the way, and Ctrl-C stops cleanly", async () => {
    assert.deepEqual(complaints, [])
    assert.equal(await plant.stop(), 0)
    assert.match(plant.output(), /Stopped\. Nothing is lost\./)
  })

  async function cooling(): Promise<Decision | undefined> {
    const decisions = await api<Decision[]>("decisions")
    return decisions.find((d) => (decided === "" ? d.kind === "set-point" : d.id === decided))
  }
})
