import type { MessageBus } from "../../bus.ts"
import type { Device, Point } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import type { Rig } from "../../testing/rig.ts"
import { sparkplug } from "../sparkplug.ts"
import { group, node } from "./edge.ts"

const quick = {
  group,
  node,
  reorder: "150ms",
  "birth-timeout": "2s",
  "rebirth-min-interval": "300ms",
  "read-back": "400ms",
}

/** A device that is the host application of the test's edge node, at the broker in the house. */
export function hostOf(
  rig: Rig,
  broker: MessageBus,
  options: Readonly<Record<string, unknown>> = {},
) {
  const host = { ...rig.host, broker }
  const device: Device = sparkplug.create(
    parseOptions(sparkplug, { ...quick, ...options }, "test"),
    host,
  )
  const stop = new AbortController()
  let done: Promise<void> | undefined
  return {
    device,
    signal: stop.signal,
    connect: () => device.connect(stop.signal),
    /** Resolves with the problem that ended the following, if one did. */
    follow: (...points: readonly Point[]): Promise<unknown> => {
      const { sink } = rig
      sink.know(points)
      done = device.follow?.({ points, records: [] }, sink.deliver, sink.lastSequence, stop.signal)
      const end = done?.then(
        () => undefined,
        (thrown) => thrown,
      )
      return end ?? Promise.reject(new Error("no follow"))
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await done?.catch(() => {})
      await device.close()
    },
  }
}
