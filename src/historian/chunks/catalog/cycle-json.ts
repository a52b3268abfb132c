import type { Cycle } from "../../../model/cycle.ts"

/** What of a cycle is neither key nor index. */
export type CycleBody = Pick<Cycle, "tool" | "product" | "order" | "lot" | "values" | "verdict">

/** JSON that keeps the numbers JSON has no word for: NaN, the infinities and -0 stand as `{"number":"-0"}`. */
export function formatBody({ tool, product, order, lot, values, verdict }: CycleBody): string {
  return JSON.stringify({ tool, product, order, lot, values, verdict }, (_, value) =>
    typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
      ? { number: Object.is(value, -0) ? "-0" : String(value) }
      : value,
  )
}

export function parseBody(text: string): CycleBody {
  const body = JSON.parse(text)
  for (const [name, value] of Object.entries<unknown>(body.values))
    if (typeof value === "object" && value !== null && "number" in value)
      body.values[name] = Number(value.number)
  return body
}
