import type { Instant } from "./instant.ts"
import type { Path } from "./path.ts"
import type { Quality } from "./quality.ts"
import type { Text } from "./text.ts"

/** A number local to this store; equipment and tags have permanent ids beneath. */
export type TagId = number

export type Value = number | boolean | string

export type TagKind = "number" | "boolean" | "text"

/** 1 is the most urgent (ISA-18.2). */
export type Priority = 1 | 2 | 3 | 4

export type LimitSide = "high-high" | "high" | "low" | "low-low"

/** One limit of a tag; crossing it for `onDelayMs` raises an alarm (ISA-18.2, IEC 62682). */
export interface Limit {
  readonly side: LimitSide
  readonly at: number
  readonly priority: Priority
  /** The alarm is raised after the value stood beyond the limit for so long. */
  readonly onDelayMs: number
  /** The alarm returns after the value stood within limit and deadband for so long. */
  readonly offDelayMs: number
  /** In the tag's unit: the value must come back by so much to count as returned. */
  readonly deadband: number
  /** The alarm is suppressed by design while the equipment's state is one of these. */
  readonly suppressedIn: readonly string[]
  readonly text?: Text
}

/** What may be written to a set point, checked by the gate before anything leaves the house. */
export interface Writable {
  readonly min: number
  readonly max: number
  /** Largest change of one command, in the tag's unit. */
  readonly maxStep: number
  /** At most one command in so long. */
  readonly minIntervalMs: number
  /** Conditions over fresh values that must hold at the moment of writing. */
  readonly interlocks: readonly Interlock[]
}

export interface Interlock {
  readonly tag: Path
  readonly is: ">" | ">=" | "<" | "<=" | "=" | "!="
  readonly value: Value
  /** The value may be no older than this. */
  readonly withinMs: number
}

/** What is known of a tag before its first sample. */
export interface Tag {
  readonly path: Path
  /** The equipment that the value belongs to; `path` stands beneath it. */
  readonly equipment: Path
  readonly kind: TagKind
  /** Of a text tag: serial numbers with more digits than a number of the house holds. What is no number is refused. */
  readonly digits?: true
  /** A UCUM code such as `Cel`, `kW.h` or `1`; numbers are always in this unit inside the house. */
  readonly unit: string
  readonly name: Text
  /** What the sensor can show; values outside are `uncertainRange`. */
  readonly range?: readonly [low: number, high: number]
  /** The band in which the process is normal; drawn behind the pointer. */
  readonly normal?: readonly [low: number, high: number]
  /** Digits behind the point that a decision needs. */
  readonly decimals: number
  /** A value older than this (plant time) is stale. */
  readonly staleAfterMs: number
  readonly limits: readonly Limit[]
  readonly writable?: Writable
}

/** One value at one time. For reading only: what flows are blocks. */
export interface Sample {
  readonly tag: TagId
  readonly at: Instant
  readonly value: Value | null
  readonly quality: Quality
}
