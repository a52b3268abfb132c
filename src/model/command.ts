import type { Instant } from "./instant.ts"
import type { Path } from "./path.ts"
import type { Value } from "./tag.ts"

export const roles = ["viewer", "operator", "engineer", "administrator"] as const

/** Each role may all that the roles before it may. */
export type Role = (typeof roles)[number]

export function atLeast(role: Role, wanted: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(wanted)
}

export type PersonId = string

/** Who asks: a person by id with the role held at that moment, or a decider by its name. */
export type Author =
  | { readonly person: PersonId; readonly role: Role }
  | { readonly decider: string }

export interface Write {
  readonly target: Path
  readonly value: Value
  /** Compare-and-set: the command is refused if the present value is another. */
  readonly expect?: Value
}

/** Instruction to a machine or a person. Writes are ordered, with an outcome for each. */
export interface Command {
  readonly id: string
  /** The decision behind it; absent for a command by hand. */
  readonly decision?: string
  readonly by: Author
  readonly expiresAt: Instant
  readonly body:
    | { readonly writes: readonly Write[] }
    | { readonly request: string; readonly to: Role; readonly confirmedBy?: PersonId }
}
