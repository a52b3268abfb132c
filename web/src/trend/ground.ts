import type uPlot from "uplot"
import type { TagView } from "../../../src/serve/api.ts"
import type { Inks } from "./chart-view.ts"

/** Behind the line: the plot's ground, the normal band, the limits with their side. */
export function drawGround(u: uPlot, tag: TagView, inks: Inks): void {
  const { ctx, bbox } = u
  const { left, top, width, height } = bbox
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
  ctx.fillStyle = inks.plot
  ctx.fillRect(left, top, width, height)
  const [low, high] = tag.normal ?? []
  if (low !== undefined && high !== undefined) {
    const from = u.valToPos(high, "y", true)
    ctx.globalAlpha = 0.55
    ctx.fillStyle = inks.band
    ctx.fillRect(left, from, width, u.valToPos(low, "y", true) - from)
    ctx.globalAlpha = 1
  }
  for (const limit of tag.limits) {
    const y = u.valToPos(limit.at, "y", true)
    ctx.strokeStyle = inks.ink3
    ctx.lineWidth = devicePixelRatio
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio])
    line(ctx, [left, y], [left + width, y])
  }
  ctx.restore()
}

/** A stretch of time in which something is missing, and why. */
export interface ChartGap {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** Behind the line: hatched over the whole height, so that nobody takes the empty place for a calm value. */
export function drawGaps(u: uPlot, gaps: readonly ChartGap[], inks: Inks): void {
  if (gaps.length === 0) return
  const { ctx, bbox } = u
  const { left, top, width, height } = bbox
  const step = 7 * devicePixelRatio
  for (const { from, to } of gaps) {
    const start = Math.max(left, u.valToPos(from, "x", true))
    const end = Math.max(start + 2 * devicePixelRatio, u.valToPos(to, "x", true))
    if (end < left || start > left + width) continue
    ctx.save()
    ctx.beginPath()
    ctx.rect(start, top, Math.min(end, left + width) - start, height)
    ctx.clip()
    ctx.fillStyle = inks.plot
    ctx.fillRect(start, top, end - start, height)
    ctx.strokeStyle = inks.ink3
    ctx.lineWidth = devicePixelRatio
    for (let x = start - height; x < end; x += step) line(ctx, [x, top + height], [x + height, top])
    ctx.restore()
  }
}

/** The first of two cursors, set by a click. */
export function drawPin(u: uPlot, pin: number | undefined, inks: Inks): void {
  if (pin === undefined) return
  const x = u.valToPos(pin, "x", true)
  if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return
  u.ctx.save()
  u.ctx.strokeStyle = inks.accent
  u.ctx.lineWidth = 1.5 * devicePixelRatio
  line(u.ctx, [x, u.bbox.top], [x, u.bbox.top + u.bbox.height])
  u.ctx.restore()
}

type Spot = readonly [x: number, y: number]

function line(ctx: CanvasRenderingContext2D, from: Spot, to: Spot): void {
  ctx.beginPath()
  ctx.moveTo(...from)
  ctx.lineTo(...to)
  ctx.stroke()
}
