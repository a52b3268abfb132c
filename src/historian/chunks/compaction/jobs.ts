import type { Place } from "../partition/place.ts"

/** A cluster of more chunks would take too much memory and time at once; it stays, and is read all the same. */
const mostChunks = 1024

/**
 * Which chunks of a tag are worth being made into one: all that overlap one another, since only together do they show which
 * of their rows hold, and small neighbours. `places` stand by their first times.
 */
export function* jobsOf(
  places: readonly Place[],
  { chunkRows, smallRows }: { readonly chunkRows: number; readonly smallRows: number },
): Generator<readonly Place[]> {
  let job: Place[] = []
  let rows = 0
  const take = () => {
    const taken = job
    job = []
    rows = 0
    return taken
  }
  for (const cluster of clustersOf(places)) {
    const count = cluster.reduce((sum, place) => sum + place.count, 0)
    const isSmall = count < smallRows
    if (job.length > 0 && !(isSmall && rows + count <= chunkRows)) {
      const done = take()
      if (isWorth(done)) yield done
    }
    job.push(...cluster)
    rows += count
  }
  if (isWorth(job)) yield job
}

function isWorth(job: readonly Place[]): boolean {
  return job.length > 1 && job.length <= mostChunks
}

function* clustersOf(places: readonly Place[]): Generator<readonly Place[]> {
  let cluster: Place[] = []
  let last = Number.NEGATIVE_INFINITY
  for (const place of places) {
    if (cluster.length > 0 && place.from > last) {
      yield cluster
      cluster = []
    }
    cluster.push(place)
    last = Math.max(last, place.to)
  }
  if (cluster.length > 0) yield cluster
}

/** Whether the records of a tag lie one behind the other, but for a few. */
export function lieTogether(places: readonly Place[]): boolean {
  let breaks = 0
  for (let i = 1; i < places.length; i++)
    if ((places[i]?.id ?? 0) !== (places[i - 1]?.id ?? 0) + 1) breaks++
  return breaks <= places.length / 8
}
