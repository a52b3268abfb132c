import { useCallback, useSyncExternalStore } from "react"
import type { ValueView } from "../../../src/serve/api.ts"

/** Latest values beside React: a component hears only of the tags that it shows. */
const latest = new Map<string, ValueView>()
const listeners = new Map<string, Set<() => void>>()

export function putValues(values: readonly ValueView[]): void {
  const heard = new Set<() => void>()
  for (const value of values) {
    latest.set(value.path, value)
    for (const listener of listeners.get(value.path) ?? []) heard.add(listener)
  }
  for (const listener of heard) listener()
}

export function useValue(path: string): ValueView | undefined {
  const follow = useCallback(
    (listener: () => void) => {
      const own = listeners.get(path) ?? new Set()
      listeners.set(path, own)
      own.add(listener)
      return () => void own.delete(listener)
    },
    [path],
  )
  return useSyncExternalStore(follow, () => latest.get(path))
}
