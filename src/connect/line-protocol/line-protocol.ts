import type { Connector } from "../connector.ts"
import { LineProtocolDevice } from "./device.ts"
import { type LineProtocolOptions, lineProtocolOptions } from "./options.ts"

/** Telegraf and every other program that writes to InfluxDB. */
export const lineProtocol: Connector<LineProtocolOptions> = {
  type: "line-protocol",
  summary: "Telegraf and other programs that write to InfluxDB, received in its line protocol.",
  evidence: "interop",
  options: lineProtocolOptions,
  create: (options, host) => new LineProtocolDevice(options, host),
}
