import { useSyncExternalStore } from "react"

/** Plant time runs on between the server's ticks, as fast as the plant does. */
let base = { now: Date.now(), heard: performance.now(), speed: 1 }
const listeners = new Set<() => void>()
let seconds = 0
let timer: ReturnType<typeof setInterval> | undefined

export function setPlantTime(now: number, speed?: number): void {
  base = { now, heard: performance.now(), speed: speed ?? base.speed }
}

export function plantNow(): number {
  return base.now + (performance.now() - base.heard) * base.speed
}

export function plantSpeed(): number {
  return base.speed
}

function follow(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    seconds = plantNow()
    for (const each of listeners) each()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Plant time, renewed once a second. */
export function usePlantNow(): number {
  return useSyncExternalStore(follow, () => {
    if (seconds === 0 || timer === undefined) seconds = plantNow()
    return seconds
  })
}
