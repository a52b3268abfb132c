import type { DataType, Metric, MetricValue } from "../../../codec/sparkplug-payload.ts"
import type { Instant } from "../../../model/instant.ts"

export interface MetricShape {
  readonly name: string
  readonly type: DataType
  /** As a person of the plant reads it; goes into the births as `engUnit`. */
  readonly unit?: string
}

export type Values = Readonly<Record<string, number | boolean | string>>

/** What is new of a device at one time, by alias. */
export interface Changes {
  readonly at: Instant
  readonly metrics: readonly Metric[]
}

/** The metrics of one device with their aliases and what was told of them last. */
export class MetricTable {
  readonly #shapes: readonly MetricShape[]
  readonly #firstAlias: number
  readonly #told = new Map<string, { readonly value: MetricValue; readonly at: number }>()

  constructor(shapes: readonly MetricShape[], firstAlias: number) {
    this.#shapes = shapes
    this.#firstAlias = firstAlias
  }

  /** Gives what differs from what was taken last. */
  take(values: Values, now: Instant): Changes {
    const at = Math.floor(now)
    const metrics: Metric[] = []
    for (const [i, { name, type }] of this.#shapes.entries()) {
      const given = values[name]
      if (given === undefined) continue
      // As it arrives: a single has 24 bits.
      const value = type === "Float" && typeof given === "number" ? Math.fround(given) : given
      if (this.#told.get(name)?.value === value) continue
      this.#told.set(name, { value, at })
      metrics.push({ alias: this.#firstAlias + i, type, value })
    }
    return { at, metrics }
  }

  /** It is told again with the next values, even if it stays as it is. */
  forget(name: string): void {
    this.#told.delete(name)
  }

  birth(): Metric[] {
    return this.#shapes.map(({ name, type, unit }, i) => {
      const told = this.#told.get(name)
      const engUnit = { type: "String", value: unit ?? "" } as const
      return {
        ...{ name, alias: this.#firstAlias + i, type, value: told?.value ?? null },
        ...(told && { timestamp: told.at }),
        ...(unit !== undefined && { properties: new Map([["engUnit", engUnit]]) }),
      }
    })
  }

  /** By its name or its alias. */
  shapeOf({ name, alias }: Metric): MetricShape | undefined {
    if (name !== undefined) return this.#shapes.find((shape) => shape.name === name)
    return alias === undefined ? undefined : this.#shapes[Number(alias) - this.#firstAlias]
  }
}
