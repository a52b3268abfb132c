import type { AlarmEngine } from "../analyse/alarm/engine.ts"
import { annotate } from "../analyse/late/annotate.ts"
import { LateData } from "../analyse/late/late.ts"
import type { AnalyserRunner } from "../analyse/runner/runner.ts"
import type { StatesFromTags } from "../analyse/state/states.ts"
import type { Connections } from "../connect/supervisor/connections.ts"
import type { History } from "../historian/historian.ts"
import { silencesIn } from "../historian/silence.ts"
import { ClockWatch } from "../kernel/clock/watch.ts"
import type { Clock } from "../kernel/clock.ts"
import type { Log } from "../kernel/log.ts"
import type { Instant } from "../model/instant.ts"
import { isUsable } from "../model/quality.ts"
import type { TagId } from "../model/tag.ts"
import type { MemoryNamespace } from "../namespace/memory/namespace.ts"
import { leastSilentMs, type Namespace } from "../namespace/namespace.ts"
import type { Store } from "../store/store.ts"

/** What the supervisor asks of history: how far the samples of tags reach, and where they are silent. */
export function askedOfHistory(from: {
  history: History
  namespace: Namespace
  signal: AbortSignal
}) {
  const { history, namespace, signal } = from
  return {
    async lastAt(tags: readonly TagId[]): Promise<Instant | undefined> {
      const last = await history.latest(tags)
      const times = last.flatMap((one) => (one && isUsable(one.quality) ? [one.at] : []))
      return times.length > 0 ? Math.max(...times) : undefined
    },
    silences: (tags: readonly TagId[], interval: { from: Instant; to: Instant }) => {
      const silentMs = leastSilentMs(tags, namespace)
      return silencesIn(history, { tags, interval, silentMs }, signal)
    },
  }
}

/** Late data in the order in which it is worked in: first what it fills, then what stands on it. */
export function lateData(parts: {
  namespace: Namespace
  store: Store
  clock: Clock
  log: Log
  connections: Connections
  states: StatesFromTags
  findings: AnalyserRunner
}): LateData {
  const { namespace, store, clock, log, connections, states, findings } = parts
  return new LateData({
    ...{ namespace, store, clock, log },
    again: [
      (news) => connections.late(news, news.record),
      (news) => states.again(news, store),
      (news) => findings.again(news),
      (news) => annotate(news, store, clock.now()),
    ],
  })
}

/** A step of the computer's clock is recorded, and nothing that comes after it counts as old. */
export function clockWatch(parts: {
  clock: Clock
  log: Log
  namespace: MemoryNamespace
  alarms: AlarmEngine
  connections: Connections
}): ClockWatch {
  const { clock, log, namespace, alarms, connections } = parts
  return new ClockWatch({
    ...{ clock, log },
    jumped: async (jump) => {
      if (jump.to < jump.from) for (const part of [namespace, alarms]) part.putBack(jump.to)
      await connections.clockJumped(jump)
    },
  })
}
