import { type Static, Type } from "typebox"
import { durationText } from "../../kernel/tag-file.ts"
import { busProperties } from "../bus/options.ts"
import { oneOf, partProperties } from "../option-kinds.ts"

export const mqttOptions = Type.Object(
  {
    ...busProperties,
    topics: Type.Optional(
      Type.Array(Type.String({ pattern: "^(#|([^#]+/)?[^#]+|[^#]+/#)$" }), {
        minItems: 1,
        maxItems: 100,
        description:
          "Filters to follow, such as `plant/#`; where absent, each topic of the points is followed by itself.",
        expected:
          "a list of 1 to 100 topics, with + for one level and # at the end for all beneath",
      }),
    ),
    pattern: Type.Optional(
      Type.String({
        pattern: "^(?!.*#.)([^#+{}/]+|\\+|#|\\{[^{}/+#]+\\})(/([^#+{}/]+|\\+|#|\\{[^{}/+#]+\\}))*$",
        maxLength: 1000,
        description:
          "Topics by what their levels mean, such as `plant/+/{unit}/{tag}`. It is followed, and the address of a point is what the named levels say, joined by /: `press-1/temp`.",
        expected:
          "a topic with names in braces for whole levels, + for a level that does not matter and # at the end",
      }),
    ),
    format: oneOf(
      ["auto", "json", "text"],
      "auto",
      "How payloads are read where an address names no place in JSON: `json` expects a JSON value, `text` takes the text as it is, `auto` either.",
    ),
    time: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "Place of the time in JSON payloads, such as `ts` or `meta.time`; the time of receipt counts where absent.",
        expected: "a place such as ts or meta.time",
      }),
    ),
    "time-form": oneOf(
      ["iso", "s", "ms"],
      "iso",
      "How that time is written: ISO 8601 with its zone, or seconds or milliseconds since 1970 UTC.",
    ),
    ...partProperties,
    "max-payload": Type.Integer({
      minimum: 100,
      maximum: 10_000_000,
      default: 1_000_000,
      description: "Longest payload that is read, in bytes.",
      expected: "a whole number from 100 to 10000000",
    }),
    "browse-for": durationText({
      default: "5s",
      description: "How long browsing listens for what is told, beside what the broker retains.",
    }),
  },
  { additionalProperties: false },
)

export type MqttOptions = Static<typeof mqttOptions>
