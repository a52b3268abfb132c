import type { Connector } from "../connector.ts"
import { ReplayDevice } from "./device.ts"
import { type ReplayOptions, replayOptions } from "./options.ts"

/** Recorded files, played as if the machine were there. It cannot be written: a recording answers nothing. */
export const replay: Connector<ReplayOptions> = {
  type: "replay",
  summary: "Recorded CSV files, played back as a machine.",
  evidence: "field",
  options: replayOptions,
  create: (options, host) => new ReplayDevice(options, host),
}
