import assert from "node:assert/strict"
import { freePort } from "../../../../test/support/free-port.ts"
import type { SourceId } from "../../../model/block.ts"
import type { Tag } from "../../../model/tag.ts"
import type { Device, Point } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import { makeRig, type Rig } from "../../testing/rig.ts"
import { mtconnect } from "../mtconnect.ts"
import { type Manners, TestAgent } from "./agent.ts"
import { mill } from "./mill.ts"

/** A house for one device and its agent, which both can be started anew. */
export interface House extends AsyncDisposable {
  readonly rig: Rig
  readonly agent: () => TestAgent
  /** A new run of Moru: a device that remembers nothing. */
  device(options?: Readonly<Record<string, unknown>>): Device
  startAgent(manners?: Manners): Promise<TestAgent>
  stopAgent(): Promise<void>
  points(given: Readonly<Record<string, string>>, tag?: Partial<Tag>): Point[]
  /** Follows while the work goes on, and asks for the last durable row as the supervisor does. */
  follow(device: Device, points: readonly Point[], work: () => Promise<unknown>): Promise<void>
}

export async function makeHouse(): Promise<House> {
  const rig = await makeRig()
  const port = await freePort()
  let agent: TestAgent | undefined
  const stopAgent = async () => {
    await agent?.[Symbol.asyncDispose]()
    agent = undefined
  }
  return {
    rig,
    agent: () => {
      assert(agent)
      return agent
    },
    device: (given = {}) => {
      const options = { agent: `http://127.0.0.1:${port}`, interval: "20ms", heartbeat: "200ms" }
      return mtconnect.create(parseOptions(mtconnect, { ...options, ...given }, "test"), rig.host)
    },
    startAgent: async (manners = {}) => {
      agent = new TestAgent(mill, rig.host.clock, manners)
      await agent.listen(port)
      return agent
    },
    stopAgent,
    points: (given, tag) => {
      const points = Object.entries(given).map(([name, address]) => rig.point(name, address, tag))
      rig.sink.know(points)
      return points
    },
    follow: async (device, points, work) => {
      const stop = new AbortController()
      await device.connect(stop.signal)
      const resumeFrom = async (source: SourceId) =>
        Math.floor(((await rig.sink.lastRow(source)) + 1) / Math.max(1, points.length))
      const wanted = { points, records: [] }
      const done = device.follow?.(wanted, rig.sink.deliver, resumeFrom, stop.signal)
      try {
        await Promise.race([work(), done?.then(() => assert(stop.signal.aborted, "it ended"))])
      } finally {
        stop.abort()
        await done?.catch(() => {})
        await device.close()
      }
    },
    [Symbol.asyncDispose]: async () => {
      await stopAgent()
      await rig[Symbol.asyncDispose]()
    },
  }
}

export const valuesOf = (rig: Rig, name: string) => rig.sink.of(name).map(({ value }) => value)
export const has = (rig: Rig, name: string, value: unknown) => () =>
  rig.sink.of(name).some((row) => row.value === value)
