import { type Static, Type } from "typebox"
import { whole } from "../option-kinds.ts"

export const lineProtocolOptions = Type.Object(
  {
    token: Type.String({
      secret: true,
      minLength: 16,
      description:
        "The sender's own credential: its `token`, or its password with any user name. It tells this device from others at the same address.",
      expected: "a secret of at least 16 characters",
    }),
    template: Type.Optional(
      Type.String({
        pattern: "^([^{}]|\\{measurement\\}|\\{field\\}|\\{tag:[^{}]+\\})+$",
        description:
          "How the address of a point is made of what a line says, such as `{measurement}/{tag:host}/{field}`; tags that it leaves out do not matter. Where absent, or where a line lacks a tag, an address is the whole series: `cpu,host=a usage_idle`.",
        expected: "a text with {measurement}, {field} and {tag:<name>}",
      }),
    ),
    "max-series": whole(
      [1, 1_000_000],
      100_000,
      "How many series with a field are known at once; when more come, all are learnt anew.",
    ),
    "max-samples-per-second": whole(
      [1, 100_000_000],
      1_000_000,
      "Of this sender, over ten seconds; beyond it, a batch is answered with 429 and has to come again.",
    ),
  },
  { additionalProperties: false },
)

export type LineProtocolOptions = Static<typeof lineProtocolOptions>
