import type { Cycle } from "../../model/cycle.ts"
import type { ProblemCode } from "../../model/problem.ts"
import type { SqlAnswer } from "../sql.ts"

/** Samples of one tag, as columns of equal length, with the words that they are the first to use. */
export interface RowsMessage {
  readonly kind: "rows"
  readonly tag: number
  readonly at: Float64Array
  /** Of a text tag: the text's id. */
  readonly value: Float64Array
  readonly quality: Uint8Array
  /** Ids of sources. */
  readonly source: Uint32Array
  readonly number: Float64Array
  readonly newSources: readonly (readonly [id: number, name: string])[]
  readonly newTexts: readonly (readonly [id: number, text: string])[]
}

/** What the house says to the query's process, in this order; rows and cycles as often as there are some. */
export type ToProcess =
  | { readonly kind: "ask"; readonly sql: string; readonly timezone: string }
  | { readonly kind: "tags"; readonly tags: readonly ToldTag[] }
  | RowsMessage
  | { readonly kind: "cycles"; readonly cycles: readonly Cycle[] }
  | { readonly kind: "run"; readonly limit: number; readonly after: number }

export interface ToldTag {
  readonly id: number
  readonly path: string
  readonly unit: string
  readonly isText: boolean
}

/** What it answers: one message to each; after a problem nothing follows. */
export type FromProcess =
  | { readonly kind: "needs"; readonly samples: boolean; readonly cycles: boolean }
  | { readonly kind: "took" }
  | ({ readonly kind: "answer" } & Pick<SqlAnswer, "columns" | "rows" | "more">)
  | { readonly kind: "problem"; readonly code: ProblemCode; readonly what: string }
