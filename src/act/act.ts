import type { Decision } from "../decide/decide.ts"
import type { Author, Command, Write } from "../model/command.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { Tag, Value } from "../model/tag.ts"
import type { Text } from "../model/text.ts"
import type { Values } from "../namespace/namespace.ts"
import type { LedgerId } from "../store/ledger.ts"

/** Looks at one command before it leaves the house. The first refusal ends it. Pure. */
export interface Guard {
  readonly name: string
  /** True where it looks at what stands at the machine: it is asked only once that has been read. */
  readonly needsPresent?: true
  check(command: Command, now: Picture): Refusal | undefined
}

/** What guards may look at: fresh values and what the gate knows. */
export interface Picture {
  readonly at: Instant
  readonly values: Values
  tag(path: Path): Tag | undefined
  /** The target's value as read from the machine itself for this command; undefined where it is not known. */
  present(path: Path): Value | undefined
  /** How many of the command's writes are done already; guards look at the rest. */
  readonly done: number
  /** True where the target's device takes writes. */
  canWrite(target: Path): boolean
  /** When this set point was last written through the gate, whatever came of it. */
  lastWriteAt(path: Path): Instant | undefined
  /** The decision that the command names, as it stands now. */
  readonly decision: Decision | undefined
  /** Another command that already carries out the same decision. */
  readonly carriedOutBy: string | undefined
  readonly automaticStopped: boolean
  /** True after a restore, until a person says otherwise. */
  readonly readOnly: boolean
}

export interface Refusal {
  readonly guard: string
  /** For people: what stood in the way, with the values. */
  readonly because: Text
}

/** What became of one write. `unknown` is never retried by itself. */
export type Outcome =
  | { readonly state: "done"; readonly readBack: Value }
  | { readonly state: "refused"; readonly refusal: Refusal }
  | { readonly state: "expired" }
  | { readonly state: "failed"; readonly because: Text }
  | { readonly state: "unknown"; readonly because: Text }

/** How a whole command ended: one outcome for each write, in order; writes after a failure are not tried. */
export interface CommandResult {
  readonly command: Command
  readonly state: "done" | "refused" | "expired" | "failed" | "unknown" | "partial"
  readonly outcomes: readonly Outcome[]
  /** Values that stood before, for a roll-back. */
  readonly before: readonly (Value | undefined)[]
  readonly at: Instant
  /** Ledger record of the end. */
  readonly record: LedgerId
}

/** The one door to a machine's `write`. */
export interface Gate {
  /**
   * Checks, writes, reads back, and says what became of it. The intent is durable in the ledger before anything is
   * sent, so a command reaches a machine at most once. Never throws for what happens in the plant.
   */
  submit(command: Command, causes: readonly LedgerId[]): Promise<CommandResult>
  /** Writes back what stood before a command, as a new command under the same guards. */
  rollBack(commandId: string, by: Author): Promise<CommandResult>
  result(commandId: string): CommandResult | undefined
  readonly automaticStopped: boolean
  /** The one switch: stops Moru's own writes, never a machine. */
  stopAutomatic(by: string, reason: string): Promise<void>
  allowAutomatic(by: string, reason: string): Promise<void>
}

/** Handed to the gate by `moru.ts` alone: how a set point is written and read at the machine itself. */
export interface Actuator {
  /** Undefined where the tag's device takes no writes. */
  canWrite(target: Path): boolean
  /** Throws `write-failed` when the machine refused; any other failure leaves the outcome unknown. */
  write(write: Write, signal: AbortSignal): Promise<void>
  /** The present value, read from the machine, not from memory. Throws where the machine does not call it good. */
  read(target: Path, signal: AbortSignal): Promise<Value>
}

/**
 * True where both are the same value for a machine that keeps numbers as 32-bit floats (IEEE 754 binary32 has 24 bits
 * of mantissa, so 1e-6 of the value is more than its rounding and less than any step that matters).
 */
export function sameValue(a: Value, b: Value): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b))
}
