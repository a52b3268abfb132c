import type { Value } from "../../model/tag.ts"
import { writeGuard } from "./write-guard.ts"

/** A number for a number and a truth value for a switch; texts have no range to guard them by and aren't written. */
export const kind = writeGuard("kind", ({ value, expect }, tag) => {
  if (tag.kind === "text") return "text set points are not written: no permitted range bounds them"
  return wrong(value, tag.kind) ?? (expect === undefined ? undefined : wrong(expect, tag.kind))
})

function wrong(value: Value, wanted: "number" | "boolean"): string | undefined {
  if (typeof value !== wanted)
    return `got ${JSON.stringify(value)} (${typeof value}), expected a ${wanted}`
  if (typeof value === "number" && !Number.isFinite(value))
    return `got ${value}, expected a finite number`
  return undefined
}
