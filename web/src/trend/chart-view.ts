import uPlot from "uplot"
import type { TagView } from "../../../src/serve/api.ts"
import type { Span } from "../api/queries.ts"
import { clockSeconds, clockTime, day, number, signed } from "../text/format.ts"
import { gestures } from "./gestures.ts"
import { type ChartGap, drawGaps, drawGround, drawPin } from "./ground.ts"
import { drawMarks, drawWindows, type Notes } from "./notes.ts"
import { isStepped } from "./series.ts"

export interface ChartOptions {
  readonly tag: TagView
  readonly zone: string
  readonly span: Span
  readonly small: boolean
  /** Without zoom and pan. */
  readonly still: boolean
  /** A value as people read it. */
  readonly say: (value: number) => string
  readonly onSpan: (span: Span) => void
  readonly onReset: () => void
}

/** From the last move of a hand until its span has come back through the address. */
const heldMs = 600

/** Room left and right of the plot, so that what lies under it can stand in line. */
export const room = { left: 56, right: 14 } as const

/** Colours of the tokens, read once for a plot. */
export interface Inks {
  readonly ink: string
  readonly ink3: string
  readonly line: string
  readonly band: string
  readonly plot: string
  readonly trace: string
  readonly soft: string
  readonly accent: string
}

export class ChartView {
  #options: ChartOptions
  #plot: uPlot
  #span: Span
  #watch: ResizeObserver
  #readout: HTMLElement
  #pin: number | undefined
  #heldUntil = 0
  #notes: Notes | undefined
  #gaps: readonly ChartGap[] = []

