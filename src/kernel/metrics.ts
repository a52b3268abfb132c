export type Labels = Readonly<Record<string, string>>

/** Counts and gauges of the house, read as Prometheus text (exposition format 0.0.4). */
export class Metrics {
  readonly #values = new Map<string, { name: string; labels: Labels; value: number }>()

  /** A count that only grows; its name ends in `_total`. */
  count(name: string, labels: Labels = {}, by = 1): void {
    this.#entry(name, labels).value += by
  }

  gauge(name: string, labels: Labels, value: number): void {
    this.#entry(name, labels).value = value
  }

  get(name: string, labels: Labels = {}): number {
    return this.#values.get(keyOf(name, labels))?.value ?? 0
  }

  text(): string {
    const names = Map.groupBy(this.#values, ([, { name }]) => name)
    const lines = [...names.keys()].sort().flatMap((name) => {
      const type = name.endsWith("_total") ? "counter" : "gauge"
      const samples = names.get(name)?.map(([key, { value }]) => `${key} ${value}`) ?? []
      return [`# TYPE ${name} ${type}`, ...samples.sort()]
    })
    return `${lines.join("\n")}\n`
  }

  #entry(name: string, labels: Labels): { value: number } {
    const key = keyOf(name, labels)
    let entry = this.#values.get(key)
    if (!entry) {
      entry = { name, labels, value: 0 }
      this.#values.set(key, entry)
    }
    return entry
  }
}

function keyOf(name: string, labels: Labels): string {
  const entries = Object.entries(labels)
  if (entries.length === 0) return name
  return `${name}{${entries.map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(",")}}`
}
