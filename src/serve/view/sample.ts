import type { StoredBlock } from "../../historian/historian.ts"
import { qualityName } from "../../model/quality.ts"
import type { Tag, Value } from "../../model/tag.ts"
import type { Registry } from "../../store/store.ts"
import type { SamplesView } from "../api.ts"
import { shownValue } from "./value.ts"

type SampleView = SamplesView["samples"][number]

/** Row by row, as people read it: switches and texts in words. */
export function sampleViewOf(
  block: StoredBlock,
  row: number,
  { tag, registry }: { tag: Tag & { id: number }; registry: Pick<Registry, "textOf"> },
): SampleView {
  return {
    at: block.at[row] ?? 0,
    value: readValue(block.value[row] ?? Number.NaN, tag, registry),
    quality: qualityName(block.quality[row] ?? 0),
    source: block.sources[block.origin[row] ?? 0] ?? "",
    sequence: block.number[row] ?? 0,
  }
}

function readValue(
  stored: number,
  tag: Tag & { id: number },
  registry: Pick<Registry, "textOf">,
): Value | null {
  if (Number.isNaN(stored)) return null
  if (tag.kind === "boolean") return stored !== 0
  if (tag.kind === "text") return registry.textOf(tag.id, stored) ?? null
  return shownValue(stored)
}
