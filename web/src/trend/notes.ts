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
    for (const { from, to, mean, text } of windows) {
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
      ctx.fillText(text, left + 5 * devicePixelRatio, top + height - 6 * devicePixelRatio)
    }
  })
}

/** Before the line: each mark upright with its word at the top; words that would meet stand lower. */
export function drawMarks(u: uPlot, { marks }: Notes, { inks, font }: Pen): void {
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
      const line = top + (3 + 16 * row) * devicePixelRatio
      ctx.fillStyle = inks.plot
      ctx.fillRect(start, line, room, 16 * devicePixelRatio)
      ctx.fillStyle = inks.ink
      ctx.fillText(text, start + 5 * devicePixelRatio, line + 12 * devicePixelRatio)
    }
  })
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
