import { parseTopic, type SparkplugTopic } from "../../codec/sparkplug-topic.ts"

const most = 5000

/** What topics say, remembered. */
export class Places {
  readonly #known = new Map<string, SparkplugTopic | undefined>()

  /** Undefined where the topic is none of Sparkplug. */
  of(topic: string): SparkplugTopic | undefined {
    if (this.#known.has(topic)) return this.#known.get(topic)
    if (this.#known.size >= most) this.#known.clear()
    const place = parseTopic(topic)
    this.#known.set(topic, place)
    return place
  }
}
