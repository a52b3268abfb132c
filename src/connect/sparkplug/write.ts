import { encodePayload } from "../../codec/sparkplug.ts"
import type { DataType, Metric as OutgoingMetric } from "../../codec/sparkplug-payload.ts"
import { formatTopic } from "../../codec/sparkplug-topic.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import type { MessageBus } from "../bus.ts"
import type { Host, Point } from "../connector.ts"
import { parseAddress } from "./address.ts"
import type { EdgeNode } from "./edge-node.ts"
import { kindOf, type Metric } from "./metric.ts"
import type { SparkplugOptions } from "./options.ts"

export interface WriteJob {
  readonly bus: MessageBus
  readonly node: EdgeNode
  readonly options: SparkplugOptions
  readonly host: Host
  readonly point: Point
  readonly value: Value
}

/**
 * Sends a command to the device, or to the node itself, in the type that its birth said: by alias where the birth gave
 * one, else by name (tck-id-payloads-alias-data-cmd-requirement). The protocol has no answer; the value told next is one.
 */
export async function writePoint(job: WriteJob): Promise<void> {
  const { bus, node, options, host, point, value } = job
  const where = `${host.name} ${point.tag.path}`
  const failed = (what: string) => new Problem("write-failed", where, `${what}; nothing was sent`)
  const place = parseAddress(point.address)
  const birth = place && node.devices.get(place.device)
  const metric = place && birth?.metrics.get(place.metric)
  if (!metric) throw failed(`the edge node has no ${point.address}`)
  if (birth?.diedAt !== undefined) throw failed(`device "${place.device}" is dead`)
  const { group, node: name } = options
  const topic = place.device
    ? formatTopic({ group, node: name, type: "DCMD", device: place.device })
    : formatTopic({ group, node: name, type: "NCMD" })
  const timestamp = Math.floor(host.clock.now())
  const payload = payloadOf(metric, { value, timestamp }, failed)
  metric.toldAtWrite = metric.told
  await bus.publish({ topic, payload, qos: 0, retain: false })
}

function payloadOf(
  metric: Metric,
  { value, timestamp }: { value: Value; timestamp: number },
  failed: (what: string) => Problem,
): Uint8Array {
  const { alias, type } = metric
  const converted = convert(value, type)
  if (converted === undefined) throw failed(`got ${value}, expected a ${type}`)
  const name = alias === undefined ? { name: metric.metric } : { alias }
  const sent: OutgoingMetric = { ...name, timestamp, type, value: converted }
  try {
    return encodePayload({ timestamp, metrics: [sent] })
  } catch (thrown) {
    throw failed(problemOf(thrown, "").what)
  }
}

/** Undefined where the value would change its meaning in that type. */
function convert(value: Value, type: DataType): Value | undefined {
  switch (kindOf(type)) {
    case "boolean":
      if (value === 0 || value === 1) return value === 1
      return typeof value === "boolean" ? value : undefined
    case "text":
      return String(value)
    case "number":
      return typeof value === "string" ? undefined : Number(value)
    default:
      return undefined
  }
}
