// After the run: is every acknowledged sample there, once, with its time and value?
import { openChunkHistory } from "../../src/historian/chunks/history.ts"
import { SystemClock } from "../../src/kernel/clock/system.ts"
import { nodeFiles } from "../../src/kernel/files/node.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { openStore } from "../../src/store/sqlite/store.ts"
import { pathOf } from "./plant.ts"
import { nodeName, placeOf, type Ring } from "./rings.ts"

export interface Found {
  /** Acknowledged samples that are not there. */
  readonly lost: number
  /** Samples that are there twice. */
  readonly doubled: number
  /** Samples with another value than was sent, or that nobody sent. */
  readonly wrong: number
  readonly read: number
}

export async function readBack(of: {
  data: string
  rings: readonly Ring[]
  metrics: number
  start: number
  sent: readonly number[]
  acknowledged: readonly number[]
}): Promise<Found> {
  const { data, rings, metrics, start, sent, acknowledged } = of
  const [clock, files, log] = [new SystemClock(), nodeFiles, silentLog]
  const store = await openStore({ folder: data, node: "plant", clock, files, log })
  const history = await openChunkHistory({ folder: data, log })
  const { signal } = new AbortController()
  const found = { lost: 0, doubled: 0, wrong: 0, read: 0 }
  for (const [node, ring] of rings.entries()) {
    for (let m = 0; m < metrics; m++) {
      const path = pathOf(node, m) as Parameters<typeof store.registry.tagId>[0]
      const kind = ring.kinds[m] === "state" ? "boolean" : "number"
      const tags = [store.registry.tagId(path, kind)]
      const seen = new Uint8Array(sent[node] ?? 0)
      const range = { tags, from: start, to: start + 86_400_000 }
      for await (const { length, at, value, sources, origin } of history.read(range, signal)) {
        const live = sources.map((source) => source.startsWith(`${nodeName(node)}/live@`))
        for (let i = 0; i < length; i++) {
          if (!live[origin[i] ?? 0]) continue
          found.read++
          const message = (at[i] ?? 0) - start
          const sent = ring.values[placeOf(message) * metrics + m]
          if (message >= seen.length || value[i] !== sent) found.wrong++
          else if (seen[message] === 1) found.doubled++
          else seen[message] = 1
        }
      }
      for (let i = 0; i < (acknowledged[node] ?? 0); i++) if (seen[i] !== 1) found.lost++
    }
  }
  await history.close()
  await store.close()
  return found
}
