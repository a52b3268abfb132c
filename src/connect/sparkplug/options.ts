import { type Static, Type } from "typebox"
import { durationText } from "../../kernel/tag-file.ts"
import { busProperties } from "../bus/options.ts"

const topicName = (description: string) =>
  Type.String({
    pattern: "^[^+#/\\u0000]+$",
    maxLength: 200,
    description,
    expected: "a name without +, # and /",
  })

export const sparkplugOptions = Type.Object(
  {
    ...busProperties,
    group: topicName("Group ID of the edge node."),
    node: topicName("Edge Node ID."),
    "host-id": Type.String({
      pattern: "^[^+#/\\u0000]+$",
      default: "moru",
      description:
        "Under this name Moru says whether it is there; edge nodes name it as their primary host.",
      expected: "a name without +, # and /",
    }),
    reorder: durationText({
      default: "2s",
      description:
        "How long a message that came too early waits for those before it; then they count as lost.",
    }),
    "birth-timeout": durationText({
      default: "10s",
      description: "How long the edge node may take to send its birth once it was asked for it.",
    }),
    "rebirth-min-interval": durationText({
      default: "10s",
      description: "The edge node is asked for a birth at most once in so long.",
    }),
    "read-back": durationText({
      default: "5s",
      description:
        "After a write, a reading waits so long for the edge node to tell the value; then the last known one is read.",
    }),
  },
  { additionalProperties: false },
)

export type SparkplugOptions = Static<typeof sparkplugOptions>
