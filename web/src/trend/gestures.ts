import type uPlot from "uplot"
import type { Span } from "../api/queries.ts"
import { zoomed } from "./range.ts"

export interface GestureHost {
  span(): Span
  /** While the hand moves. */
  move(span: Span): void
  /** When it rests. */
  settle(span: Span): void
  reset(): void
  pin(at: number): void
}

/** Wheel and pinch zoom at the pointer, drag pans, click pins, double click resets. */
export function gestures(host: GestureHost): uPlot.Plugin {
  return { hooks: { ready: (u) => listen(u, host) } }
}

function listen(u: uPlot, host: GestureHost): void {
  const { over } = u
  let rest: ReturnType<typeof setTimeout> | undefined
  const settleSoon = () => {
    clearTimeout(rest)
    rest = setTimeout(() => host.settle(host.span()), 180)
  }
  over.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault()
      const place = u.posToVal(event.clientX - over.getBoundingClientRect().left, "x")
      host.move(zoomed(host.span(), place, event.deltaY < 0 ? 0.8 : 1.25))
      settleSoon()
    },
    { passive: false },
  )
  over.addEventListener("dblclick", () => {
    clearTimeout(rest)
    host.reset()
  })
  drag(u, host)
}

function drag(u: uPlot, host: GestureHost): void {
  const { over } = u
  const fingers = new Map<number, number>()
  let begun: { readonly span: Span; readonly x: number; readonly gap: number } | undefined
  let moved = false
  const begin = () => {
    const [a = 0, b = a] = fingers.values()
    begun = { span: host.span(), x: (a + b) / 2, gap: Math.abs(a - b) }
  }
  over.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return
    over.setPointerCapture(event.pointerId)
    fingers.set(event.pointerId, event.clientX)
    moved = false
    begin()
  })
  over.addEventListener("pointermove", (event) => {
    if (!begun || !fingers.has(event.pointerId)) return
    fingers.set(event.pointerId, event.clientX)
    const [a = 0, b = a] = fingers.values()
    const shift = (a + b) / 2 - begun.x
    if (Math.abs(shift) > 3 || fingers.size > 1) moved = true
    if (!moved) return
    const { from, to } = begun.span
    const perPixel = (to - from) / over.clientWidth
    const panned = { from: from - shift * perPixel, to: to - shift * perPixel }
    const gap = Math.abs(a - b)
    const box = over.getBoundingClientRect()
    const place = panned.from + ((a + b) / 2 - box.left) * perPixel
    const factor = fingers.size > 1 && gap > 10 && begun.gap > 10 ? begun.gap / gap : 1
    host.move(zoomed(panned, place, factor))
  })
  const end = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId)) return
    if (fingers.size > 0) return begin()
    begun = undefined
    if (moved) host.settle(host.span())
    else if (event.type === "pointerup")
      host.pin(u.posToVal(event.clientX - over.getBoundingClientRect().left, "x"))
  }
  over.addEventListener("pointerup", end)
  over.addEventListener("pointercancel", end)
}
