import { jsonLeaves, jsonPathText } from "../../codec/json-path.ts"
import { readNumber } from "../../codec/number.ts"
import type { TagKind, Value } from "../../model/tag.ts"
import type { BusMessage, OpenBus } from "../bus.ts"
import type { FoundPoint, Host } from "../connector.ts"
import { orAbort } from "../waiting.ts"
import { readPayload } from "./payload.ts"
import type { Topics } from "./topics.ts"

const mostTopics = 5000
const mostOfTopic = 500

/** Listens for so many of the computer's milliseconds, then gives every value of every topic heard. */
export async function* browse(
  line: {
    bus: OpenBus
    host: Host
    filters: readonly string[]
    forMs: number
    /** The address of a topic, and what its payload is taken apart into. */
    topics: Pick<Topics, "addressOf" | "rootsOf">
  },
  signal: AbortSignal,
): AsyncIterable<FoundPoint> {
  const { bus, host, filters, forMs, topics: told } = line
  const over = new AbortController()
  const stop = AbortSignal.any([signal, over.signal])
  const newest = new Map<string, BusMessage>()
  const take = (message: BusMessage) => {
    const { topic, payload } = message
    if (newest.has(topic) || newest.size < mostTopics)
      newest.set(topic, { ...message, payload: new Uint8Array(payload) })
  }
  const lost = bus.lost.then((error) => Promise.reject(error))
  lost.catch(() => {})
  try {
    await Promise.race([Promise.all(filters.map((one) => bus.follow(one, take, stop))), lost])
    const listening = host.clock.sleep(forMs * (host.clock.speed ?? 1), stop)
    await orAbort(Promise.race([listening, lost]), signal)
  } finally {
    over.abort()
  }
  const topics = [...newest.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1))
  const seen = new Set<string>()
  for (const { topic, payload } of topics)
    for (const point of pointsIn({ topic: told.addressOf(topic), payload }, told)) {
      if (!seen.has(point.address)) yield point
      seen.add(point.address)
    }
}

/** Each value in a message; none where it is no text, as Sparkplug's are. */
export function pointsIn(
  { topic, payload }: Pick<BusMessage, "topic" | "payload">,
  told: Pick<Topics, "rootsOf">,
): FoundPoint[] {
  const read = readPayload(payload)
  if (!read || read.text === "" || topic.startsWith("spBv1.0/")) return []
  const { text, document } = read
  if (typeof document?.root !== "object" || document.root === null) {
    const value = document?.root ?? plainOf(text)
    return [
      found({ address: topic, name: topic.split("/").at(-1) ?? topic, value: value as Value }),
    ]
  }
  const leaves = told.rootsOf(document.root).flatMap((root) => [...jsonLeaves(root)])
  return leaves.slice(0, mostOfTopic).map(({ path, value }) => {
    const name = jsonPathText(path)
    return found({ address: `${topic}#${name}`, name, value })
  })
}

function plainOf(text: string): Value {
  const word = text.trim()
  if (/^(true|on|yes)$/i.test(word)) return true
  if (/^(false|off|no)$/i.test(word)) return false
  return readNumber(word) ?? text
}

function found(of: { address: string; name: string; value: Value }): FoundPoint {
  const kinds: Readonly<Record<string, TagKind>> = { number: "number", boolean: "boolean" }
  return { ...of, kind: kinds[typeof of.value] ?? "text", writable: false }
}
