/**
 * The UCUM codes (The Unified Code for Units of Measure, 2.2) that tags may use and how people read them.
 * Units stand in the tag, never in the sample.
 */
export const units = {
  "1": "",
  "%": "%",
  "{part}": "EA",
  "{shot}": "shot",
  Cel: "°C",
  K: "K",
  "K/min": "K/min",
  s: "s",
  ms: "ms",
  min: "min",
  h: "h",
  mm: "mm",
  m: "m",
  um: "µm",
  "m/s": "m/s",
  "cm/s": "cm/s",
  "mm/s": "mm/s",
  kg: "kg",
  g: "g",
  L: "L",
  "L/min": "L/min",
  "mL/min": "mL/min",
  bar: "bar",
  kPa: "kPa",
  MPa: "MPa",
  "kgf/cm2": "kgf/cm²",
  N: "N",
  kN: "kN",
  "N.m": "N·m",
  V: "V",
  A: "A",
  kW: "kW",
  "kW.h": "kWh",
  Hz: "Hz",
  "/min": "/min",
} as const satisfies Record<string, string>

export type UnitCode = keyof typeof units

/** How a person reads a unit; an unknown code is shown as it is. */
export function unitSymbol(code: string): string {
  return (units as Readonly<Record<string, string>>)[code] ?? code
}
