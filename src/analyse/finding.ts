import type { TSchema } from "typebox"
import type { Cycle } from "../model/cycle.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { Text } from "../model/text.ts"
import type { Values } from "../namespace/namespace.ts"
import type { Evidence, LedgerId } from "../store/ledger.ts"
import type { Place } from "./place.ts"

/** What analysis states about the plant, with evidence. */
export interface Finding {
  readonly id: string
  /** Kind of statement, such as `drift` or `bad-run`. */
  readonly kind: string
  readonly analyser: string
  readonly equipment: Path
  readonly at: Instant
  readonly title: Text
  readonly because: readonly Evidence[]
  /** How sure, 0 to 1. */
  readonly confidence: number
  /** Numbers that deciders use, named by the kind's page: `deviation`, `sigma`, `direction`, ... */
  readonly measures: Readonly<Record<string, number>>
  readonly open: boolean
  readonly closedAt?: Instant
  readonly record?: LedgerId
}

export type FindingDraft = Omit<Finding, "id" | "open" | "closedAt" | "record" | "analyser"> & {
  /** Tells findings apart that one analyser holds open at the same time; the kind where absent. */
  readonly key?: string
}

/** The end of an evidence's interval whose last sample stands at `last`: as in history, `to` is out. */
export function outAfter(last: Instant): Instant {
  return last + 1
}

/** Numeric set points and states that changed since the analyser last looked, so that a wanted change is no drift. */
export interface Change {
  readonly tag: Path
  readonly at: Instant
}

/** What an analyser is shown: new cycles of its equipment and the values of the moment. */
export interface Observation {
  readonly at: Instant
  readonly cycles: readonly Cycle[]
  readonly values: Values
  /** Changes of writable tags since the last observation. */
  readonly changes: readonly Change[]
}

/** Pure over observations and its JSON memory: the same history gives the same findings. */
export interface Analyser<Memory = unknown> {
  readonly initial: Memory
  observe(
    now: Observation,
    memory: Memory,
  ): {
    readonly memory: Memory
    readonly raise: readonly FindingDraft[]
    /** Keys of open findings that no longer hold. */
    readonly close: readonly string[]
  }
}

/** A kind of analyser: how `plant.yaml` names it and what options it takes. */
export interface AnalyserKind {
  readonly kind: string
  readonly summary: string
  readonly options: TSchema
  /** `options` passed the schema. */
  create(options: unknown, place: Place): Analyser
}

/** The findings of now; past ones stand in the ledger and the store. */
export interface Findings {
  /** Open findings and the last closed ones, oldest first. */
  list(): readonly Finding[]
  get(id: string): Finding | undefined
  /** Calls back after a finding was raised or closed and is durable. Gives a function that ends it. */
  onChange(listener: (finding: Finding) => void): () => void
}
