import type { QueryClient } from "@tanstack/react-query"
import { useSyncExternalStore } from "react"
import type { LiveEvents, PlantView } from "../../../src/serve/api.ts"
import { setPlantTime } from "./plant-clock.ts"
import { putValues } from "./values.ts"

/** The server ticks each second; so much silence means that the line is dead. */
const silenceMs = 4000
const retryMs = 1500

type Listed = { readonly id: string }

let heardAt = -1
let source: EventSource | undefined
let openedAt = 0
const listeners = new Set<() => void>()

/** Opens the live stream for the life of the page and reconnects whenever it falls silent. */
export function startLive(client: QueryClient): () => void {
  open(client)
  const watch = setInterval(() => {
    for (const listener of listeners) listener()
    const quiet = performance.now() - Math.max(heardAt, openedAt)
    const closed = source?.readyState === EventSource.CLOSED
    if (quiet > silenceMs || (closed && quiet > retryMs)) open(client)
  }, 500)
  return () => {
    clearInterval(watch)
    source?.close()
  }
}

function open(client: QueryClient): void {
  source?.close()
  openedAt = performance.now()
  const opened = new EventSource("/api/v1/live")
  source = opened
  let first = true
  const on = <K extends keyof LiveEvents>(kind: K, take: (data: LiveEvents[K]) => void) =>
    opened.addEventListener(kind, (event) => {
      heardAt = performance.now()
      take(JSON.parse(event.data) as LiveEvents[K])
    })
  opened.addEventListener("open", () => {
    // What happened while the line was dead is asked for again.
    if (!first || heardAt > 0) void client.invalidateQueries()
    first = false
  })
  on("values", putValues)
  on("tick", ({ now }) => setPlantTime(now))
  on("alarm", (alarm) => upsert(client, ["alarms"], alarm))
  on("finding", (finding) => upsert(client, ["findings"], finding))
  on("decision", (decision) => upsert(client, ["decisions"], decision))
  on("device", (device) =>
    client.setQueryData<readonly (typeof device)[]>(["devices"], (old) =>
      old?.map((each) => (each.device === device.device ? device : each)),
    ),
  )
  on("automatic", ({ stopped }) =>
    client.setQueryData<PlantView>(
      ["plant"],
      (old) => old && { ...old, automaticStopped: stopped },
    ),
  )
}

function upsert<Item extends Listed>(client: QueryClient, key: readonly string[], item: Item) {
  client.setQueryData<readonly Item[]>(key, (old) => {
    if (!old) return old
    const others = old.filter((each) => each.id !== item.id)
    return [item, ...others]
  })
  // The stream is the same for all; names of people come with what is asked for.
  void client.invalidateQueries({ queryKey: key })
  void client.invalidateQueries({ queryKey: ["ledger"] })
}

function follow(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Tenths of a second since anything was heard; -1 before the first. A whole number, so that React sees a change only where there is one. */
export function useSilence(): number {
  return useSyncExternalStore(follow, () =>
    heardAt < 0 ? -1 : Math.floor((performance.now() - heardAt) / 100),
  )
}

export const staleTenths = silenceMs / 100
