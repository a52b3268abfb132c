import type { TSchema } from "typebox"
import type { Cycle } from "../model/cycle.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { Text } from "../model/text.ts"
import type { Values } from "../namespace/namespace.ts"
import type { Evidence, LedgerId } from "../store/ledger.ts"

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

export type FindingDraft = Omit<Finding, "id" | "open" | "closedAt" | "record" | "analyser">

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
    readonly close: readonly string[]
  }
}

/** A kind of analyser: how `plant.yaml` names it and what options it takes. `close` of its analysers names finding kinds. */
export interface AnalyserKind {
  readonly kind: string
  readonly summary: string
  readonly options: TSchema
  /** Field names to tags come from the equipment's record configuration. */
  create(
    options: unknown,
    context: { readonly equipment: Path; readonly tagOfField: (field: string) => Path },
  ): Analyser
}
