import { type Static, Type } from "typebox"
import { checkHost, duration } from "../option-kinds.ts"

export const mtconnectOptions = Type.Object(
  {
    agent: Type.String({
      pattern: "^https?://[^\\s/?#@]+(/[^\\s?#]*)?$",
      description: "Address of the agent, without `probe` or `current` behind it.",
      expected: "an address such as http://192.168.0.30:5000",
    }),
    device: Type.Optional(
      Type.String({
        pattern: "^[^\\s/?#]+$",
        description: "Name or uuid of one machine, where the agent speaks for several.",
        expected: "a name or uuid without blanks",
      }),
    ),
    interval: duration("How often the agent reports changes (plant time).", "500ms"),
    heartbeat: duration(
      "How often the agent says that it is there while nothing changes; it counts as lost after this and `timeout`.",
      "10s",
    ),
    count: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: "Most observations in one answer; not more than the agent's buffer holds.",
      expected: "a whole number from 1 to 100000",
    }),
    timeout: duration("How long an answer may take before the agent counts as lost.", "10s"),
    assets: duration(
      "How often assets are asked for, where points need them (plant time).",
      "1min",
    ),
  },
  { additionalProperties: false },
)

export type MtConnectOptions = Static<typeof mtconnectOptions>

/** Options for `mtconnect://192.168.0.30:5000/mill-1`, or `mtconnects://` for an agent behind TLS; the path names the machine. */
export function optionsOf(address: URL): Readonly<Record<string, unknown>> {
  const { protocol, host, port, pathname, searchParams } = address
  checkHost(address)
  const isSecure = protocol === "mtconnects:"
  const place = port === "" && !isSecure ? `${host}:5000` : host
  const device = decodeURIComponent(pathname.slice(1))
  return {
    ...Object.fromEntries(searchParams),
    agent: `${isSecure ? "https" : "http"}://${place}`,
    ...(device !== "" && { device }),
  }
}
