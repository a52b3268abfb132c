import { unitCalled } from "../../kernel/tag-file.ts"
import type { Value } from "../../model/tag.ts"
import type { FoundPoint } from "../connector.ts"
import type { EdgeNode } from "./edge-node.ts"
import { kindOf, type Metric } from "./metric.ts"

/** The metrics of all births that a tag can take. */
export function* foundPoints(node: EdgeNode): Iterable<FoundPoint> {
  for (const { metrics, diedAt } of node.devices.values()) {
    if (diedAt !== undefined) continue
    for (const metric of metrics.values()) {
      const found = metric.metric === "bdSeq" ? undefined : foundPoint(metric)
      if (found) yield found
    }
  }
}

/**
 * Any metric may be commanded, unless its sender says otherwise by the property `readOnly`; whether the machine heeds
 * the command only its maker knows. Unit and range stand in the properties that SCADA systems have agreed on.
 */
function foundPoint(metric: Metric): FoundPoint | undefined {
  const kind = kindOf(metric.type)
  if (!kind) return undefined
  const path = metric.metric.split("/")
  const name = path.pop() ?? ""
  const property = (key: string) => metric.properties?.get(key)?.value
  const word = property("engUnit")
  const unit = typeof word === "string" ? unitCalled(word) : undefined
  const [low, high] = [property("engLow"), property("engHigh")]
  const description = property("documentation")
  const { given } = metric.sample
  const within = metric.device === "" ? path : [metric.device, ...path]
  return {
    address: metric.address,
    name,
    kind,
    writable: property("readOnly") !== true,
    ...(within.length > 0 && { within }),
    ...(typeof description === "string" && description !== "" && { description }),
    ...(unit !== undefined && { unit }),
    ...(typeof low === "number" &&
      typeof high === "number" &&
      low < high && { range: [low, high] }),
    ...(isValue(given) && { value: given }),
  }
}

function isValue(given: unknown): given is Value {
  return ["number", "boolean", "string"].includes(typeof given)
}
