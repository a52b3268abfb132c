import { type Static, Type } from "typebox"

const closed = { additionalProperties: false } as const

const sizes = { MB: 1e6, GB: 1e9, TB: 1e12 } as const

const day = 86_400_000
/** A year of retention is 365 days. */
const lengths = { h: 3_600_000, d: day, w: 7 * day, y: 365 * day } as const

/** How much of a disk may be used: bytes, or a share of what other files leave. */
export type Budget = { readonly bytes: number } | { readonly share: number }

/** `50 GB` or `80 %`; trusted to match the schema's pattern. */
export function parseBudget(text: string): Budget {
  const [, amount, unit] = /^([\d.]+) ?(MB|GB|TB|%)$/.exec(text) ?? []
  if (unit === "%") return { share: Number(amount) / 100 }
  return { bytes: Number(amount) * sizes[unit as keyof typeof sizes] }
}

/** Milliseconds of `90 d` or `2 y`; NaN where it is none. */
export function parseAge(text: string): number {
  const [, amount, unit] = /^([\d.]+) ?([hdwy])$/.exec(text) ?? []
  return Number(amount) * lengths[unit as keyof typeof lengths]
}

const age = (description: string) =>
  Type.Optional(
    Type.String({
      pattern: "^\\d+(\\.\\d+)? ?[hdwy]$",
      expected: "a length of time such as 12 h, 90 d, 8 w or 2 y",
      description,
    }),
  )

/** `storage` in a plant's files. */
export const storageFile = Type.Object(
  {
    budget: Type.String({
      pattern: "^\\d+(\\.\\d+)? ?(MB|GB|TB|%)$",
      expected: "a size such as 50 GB, or a share such as 80 %",
      default: "80 %",
      description:
        "How much the data folder may hold: a size, or a share of the disk as far as other files leave it. At the budget " +
        "new samples are refused, and their senders keep them; what retention does not name is never deleted to make room.",
    }),
    retention: Type.Array(
      Type.Object(
        {
          tags: Type.String({
            pattern: "^(\\*|\\*\\*|[a-z0-9][a-z0-9_-]*)(/(\\*|\\*\\*|[a-z0-9][a-z0-9_-]*))*$",
            expected: "paths of tags: names joined by /, * for one name, ** for any number",
            description: "Paths of tags: `*` stands for one name, `**` for any number.",
          }),
          raw: age("How long every sample is kept; left out: for good."),
          minutes: age(
            "How long summaries of a minute are kept once the samples are gone; left out: for good.",
          ),
          hours: age(
            "How long summaries of an hour are kept once those of a minute are gone; left out: for good.",
          ),
        },
        closed,
      ),
      {
        default: [],
        description:
          "How long samples are kept, by tag; the first rule that matches holds, and what none matches is kept for good. " +
          "Samples go in steps of a week; those that are evidence in the ledger stay.",
      },
    ),
  },
  { ...closed, default: {}, description: "How much is kept, and for how long." },
)

export type StorageFile = Static<typeof storageFile>
