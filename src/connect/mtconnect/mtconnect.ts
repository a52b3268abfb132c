import type { Connector } from "../connector.ts"
import { MtConnectDevice } from "./device.ts"
import { type MtConnectOptions, mtconnectOptions, optionsOf } from "./options.ts"

/** Machine tools with an MTConnect agent (ANSI/MTC1.4 and later): samples, events, conditions, cutting tools. */
export const mtconnect: Connector<MtConnectOptions> = {
  type: "mtconnect",
  summary: "Machine tools with an MTConnect agent: samples, events, conditions, cutting tools.",
  evidence: "simulated",
  options: mtconnectOptions,
  create: (options, host) => new MtConnectDevice(options, host),
  schemes: ["mtconnect", "mtconnects"],
  optionsOf,
}
