import { MetricColumns } from "./sparkplug/columns.ts"
import { type DataHead, DataMetric, readHead as headOf, walkMetrics } from "./sparkplug/data.ts"
import { readPayload } from "./sparkplug/decode.ts"
import { type Types, writePayload } from "./sparkplug/encode.ts"
import { Reader } from "./sparkplug/reader.ts"
import { valueAs as valueOfType } from "./sparkplug/values.ts"
import { Writer } from "./sparkplug/writer.ts"
import type { DataType, MetricValue, Payload } from "./sparkplug-payload.ts"

export { DataMetric, MetricColumns }

/**
 * Reads the bytes of a Sparkplug B message. `where` names the sender in the problem. Throws `protocol-error` where the
 * bytes are no payload or exceed `payloadLimits`; a value that is not of its type is absent, the others stand.
 */
export function decodePayload(bytes: Uint8Array, where: string): Payload {
  return readPayload(new Reader(bytes, where))
}

/** Time and sequence number of a message, its metrics unread. Throws as `decodePayload`. */
export function readHead(bytes: Uint8Array, where: string): DataHead {
  return headOf(new Reader(bytes, where))
}

/**
 * Walks the metrics of a message without an object for each: calls back with one that is filled anew each time.
 * Throws as `decodePayload`; what came before the fault was called back already.
 */
export function readMetrics(
  bytes: Uint8Array,
  where: string,
  take: (metric: DataMetric) => void,
): void {
  walkMetrics(new Reader(bytes, where), take)
}

/**
 * Bytes of a message. DATA and CMD messages leave the types out, births have them. Throws `value-refused` where a
 * value is not of its metric's type.
 */
export function encodePayload(payload: Payload, types: Types = "with-types"): Uint8Array {
  const writer = new Writer()
  writePayload(writer, payload, types)
  return writer.finish()
}

/** A value of a message without type, as the type of its birth; undefined where it is none. */
export function valueAs(value: MetricValue, type: DataType): MetricValue | undefined {
  return valueOfType(value, type)
}
