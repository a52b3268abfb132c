import type uPlot from "uplot"
import type { Span } from "../api/queries.ts"
import type { Inks } from "./chart-view.ts"

export interface Mark {
  readonly at: number
  readonly text: string
}

/** A stretch of time that a number was taken from. */
export interface Window extends Span {
  readonly text: string
  readonly mean: number
}

export interface Notes {
  readonly marks: readonly Mark[]
  readonly windows: readonly Window[]
}

interface Pen {
  readonly inks: Inks
  readonly font: string
}

/** Behind the line: each window shaded, with its mean as a thick line over its length. */
export function drawWindows(u: uPlot, { windows }: Notes, { inks, font }: Pen): void {
  inPlot(u, font, (ctx) => {
    const { top, height } = u.bbox
    for (const { from, to, mean } of windows) {
      const left = Math.max(u.bbox.left, u.valToPos(from, "x", true))
      const right = u.valToPos(to, "x", true)
      ctx.fillStyle = inks.ink3
      ctx.globalAlpha = 0.14
      ctx.fillRect(left, top, right - left, height)
      ctx.globalAlpha = 1
      const y = u.valToPos(mean, "y", true)
      ctx.strokeStyle = inks.ink
      ctx.lineWidth = 2.5 * devicePixelRatio
      stroke(ctx, [left, y], [right, y])
    }
  })
}

/** Before the line: each mark upright with its word at the top, each window's at the bottom; none covers another. */
export function drawMarks(u: uPlot, { marks, windows }: Notes, { inks, font }: Pen): void {
  inPlot(u, font, (ctx) => {
    const { left, top, width, height } = u.bbox
    const placed = marks.map(({ at, text }) => ({ x: u.valToPos(at, "x", true), text }))
    ctx.strokeStyle = inks.ink
    ctx.lineWidth = 1.5 * devicePixelRatio
    for (const { x } of placed) stroke(ctx, [x, top], [x, top + height])
    let free = Number.NEGATIVE_INFINITY
    let row = 0
    for (const { x, text } of placed) {
      const room = ctx.measureText(text).width + 10 * devicePixelRatio
      row = x < free ? row + 1 : 0
      free = Math.max(free, x + room)
      const start = x + room > left + width ? x - room : x + devicePixelRatio
      word(ctx, { text, x: start, y: top + (3 + 16 * row) * devicePixelRatio, inks })
    }
    for (const { from, text } of windows) {
      const x = Math.max(left, u.valToPos(from, "x", true)) + 2 * devicePixelRatio
      word(ctx, { text, x, y: top + height - 19 * devicePixelRatio, inks })
    }
  })
}

interface Word {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly inks: Inks
}

/** On a ground of its own, so that no line runs through it. */
function word(ctx: CanvasRenderingContext2D, { text, x, y, inks }: Word): void {
  const room = ctx.measureText(text).width + 10 * devicePixelRatio
  ctx.fillStyle = inks.plot
  ctx.fillRect(x, y, room, 16 * devicePixelRatio)
  ctx.fillStyle = inks.ink
  ctx.fillText(text, x + 5 * devicePixelRatio, y + 12 * devicePixelRatio)
}

function inPlot(u: uPlot, font: string, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { ctx, bbox } = u
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.font = font.replace(/^[\d.]+/, (size) => String(Number(size) * devicePixelRatio))
  ctx.textAlign = "left"
  ctx.textBaseline = "alphabetic"
  draw(ctx)
  ctx.restore()
}

type Spot = readonly [x: number, y: number]

function stroke(ctx: CanvasRenderingContext2D, from: Spot, to: Spot): void {
  ctx.beginPath()
  ctx.moveTo(...from)
  ctx.lineTo(...to)
  ctx.stroke()
}
