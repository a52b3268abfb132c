import type { Place } from "../modbus/unit.ts"
import type { LeakTester } from "./leak-tester.ts"

/** Where `equipment/moru/lt-100.yaml` finds them. Values of two registers have the less significant one first. */
export const places: Readonly<Record<keyof ReturnType<LeakTester["values"]>, Place>> = {
  state: { table: "holding", address: 0 },
  phase: { table: "holding", address: 1 },
  result: { table: "holding", address: 2 },
  good: { table: "holding", address: 10, type: "uint32", order: "cdab" },
  bad: { table: "holding", address: 12, type: "uint32", order: "cdab" },
  tests: { table: "holding", address: 14, type: "uint32", order: "cdab" },
  leakRate: { table: "holding", address: 100, type: "float32", order: "cdab" },
  testPressure: { table: "holding", address: 102, type: "float32", order: "cdab" },
  limit: { table: "holding", address: 104, type: "float32", order: "cdab" },
  serial: { table: "holding", address: 120, type: "string", registers: 16 },
  ready: { table: "discrete", address: 0 },
  pass: { table: "discrete", address: 1 },
  fail: { table: "discrete", address: 2 },
}
