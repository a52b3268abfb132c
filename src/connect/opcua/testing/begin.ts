import { BlockWriter, sourceId } from "../../../model/block.ts"
import type { Device, Point, RecordBuffer } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import type { Rig } from "../../testing/rig.ts"
import { opcua } from "../opcua.ts"

const quick = { "publishing-interval": "20ms", "sampling-interval": "20ms", timeout: "5s" }

/** A device with what it is followed for; disposing of it ends both. */
export function begin(rig: Rig, endpoint: string, options: Readonly<Record<string, unknown>> = {}) {
  const given = { endpoint, security: "none", ...quick, ...options }
  const device = opcua.create(parseOptions(opcua, given, "test"), rig.host)
  const stop = new AbortController()
  let done: Promise<void> | undefined
  return {
    device,
    signal: stop.signal,
    connect: () => device.connect(stop.signal),
    follow: (points: readonly Point[], records: readonly RecordBuffer[] = []) => {
      const { sink } = rig
      sink.know([...points, ...records.flatMap(({ fields }) => fields.map(({ point }) => point))])
      done = device.follow?.({ points, records }, sink.deliver, sink.lastSequence, stop.signal)
      done?.catch(() => {})
      return done ?? Promise.reject(new Error("no follow"))
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await done?.catch(() => {})
      await device.close()
    },
  }
}

export async function read(device: Device, point: Point, rig: Rig): Promise<number> {
  const into = new BlockWriter()
  await device.read?.([point], into, new AbortController().signal)
  const head = { source: sourceId({ name: "test", epoch: "0" }), sequence: 0, received: 0 }
  rig.sink.know([point])
  return into.take(head).value[0] ?? Number.NaN
}
