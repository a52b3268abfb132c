import type { TSchema } from "typebox"
import type { Plant } from "../model/plant.ts"
import type { Problem } from "../model/problem.ts"
import type { Files } from "./files.ts"
import type { PlantChange } from "./plant-change.ts"

/** Option schemas by the names that plant files use. The kernel knows no connector; whoever calls it hands these in. */
export interface Kinds {
  readonly connectors: ReadonlyMap<string, TSchema>
  readonly analysers: ReadonlyMap<string, TSchema>
  readonly deciders: ReadonlyMap<string, TSchema>
  readonly machines: ReadonlyMap<string, TSchema>
}

export interface LoadRequest {
  /** Holds `plant.yaml`, its includes, and perhaps equipment types of its own beneath `equipment`. */
  readonly folder: string
  /** Equipment types that come with Moru, as `<maker>/<model>.yaml`. */
  readonly typeFolder: string
  readonly files: Files
  readonly env: Readonly<Record<string, string | undefined>>
  readonly kinds: Kinds
}

/** A file of a plant as it was read; references to secrets are not filled in. */
export interface SourceFile {
  /** Relative to the plant's folder; `equipment/<maker>/<model>.yaml` for types, wherever they were found. */
  readonly file: string
  readonly text: string
}

export interface LoadedPlant {
  /** Undefined where there are problems. */
  readonly plant?: Plant
  /** All that is wrong, in the order of files and lines. */
  readonly problems: readonly Problem[]
  readonly sources: readonly SourceFile[]
}

/**
 * A change of keys and values (JSON Merge Patch, RFC 7396): a map is merged member by member, null removes a key, anything else
 * replaces what is there. A map that loses its last member goes too.
 */
export interface Patch {
  readonly [key: string]: unknown
}

/** Changes by the top key of the plant's files, such as `devices`, and by name. */
export type PlantPatch = Readonly<Record<string, Patch>>

/** A change of a plant's files as it would be saved; nothing is written yet. */
export interface PlannedEdit {
  /** The files that change, relative to the plant's folder; `before` is undefined for a new one. */
  readonly files: readonly {
    readonly file: string
    readonly before: string | undefined
    readonly after: string
  }[]
  /** Unified; empty where nothing changes. */
  readonly diff: string
  /** The plant as it would be then; undefined where there are problems, and then it cannot be saved. */
  readonly plant?: Plant
  readonly problems: readonly Problem[]
}

/** A change of the plant's files that bears on safety and waits for an engineer. */
export interface WaitingChange {
  /** Stands for exactly these contents of the files: another edit makes another id. */
  readonly id: string
  readonly at: number
  readonly changes: readonly PlantChange[]
  /** Unified diff against the files as they were last confirmed. */
  readonly diff: string
}

/** What the watch over a plant's files must find again after a restart. */
export interface PlantMemory {
  /** The files whose safety-bearing part is in force. */
  readonly confirmed: readonly SourceFile[]
  /** The files as they were last taken over. */
  readonly seen: readonly SourceFile[]
  readonly waiting?: WaitingChange & { readonly rejected: boolean }
  /** Ledger record of the waiting change. */
  readonly record?: string
  /** Stands for the last refused contents, so that one mistake is one record. */
  readonly refused?: string
}

/** What goes to the ledger about the plant's files; the subject is `plant`. */
export interface ConfigRecord {
  readonly kind: "config.changed" | "config.refused" | "config.waiting" | "config.confirmed"
  /** Person id or `kernel:config`. */
  readonly by: string
  readonly causes: readonly string[]
  readonly body: {
    readonly changes?: readonly PlantChange[]
    readonly diff?: string
    readonly problems?: readonly {
      readonly code: string
      readonly where: string
      readonly what: string
    }[]
    readonly waiting?: string
    readonly reason?: string
  }
}

/** What the watch over a plant's files asks of the house; `moru.ts` hands it in. */
export interface PlantHost {
  /** Takes the plant over in the running house. Throws where it cannot; then the former one goes on. */
  apply(plant: Plant, changes: readonly PlantChange[]): Promise<void>
  /**
   * Durable when it resolves, records and memory together or neither; where one of the records is `config.waiting`, the
   * memory's `record` becomes its id. Gives the records' ledger ids, in order.
   */
  record(records: readonly ConfigRecord[], memory: PlantMemory): Promise<readonly string[]>
  recall(): Promise<PlantMemory | undefined>
}
