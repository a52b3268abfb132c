import type { TSchema } from "typebox"
import type { Finding } from "../analyse/finding.ts"
import type { Place } from "../analyse/place.ts"
import type { Command, Role } from "../model/command.ts"
import type { Cycle } from "../model/cycle.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { Tag } from "../model/tag.ts"
import type { Text } from "../model/text.ts"
import type { Values } from "../namespace/namespace.ts"
import type { Evidence, LedgerId } from "../store/ledger.ts"

/** What a decider is shown: one frozen picture of its equipment. */
export interface Snapshot {
  readonly at: Instant
  readonly values: Values
  /** Open findings of the equipment. */
  readonly findings: readonly Finding[]
  /** The last cycles of the equipment, oldest first, at most 200. */
  readonly cycles: readonly Cycle[]
  /** Decisions of this decider that are not closed yet. */
  readonly open: readonly Decision[]
  /** Its last closed decisions with their measured effects, oldest first, at most 20. */
  readonly closed: readonly Decision[]
  /** Whether the equipment's device takes writes; where it doesn't, proposals stay advice. */
  readonly writable: boolean
  tag(path: Path): Tag | undefined
}

/** Pure over a snapshot and its JSON memory. What takes long is asked as a question; its answer stands in a later snapshot. */
export interface Decider<Memory = unknown> {
  readonly initial: Memory
  decide(
    now: Snapshot,
    memory: Memory,
  ): {
    readonly memory: Memory
    readonly proposals: readonly DecisionDraft[]
    readonly questions: readonly Question[]
  }
}

export interface Question {
  readonly id: string
  readonly ask: string
}

export interface DeciderKind {
  readonly kind: string
  readonly summary: string
  readonly options: TSchema
  /** `options` passed the schema. */
  create(options: unknown, place: Place): Decider
}

/** What the decision is expected to change, and how it will be measured afterwards. */
export interface ExpectedEffect {
  /** The cycle field (as its tag) whose mean is to change. */
  readonly measure: Path
  readonly unit: string
  /** Expected change of the mean, in the unit, with its 95 % interval. */
  readonly change: number
  readonly low: number
  readonly high: number
  /** Cycles left out after the write while the machine settles, then cycles measured. */
  readonly settleCycles: number
  readonly windowCycles: number
}

export type DecisionState =
  | "proposed"
  | "approved"
  | "rejected"
  | "expired"
  | "acting"
  | "done"
  | "failed"
  | "rolled-back"
  | "measured"
  /** Advice that nobody can carry out through Moru, such as on a recording. */
  | "advice"

/** Proposal with evidence and expected effect. */
export interface Decision {
  readonly id: string
  readonly decider: string
  readonly kind: string
  readonly subject: Path
  readonly at: Instant
  readonly title: Text
  readonly why: Text
  readonly because: readonly Evidence[]
  readonly findings: readonly string[]
  readonly body: Command["body"]
  readonly expected?: ExpectedEffect
  readonly ifIgnored: Text
  readonly alternatives: readonly Text[]
  readonly policy: "advise" | "approve" | "automatic"
  readonly expiresAt: Instant
  readonly state: DecisionState
  readonly decidedBy?: string
  readonly decidedAt?: Instant
  /** In a person's own words where it was rejected. */
  readonly reason?: string
  /** Why it could not be carried out. */
  readonly failure?: Text
  readonly command?: string
  readonly effect?: MeasuredEffect
  /** Ledger record of the proposal. */
  readonly record: LedgerId
}

/** A decision as the store keeps it, with the ledger record of its last step: the cause of the next one. */
export interface DecisionDocument {
  readonly id: string
  readonly decision: Decision
  readonly record?: LedgerId
}

export type DecisionDraft = Pick<
  Decision,
  | "kind"
  | "title"
  | "why"
  | "because"
  | "findings"
  | "body"
  | "ifIgnored"
  | "alternatives"
  | "expiresAt"
> & { readonly expected?: ExpectedEffect }

/** What the act really changed, against the expectation. */
export type MeasuredEffect =
  | {
      readonly state: "measured"
      readonly measure: Path
      readonly unit: string
      /** Measured change of the mean against what would have been without the act, with its 95 % interval. */
      readonly change: number
      readonly low: number
      readonly high: number
      readonly before: {
        readonly from: Instant
        readonly to: Instant
        readonly cycles: number
        readonly mean: number
      }
      readonly after: {
        readonly from: Instant
        readonly to: Instant
        readonly cycles: number
        readonly mean: number
      }
      /** True where the interval excludes 0 and the sign is the expected one. */
      readonly proven: boolean
      readonly method: string | Text
      readonly record?: LedgerId
    }
  | { readonly state: "not-measurable"; readonly because: Text; readonly record?: LedgerId }

/** What people do to decisions; each throws `not-found`, `decision-closed` or `right-missing`. */
export interface Decisions {
  list(): readonly Decision[]
  get(id: string): Decision | undefined
  approve(id: string, by: { readonly person: string; readonly role: Role }): Promise<Decision>
  reject(
    id: string,
    by: { readonly person: string; readonly role: Role },
    reason: string,
  ): Promise<Decision>
}
