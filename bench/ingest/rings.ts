// What the publishers send: for each edge node a ring of 256 complete MQTT packets with the generator's values, encoded once. Only times are
// patched afterwards. The ring's place is the message's Sparkplug number and, one higher, its packet identifier.
import { encodePayload } from "../../src/codec/sparkplug.ts"
import type { Metric, PropertySet } from "../../src/codec/sparkplug-payload.ts"
import { quality } from "../../src/model/quality.ts"
import { makeSet, type SampleColumns, type SeriesKind } from "../data/sets.ts"

export const group = "bench"
export const device = "m"
export const places = 256
/** The births have the numbers 0 and 1, so message n of a node stands at this place. */
export const placeOf = (message: number) => (message + 2) % places
/** The times of a run have their upper bits in common, so that four bytes are patched. */
const span = 2 ** 28
/** Ahead of the clock, so that no message is older than what Moru itself says of the line at its birth. */
const aheadMs = 30_000
/** Longest that a run may take, in messages of a node. */
const longest = 2 ** 22

export interface Ring {
  readonly node: string
  readonly births: Uint8Array<ArrayBuffer>
  /** All packets, one after another. */
  readonly packets: Uint8Array<ArrayBuffer>
  /** Where packet i begins; one more at the end. */
  readonly begins: Uint32Array
  /** Where the times of packet i stand, `times[begin of i]` on. */
  readonly times: Uint32Array
  readonly timesBegin: Uint32Array
  /** Value of metric m in message i at `i * metrics + m`. */
  readonly values: Float64Array
  readonly qualities: Uint8Array
  readonly kinds: readonly SeriesKind[]
}

export const nodeName = (node: number) => `n${node}`
export const metricName = (metric: number) => `t${metric}`

/** Time of the first message; each further one of a node is a millisecond later. */
export function startOf(now: number): number {
  const start = now + aheadMs
  const next = Math.ceil(start / span) * span
  return next - start < longest ? next : start
}

export const typeOfKind = (kind: SeriesKind) =>
  kind === "state" ? "Boolean" : kind === "counter" ? "Int64" : "Double"

export function makeKinds(nodes: number, metrics: number): SeriesKind[] {
  return makeSet("mixed", { tags: nodes * metrics }).map(({ kind }) => kind)
}

export function makeRings(options: { nodes: number; metrics: number; start: number }): Ring[] {
  const { nodes, metrics, start } = options
  const set = makeSet("mixed", { tags: nodes * metrics })
  return Array.from({ length: nodes }, (_, node) => {
    const series = set.slice(node * metrics, (node + 1) * metrics)
    const columns: SampleColumns = {
      at: new Float64Array(places),
      value: new Float64Array(places),
      quality: new Uint8Array(places),
    }
    const values = new Float64Array(places * metrics)
    const qualities = new Uint8Array(places * metrics)
    for (const [m, one] of series.entries()) {
      one.fill(columns, 0, places)
      for (let i = 0; i < places; i++) {
        values[i * metrics + m] = columns.value[i] ?? 0
        qualities[i * metrics + m] = columns.quality[i] ?? 0
      }
    }
    const kinds = series.map(({ kind }) => kind)
    return ringOf({ node: nodeName(node), kinds, values, qualities, start })
  })
}

function ringOf(of: {
  node: string
  kinds: readonly SeriesKind[]
  values: Float64Array
  qualities: Uint8Array
  start: number
}): Ring {
  const { node, kinds, values, qualities, start } = of
  const packets: Uint8Array[] = []
  const times: number[] = []
  const begins = new Uint32Array(places + 1)
  const timesBegin = new Uint32Array(places + 1)
  for (let i = 0; i < places; i++) {
    const metrics = kinds.map((_, m) => metricOf({ kinds, values, qualities, m, i, at: start }))
    const payload = encodePayload({ timestamp: start, metrics, seq: i }, "without-types")
    const topic = `spBv1.0/${group}/DDATA/${node}/${device}`
    const packet = publish(topic, payload, i + 1)
    const begin = begins[i] ?? 0
    begins[i + 1] = begin + packet.length
    packets.push(packet)
    for (const at of timesIn(packet, packet.length - payload.length)) times.push(begin + at)
    timesBegin[i + 1] = times.length
  }
  return {
    ...{ node, kinds, values, qualities, begins, timesBegin },
    births: birthsOf(node, kinds, start),
    packets: Buffer.concat(packets),
    times: Uint32Array.from(times),
  }
}

