import { useNavigate } from "@tanstack/react-router"
import { useEffect, useMemo, useState } from "react"
import { plantNow, plantSpeed } from "../api/plant-clock.ts"
import type { Span } from "../api/queries.ts"
import type { TrendSearch } from "../router.tsx"
import { isLength, type LengthName, liveStepMs, quickSpan } from "./range.ts"

/** What part of time is looked at; it stands in the address, so that every view is a link. */
export interface Look {
  readonly span: Span
  /** The quick range that ends now, while the trend is live. */
  readonly live: LengthName | undefined
  /** Plant time at which the span was taken. */
  readonly now: number
  readonly set: (span: Span) => void
  readonly follow: (length: LengthName) => void
  readonly pause: () => void
}

export function useLook(search: TrendSearch, zone: string): Look {
  const navigate = useNavigate()
  const fixed = search.from !== undefined && search.to !== undefined && search.to > search.from
  const name: LengthName = isLength(search.last) ? search.last : "1h"
  const live = fixed ? undefined : name
  const now = useStepped(live, zone)
  const { from, to } = search
  const span = useMemo(
    () => (fixed ? { from: from ?? 0, to: to ?? 0 } : quickSpan(name, now, zone)),
    [fixed, from, to, name, now, zone],
  )
  const change = (next: TrendSearch) =>
    void navigate({
      to: ".",
      search: (old: object) => ({ ...old, ...next }),
      replace: true,
      resetScroll: false,
    })
  const set = ({ from: a, to: b }: Span) =>
    change({ from: Math.round(a), to: Math.round(b), last: undefined })
  return {
    span,
    live,
    now,
    set,
    follow: (length) => change({ from: undefined, to: undefined, last: length }),
    pause: () => set(span),
  }
}

/** Plant time in steps fit for the length looked at. */
function useStepped(live: LengthName | undefined, zone: string): number {
  const [now, setNow] = useState(plantNow)
  useEffect(() => {
    setNow(plantNow())
    if (!live) return
    const { from, to } = quickSpan(live, plantNow(), zone)
    const timer = setInterval(() => setNow(plantNow()), liveStepMs(to - from, plantSpeed()))
    return () => clearInterval(timer)
  }, [live, zone])
  return now
}
