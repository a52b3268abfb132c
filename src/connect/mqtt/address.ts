import { type JsonPath, parseJsonPath } from "../../codec/json-path.ts"
import { isTopic } from "../bus/filter.ts"
import { shown } from "../values.ts"

/** One value under a topic: the whole payload where `path` is absent, else a place in its JSON document. */
interface Place {
  readonly topic: string
  readonly path?: JsonPath
}

/** Where a point is told, and where it is set. */
export interface MqttAddress extends Place {
  readonly set?: Place
}

/**
 * Reads `topic`, `topic#json.path`, and either of them followed by ` > ` and where the value is set. Gives a sentence where
 * it is neither.
 */
export function parseAddress(text: string): MqttAddress | string {
  const [from = "", to, more] = text.split(" > ")
  if (more !== undefined) return 'more than one " > "'
  const told = placeOf(from)
  const set = to === undefined ? undefined : placeOf(to)
  if (typeof told === "string") return told
  if (typeof set === "string") return set
  if (set?.path?.some((key) => typeof key === "number"))
    return `${shown(to)}, a document cannot be made from a position in a list`
  return { ...told, ...(set && { set }) }
}

function placeOf(text: string): Place | string {
  const at = text.indexOf("#")
  const topic = at < 0 ? text : text.slice(0, at)
  if (!isTopic(topic)) return `${shown(topic)}, which is no topic`
  if (at < 0) return { topic }
  const path = parseJsonPath(text.slice(at + 1))
  return path ? { topic, path } : `${shown(text.slice(at + 1))}, which is no path into JSON`
}
