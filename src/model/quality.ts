/**
 * What is known of a sample's truth: the OPC UA classes (OPC 10000-8, 6.3) in one byte. The upper two bits are the
 * class (0 good, 1 uncertain, 2 bad), the rest the reason. A bad sample keeps its value where it has one.
 */
export type Quality = number

export const quality = {
  good: 0,
  /** A person or a rule put the value in place of the measured one. */
  goodOverride: 1,
  uncertain: 64,
  /** The last value before the source stopped answering. */
  uncertainLastUsable: 65,
  /** The value is as measured, its time was not readable at the source and stands for the neighbour's. */
  uncertainTime: 66,
  /** Outside the sensor's engineering range. */
  uncertainRange: 67,
  bad: 128,
  /** The source said that it has no value: an empty cell, a null. */
  badNoData: 129,
  /** The value could not be read as the tag's kind; it was refused with a problem. */
  badRefused: 130,
  badNotConnected: 131,
  badSensor: 132,
  badConfig: 133,
} as const satisfies Record<string, Quality>

export type QualityClass = "good" | "uncertain" | "bad"

export function classOf(q: Quality): QualityClass {
  if (q < 64) return "good"
  return q < 128 ? "uncertain" : "bad"
}

/** True where the number may be calculated with: good or uncertain. */
export function isUsable(q: Quality): boolean {
  return q < 128
}

/** The name in this table, for logs, exports and the API. */
export function qualityName(q: Quality): string {
  return Object.entries(quality).find(([, code]) => code === q)?.[0] ?? classOf(q)
}
