import { type Static, type TSchemaOptions, Type } from "typebox"
import { equipmentStates } from "../model/plant.ts"
import { type UnitCode, units } from "../model/unit.ts"

/**
 * How tags stand in files. Two keywords of ours stand beside JSON Schema's: `expected` says in words what a pattern
 * wants, `aliases` maps what people write instead to what is meant.
 */

/** A name in a path; the rule of `model/path.ts`. */
export const namePattern = "^[a-z0-9][a-z0-9_-]*$"

export const nameKey = Type.String({
  pattern: namePattern,
  expected: "a name of a-z, 0-9, - and _",
})

const durations = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of a length of time such as `500ms`, `10s`, `1.5h`; NaN where it is none. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|min|h|d)$/.exec(text) ?? []
  return Number(amount) * durations[unit as keyof typeof durations]
}

export function durationText(options: TSchemaOptions) {
  return Type.String({
    pattern: "^\\d+(\\.\\d+)?(ms|s|min|h|d)$",
    expected: "a length of time such as 500ms, 10s, 5min, 1h or 2d",
    ...options,
  })
}

export function textFor(options: TSchemaOptions) {
  return Type.Union(
    [
      Type.String({ minLength: 1 }),
      Type.Object(
        {
          en: Type.String({ minLength: 1, description: "In English." }),
          ko: Type.Optional(Type.String({ minLength: 1, description: "In Korean." })),
        },
        { additionalProperties: false },
      ),
    ],
    { expected: "a text or { en: ..., ko: ... }", ...options },
  )
}

/** What people write for a unit, and the UCUM code that is meant. */
const unitAliases: Readonly<Record<string, UnitCode>> = {
  ...Object.fromEntries(
    Object.entries(units).flatMap(([code, symbol]) => (symbol === "" ? [] : [[symbol, code]])),
  ),
  "℃": "Cel",
  C: "Cel",
  degC: "Cel",
  celsius: "Cel",
  μm: "um",
  sec: "s",
  hr: "h",
  l: "L",
  lpm: "L/min",
  "l/min": "L/min",
  "kgf/cm²": "kgf/cm2",
  Nm: "N.m",
  KW: "kW",
  KWh: "kW.h",
  rpm: "/min",
  RPM: "/min",
  ea: "{part}",
  pcs: "{part}",
  "": "1",
  "-": "1",
}

/** The unit that a person or a machine means by a word, in any case of letters where that leaves no doubt. */
export function unitCalled(word: string): UnitCode | undefined {
  const text = word.trim()
  if (Object.hasOwn(units, text)) return text as UnitCode
  if (Object.hasOwn(unitAliases, text)) return unitAliases[text]
  const names = [...Object.keys(units).map((code) => [code, code]), ...Object.entries(unitAliases)]
  const same = names.filter(([name]) => name?.toLowerCase() === text.toLowerCase())
  const codes = new Set(same.map(([, code]) => code as UnitCode))
  return codes.size === 1 ? [...codes][0] : undefined
}

const unitCode = Type.Enum(Object.keys(units) as UnitCode[], {
  description: "UCUM code of the unit that the device gives the value in; `1` where it has none.",
  expected: "a UCUM code such as Cel, bar, mm or 1",
  aliases: unitAliases,
})

const value = Type.Union([Type.Number(), Type.Boolean(), Type.String()], {
  description: "The value to compare with.",
  expected: "a number, true, false or a text",
})

function bandOf(description: string) {
  return Type.Tuple([Type.Number(), Type.Number()], { description, expected: "[low, high]" })
}

const limitFile = Type.Object(
  {
    side: Type.Enum(["high-high", "high", "low", "low-low"], {
      description: "Which side of the band the limit bounds.",
    }),
    at: Type.Number({ description: "The limit, in the tag's unit." }),
    priority: Type.Enum([1, 2, 3, 4], {
      description: "How urgent the alarm is; 1 is the most urgent (ISA-18.2).",
    }),
    "on-delay": durationText({
      default: "0s",
      description: "How long the value stands beyond the limit before the alarm is raised.",
    }),
    "off-delay": durationText({
      default: "0s",
      description: "How long the value stands within the limit before the alarm returns.",
    }),
    deadband: Type.Number({
      default: 0,
      minimum: 0,
      description: "How far the value must come back to count as within, in the tag's unit.",
    }),
    "suppressed-in": Type.Array(Type.Enum([...equipmentStates]), {
      default: [],
      description: "States of the equipment in which the alarm is suppressed by design.",
    }),
    text: Type.Optional(textFor({ description: "What the alarm tells the operator to do." })),
  },
  { additionalProperties: false },
)

const interlockFile = Type.Object(
  {
    tag: Type.String({ description: "Tag that is looked at, relative to the equipment." }),
    is: Type.Enum([">", ">=", "<", "<=", "=", "!="], { description: "How it is compared." }),
    value,
    within: durationText({
      default: "10s",
      description: "The value may be no older than this; an older one refuses the write.",
    }),
  },
  { additionalProperties: false },
)

const writableFile = Type.Object(
  {
    min: Type.Number({ description: "Smallest value that may be written, in the tag's unit." }),
    max: Type.Number({ description: "Largest value that may be written, in the tag's unit." }),
    "max-step": Type.Number({
      exclusiveMinimum: 0,
      description: "Largest change of one command, in the tag's unit.",
    }),
    "min-interval": durationText({
      default: "60s",
      description: "At most one command in so long.",
    }),
    interlocks: Type.Array(interlockFile, {
      default: [],
      description: "Conditions over fresh values that must hold at the moment of writing.",
    }),
  },
  { additionalProperties: false },
)

export const addresses = Type.Record(nameKey, Type.String({ minLength: 1 }), {
  additionalProperties: false,
  description:
    "Where the value stands at the machine, for each connector that can reach it; the device's connector chooses.",
  default: {},
})

const shared = {
  name: textFor({ description: "What people call the value." }),
  kind: Type.Enum(["number", "boolean", "text"], {
    default: "number",
    description: "What values are.",
  }),
  unit: unitCode,
  range: Type.Optional(bandOf("What the sensor can show; values outside are marked uncertain.")),
  normal: Type.Optional(bandOf("Band in which the process is normal; screens draw it.")),
  decimals: Type.Integer({
    default: 2,
    minimum: 0,
    maximum: 9,
    description: "Digits behind the point that a decision needs.",
  }),
  limits: Type.Array(limitFile, {
    default: [],
    description: "Limits whose crossing raises an alarm.",
  }),
}

export const tagFile = Type.Object(
  {
    ...shared,
    "stale-after": durationText({
      default: "60s",
      description: "A value older than this is stale, in plant time.",
    }),
    writable: Type.Optional(
      Type.Object(writableFile.properties, {
        additionalProperties: false,
        description: "What may be written to the set point; without it the tag is only read.",
      }),
    ),
    address: addresses,
  },
  { additionalProperties: false },
)
export type TagFile = Static<typeof tagFile>

export const fieldFile = Type.Object(
  {
    ...shared,
    "stale-after": durationText({
      default: "1h",
      description: "A value older than this is stale, in plant time.",
    }),
    address: Type.String({
      minLength: 1,
      description: "Where the field stands within a record, in the connector's terms.",
    }),
  },
  { additionalProperties: false },
)