function metricOf(of: {
  kinds: readonly SeriesKind[]
  values: Float64Array
  qualities: Uint8Array
  m: number
  i: number
  at: number
}): Metric {
  const { kinds, m, i, at } = of
  const place = i * kinds.length + m
  const type = typeOfKind(kinds[m] ?? "walk")
  const value = of.values[place] ?? 0
  return {
    ...{ alias: m + 1, timestamp: at, type },
    value: type === "Boolean" ? value !== 0 : value,
    ...(of.qualities[place] !== quality.good && { properties: uncertain }),
  }
}

const uncertain: PropertySet = new Map([["Quality", { type: "Int32", value: 64 }]])

function birthsOf(
  node: string,
  kinds: readonly SeriesKind[],
  start: number,
): Uint8Array<ArrayBuffer> {
  const timestamp = start - 1000
  const own: Metric[] = [
    { name: "bdSeq", type: "UInt64", value: 0, timestamp },
    { name: "Node Control/Rebirth", type: "Boolean", value: false, timestamp },
  ]
  const metrics = kinds.map((kind, m): Metric => {
    const type = typeOfKind(kind)
    const value = type === "Boolean" ? false : 0
    return { name: metricName(m), alias: m + 1, timestamp, type, value }
  })
  const nbirth = encodePayload({ timestamp, metrics: own, seq: 0 })
  const dbirth = encodePayload({ timestamp, metrics, seq: 1 })
  return Buffer.concat([
    publish(`spBv1.0/${group}/NBIRTH/${node}`, nbirth, 1000),
    publish(`spBv1.0/${group}/DBIRTH/${node}/${device}`, dbirth, 1001),
  ])
}

/** PUBLISH with QoS 1 (MQTT 3.1.1, 3.3). */
function publish(topic: string, payload: Uint8Array, id: number): Uint8Array {
  const name = Buffer.from(topic)
  const rest = 2 + name.length + 2 + payload.length
  const head = [0x32, ...varint(rest), name.length >> 8, name.length & 0xff]
  return Buffer.concat([Buffer.from(head), name, Buffer.from([id >> 8, id & 0xff]), payload])
}

function varint(given: number): number[] {
  return given < 128 ? [given] : [(given & 127) | 128, ...varint(given >>> 7)]
}

/** Where the times of a payload stand: its own (field 1) and those of its metrics (field 3 in field 2). */
function* timesIn(bytes: Uint8Array, from: number): Iterable<number> {
  for (let at = from; at < bytes.length; ) {
    const key = bytes[at++] ?? 0
    if (key === 0x08) yield at
    if ((key & 7) === 2) {
      let length = 0
      let shift = 0
      let byte = 128
      for (; byte >= 128; shift += 7) {
        byte = bytes[at++] ?? 0
        length |= (byte & 127) << shift
      }
      if (key === 0x12) yield* metricTimes(bytes, at, at + length)
      at += length
    } else while ((bytes[at++] ?? 0) >= 128);
  }
}

function* metricTimes(bytes: Uint8Array, from: number, to: number): Iterable<number> {
  // The alias (field 2) stands first and takes one byte; the time is next.
  const at = from + 2
  if (bytes[from] === 0x10 && bytes[at] === 0x18 && at < to) yield at + 1
}

/** Gives packet `i` the time `at`, which has its upper bits in common with the ring's. */
export function setTime({ packets, times, timesBegin }: Ring, i: number, at: number): void {
  const low = at % span
  const [a, b] = [(low & 127) | 128, ((low >>> 7) & 127) | 128]
  const [c, d] = [((low >>> 14) & 127) | 128, (low >>> 21) | 128]
  const end = timesBegin[i + 1] ?? 0
  for (let t = timesBegin[i] ?? 0; t < end; t++) {
    const place = times[t] ?? 0
    packets[place] = a
    packets[place + 1] = b
    packets[place + 2] = c
    packets[place + 3] = d
  }
}