  constructor(place: HTMLElement, options: ChartOptions) {
    this.#options = options
    this.#span = options.span
    this.#readout = document.createElement("div")
    this.#readout.className = "readout"
    this.#plot = new uPlot(this.#setUp(place), [[], [], [], []], place)
    if (!options.small) this.#plot.over.append(this.#readout)
    this.#watch = new ResizeObserver(() =>
      this.#plot.setSize({ width: place.clientWidth, height: place.clientHeight }),
    )
    this.#watch.observe(place)
  }

  show(data: uPlot.AlignedData | undefined, span: Span): void {
    // New values may come while a hand moves the plot; they must not take it out of the hand.
    if (performance.now() > this.#heldUntil) this.#span = span
    const { from, to } = this.#span
    this.#plot.batch(() => {
      if (data) this.#plot.setData(data, false)
      this.#plot.setScale("x", { min: from, max: to })
      this.#plot.redraw()
    })
  }

  /** Marks and windows, drawn with the next `show`. */
  note(notes: Notes | undefined): void {
    this.#notes = notes
  }

  /** What is missing, drawn with the next `show`. */
  lack(gaps: readonly ChartGap[]): void {
    this.#gaps = gaps
  }

  /** The picture as it stands, on the colour of its ground. */
  picture(): HTMLCanvasElement {
    const { canvas } = this.#plot.ctx
    const copy = document.createElement("canvas")
    copy.width = canvas.width
    copy.height = canvas.height
    const pen = copy.getContext("2d")
    if (pen) {
      pen.fillStyle = getComputedStyle(document.body).getPropertyValue("--panel")
      pen.fillRect(0, 0, copy.width, copy.height)
      pen.drawImage(canvas, 0, 0)
    }
    return copy
  }

  close(): void {
    this.#watch.disconnect()
    this.#plot.destroy()
  }

  #setUp(place: HTMLElement): uPlot.Options {
    const { tag, small, still, zone, say } = this.#options
    const inks = inksOf(place)
    const font = `${small ? 11 : 11.5}px ${getComputedStyle(document.body).fontFamily}`
    const axis = { font, stroke: inks.ink3, ticks: { show: false } }
    const stepped = uPlot.paths.stepped?.({ align: 1 })
    const paths = isStepped(tag) && stepped ? { paths: stepped } : {}
    return {
      width: Math.max(60, place.clientWidth),
      height: Math.max(60, place.clientHeight),
      ms: 1,
      tzDate: (at) => uPlot.tzDate(new Date(at), zone),
      padding: [8, room.right, 0, 0],
      legend: { show: false },
      cursor: small
        ? { show: false }
        : { drag: { setScale: false, x: false, y: false }, sync: { key: "trend" }, y: false },
      scales: {
        x: { time: true, range: () => [this.#span.from, this.#span.to] },
        y: { range: yRange(tag) },
      },
      axes: [
        {
          ...axis,
          size: small ? 22 : 28,
          space: small ? 60 : 80,
          grid: { show: false },
          values: (_, splits) => splits.map((at) => this.#timeText(at)),
        },
        {
          ...axis,
          size: small ? 42 : room.left,
          space: small ? 30 : 40,
          grid: { stroke: inks.line, width: 1 },
          values: (_, splits) =>
            tag.states
              ? splits.map((at) => (Number.isInteger(at) ? say(at) : ""))
              : splits.map((at) => number(at, decimalsFor(splits, tag.decimals))),
        },
      ],
      series: [
        {},
        { stroke: "transparent", width: 0, points: { show: false }, ...paths },
        { stroke: "transparent", width: 0, points: { show: false }, ...paths },
        {
          stroke: inks.trace,
          width: 1.5,
          points: { show: (u) => lonely(u), size: 4, fill: inks.trace },
          ...paths,
        },
      ],
      bands: [{ series: [1, 2], fill: inks.soft }],
      plugins: still ? [] : [gestures(this.#gestureHost())],
      hooks: {
        drawClear: [
          (u) => drawGround(u, tag, inks),
          (u) => drawGaps(u, this.#gaps, inks),
          (u) => this.#notes && drawWindows(u, this.#notes, { inks, font }),
        ],
        draw: [
          (u) => this.#notes && drawMarks(u, this.#notes, { inks, font }),
          (u) => drawPin(u, this.#pin, inks),
        ],
        setCursor: [(u) => this.#read(u)],
      },
    }
  }

  #gestureHost() {
    return {
      span: () => this.#span,
      move: (span: Span) => {
        this.#heldUntil = performance.now() + heldMs
        this.#span = span
        this.#plot.setScale("x", { min: span.from, max: span.to })
      },
      settle: (span: Span) => this.#options.onSpan(span),
      reset: () => {
        this.#pin = undefined
        this.#options.onReset()
      },
      pin: (at: number) => {
        this.#pin = this.#pin === undefined ? at : undefined
        this.#plot.redraw(false)
      },
    }
  }

  #timeText(at: number): string {
    const wide = this.#span.to - this.#span.from
    const { zone } = this.#options
    const text = wide < 8 * 60_000 ? clockSeconds(at, zone) : clockTime(at, zone)
    return wide > 40 * 3_600_000 && text === "00:00" ? day(at, zone).slice(5) : text
  }

  /** Time and value under the cursor, and the difference to the pin where one is set. */
  #read(u: uPlot): void {
    const gap = this.#gapUnder(u)
    const text = gap ? gap.text : this.#valueText(u)
    this.#readout.hidden = text === undefined
    if (text === undefined) return
    this.#readout.textContent = text
    const left = u.cursor.left ?? 0
    const flip = left > u.over.clientWidth / 2
    this.#readout.style.left = flip ? "" : `${left + 10}px`
    this.#readout.style.right = flip ? `${u.over.clientWidth - left + 10}px` : ""
  }

  #valueText(u: uPlot): string | undefined {
    const i = u.cursor.idx
    const at = i === null || i === undefined ? undefined : u.data[0][i]
    const value = i === null || i === undefined ? undefined : u.data[3]?.[i]
    if (at === undefined || value === undefined || value === null) return undefined
    const { tag, zone, say } = this.#options
    const [high, low] = [u.data[1]?.[i ?? 0], u.data[2]?.[i ?? 0]]
    const parts = [clockSeconds(at, zone), `${say(value)} ${tag.symbol}`]
    if (typeof high === "number" && typeof low === "number" && high - low > 10 ** -tag.decimals)
      parts.push(`${number(low, tag.decimals)} … ${number(high, tag.decimals)}`)
    const pinned = this.#pin === undefined ? undefined : u.valToIdx(this.#pin)
    const base = pinned === undefined ? undefined : u.data[3]?.[pinned]
    if (typeof base === "number" && this.#pin !== undefined)
      parts.push(
        `Δ ${signed(value - base, tag.decimals)} ${tag.symbol} · ${signed((at - this.#pin) / 1000)} s`,
      )
    return parts.join("   ")
  }

  #gapUnder(u: uPlot): ChartGap | undefined {
    const { left } = u.cursor
    if (left === undefined || left < 0) return undefined
    const at = u.posToVal(left, "x")
    const near = u.posToVal(left + 3, "x") - at
    return this.#gaps.find(({ from, to }) => at >= from - near && at <= to + near)
  }
}

function inksOf(place: HTMLElement): Inks {
  const style = getComputedStyle(place)
  const ink = (name: string) => style.getPropertyValue(name).trim()
  return {
    ink: ink("--ink"),
    ink3: ink("--ink-3"),
    line: ink("--line-2"),
    band: ink("--band"),
    plot: ink("--plot"),
    trace: ink("--trace"),
    soft: ink("--trace-soft"),
    accent: ink("--accent"),
  }
}

/** As many digits as neighbouring marks need to differ, but no more than the tag says. */
function decimalsFor(splits: readonly number[], most: number): number {
  const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0)) || 1
  return Math.max(0, Math.min(most, -Math.floor(Math.log10(step) + 1e-9)))
}

/** All data and the normal band with some air; limits that lie near are shown too. */
function yRange(tag: TagView): uPlot.Range.Function {
  return (_, low, high) => {
    const from = Math.min(
      low ?? Number.POSITIVE_INFINITY,
      tag.normal?.[0] ?? Number.POSITIVE_INFINITY,
    )
    const to = Math.max(
      high ?? Number.NEGATIVE_INFINITY,
      tag.normal?.[1] ?? Number.NEGATIVE_INFINITY,
    )
    if (!(from <= to)) return [0, 1]
    const wide = to - from || Math.abs(to) * 0.1 || 1
    const near = tag.limits
      .map((limit) => limit.at)
      .filter((at) => at > from - wide * 0.6 && at < to + wide * 0.6)
    const least = Math.min(from, ...near)
    const most = Math.max(to, ...near)
    const air = (most - least || wide) * 0.08
    return [least - air, most + air]
  }
}

/** Points are drawn where they stand far apart. */
function lonely(u: uPlot): boolean {
  return u.data[0].length < u.over.clientWidth / 12
}
