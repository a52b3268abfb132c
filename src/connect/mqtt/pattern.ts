/** Levels of a topic by what they stand for: `plant/+/{unit}/{tag}`. */
export class TopicPattern {
  /** What is followed. */
  readonly filter: string
  readonly #levels: readonly string[]

  constructor(pattern: string) {
    this.#levels = pattern.split("/")
    this.filter = this.#levels.map((level) => (isNamed(level) ? "+" : level)).join("/")
  }

  /** What the named levels of a topic say, joined by `/`; undefined for a topic that the pattern does not match. */
  nameOf(topic: string): string | undefined {
    const given = topic.split("/")
    const last = this.#levels.length - 1
    const isOpen = this.#levels[last] === "#"
    if (isOpen ? given.length < last : given.length !== last + 1) return undefined
    const names: string[] = []
    for (const [i, level] of this.#levels.entries()) {
      const said = given[i] ?? ""
      if (isNamed(level)) names.push(said)
      else if (level !== "+" && level !== "#" && level !== said) return undefined
    }
    return names.join("/")
  }
}

function isNamed(level: string): boolean {
  return /^\{[^{}]+\}$/.test(level)
}
