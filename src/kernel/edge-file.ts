import { Type } from "typebox"
import { nameKey } from "./tag-file.ts"

const closed = { additionalProperties: false } as const

const edgeFile = Type.Object(
  {
    to: Type.String({
      pattern: "^https?://[^\\s/#?]+/?$",
      expected: "an address such as https://moru.plant.local:4400",
      description: "Where the central Moru runs; plain `http` only on the same computer.",
    }),
    ca: Type.Optional(
      Type.String({
        description:
          "PEM file of the authority that signed the centre's certificate, relative to the plant's folder; left out: those that this computer trusts.",
      }),
    ),
    budget: Type.String({
      pattern: "^\\d+(\\.\\d+)? ?(MB|GB|TB)$",
      expected: "a size such as 20 GB",
      default: "20 GB",
      description:
        "How much of its disk the edge's log may take while the line is cut. Beyond it the oldest samples give way to summaries of a minute.",
    }),
    keep: Type.String({
      pattern: "^\\d+(\\.\\d+)? ?[hdw]$",
      expected: "a length of time such as 12 h, 7 d or 2 w",
      default: "7 d",
      description:
        "How long a cut line must lose nothing; the edge says so when its budget would not last so long at the present rate.",
    }),
  },
  closed,
)

/** `edges` in a plant's files. The key of an edge never stands in them, so that one folder serves all computers. */
export const edgesFile = Type.Record(nameKey, edgeFile, {
  ...closed,
  default: {},
  description:
    "Computers beside the machines that run `moru run --parts connect`, by name; a device with this name as its `edge` is read there.",
})
