import { type HouseBroker, startBroker } from "../../broker/testing/house-broker.ts"
import type { MessageBus } from "../../bus.ts"
import type { Device, Point } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import { makeRig, type Rig } from "../../testing/rig.ts"
import { sparkplug } from "../sparkplug.ts"
import { Edge, type EdgeMetric, type EdgeOptions, group, node } from "./edge.ts"

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

export const metricsOfPress = (): EdgeMetric[] => [
  { name: "Temperature", type: "Double", value: 20, alias: 1 },
  { name: "Count", type: "Int32", value: -1, alias: 2 },
  { name: "Mode", type: "String", value: "auto" },
]

/** An edge node at the broker in the house, born already, with the device `press`. */
export async function edgeOf(
  house: HouseBroker,
  options: Partial<EdgeOptions> = {},
): Promise<Edge> {
  const edge = new Edge({
    port: house.broker.port,
    devices: { press: metricsOfPress() },
    ...options,
  })
  await edge.start()
  return edge
}

/** A house with its broker, a born edge node, and a host that is connected to it. */
export async function connectedHost() {
  await using stack = new AsyncDisposableStack()
  const rig = stack.use(await makeRig())
  const house = stack.use(await startBroker({ anonymous: true }))
  const edge = stack.use(await edgeOf(house))
  const host = stack.use(hostOf(rig, house.broker))
  await host.connect()
  const all = stack.move()
  return { rig, edge, host, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

export const last = (rig: Rig, name: string) => rig.sink.of(name).at(-1)

export const values = (rig: Rig, name: string) => rig.sink.of(name).map(({ value }) => value)

export const shows = (rig: Rig, name: string, value: unknown) => () =>
  last(rig, name)?.value === value
