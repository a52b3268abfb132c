import type { Connector } from "../connector.ts"
import { ManualDevice } from "./device.ts"
import { type ManualOptions, manualOptions } from "./options.ts"

/** What people count, read and judge. */
export const manual: Connector<ManualOptions> = {
  type: "manual",
  summary: "What people count, read and judge, entered by them.",
  evidence: "simulated",
  options: manualOptions,
  create: (options, host) => new ManualDevice(options, host),
}
