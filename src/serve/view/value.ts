import type { Path } from "../../model/path.ts"
import { qualityName } from "../../model/quality.ts"
import type { Sample, Value } from "../../model/tag.ts"
import type { ValueView } from "../api.ts"

export function valueViewOf(path: Path, { at, value, quality }: Sample): ValueView {
  return { path, at, value: shownValue(value), quality: qualityName(quality) }
}

/** JSON knows no NaN and no infinity; a screen shows both as no value. */
export function shownValue(value: Value | null): Value | null {
  return typeof value === "number" && !Number.isFinite(value) ? null : value
}
