import type { TSchema } from "typebox"
import type { Plant } from "../model/plant.ts"
import type { Problem } from "../model/problem.ts"
import type { Files } from "./files.ts"

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
