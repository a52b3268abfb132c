import type { Path } from "./path.ts"
import type { Text } from "./text.ts"

/** Levels of the ISA-95 equipment hierarchy (IEC 62264-1, 5.3). */
export const levels = ["enterprise", "site", "area", "line", "cell", "unit"] as const

export type Level = (typeof levels)[number]

export interface Equipment {
  readonly path: Path
  readonly level: Level
  readonly name: Text
  /** `<maker>/<model>` of its equipment type, where it has one. */
  readonly type?: string
}
