import type { MachineKind } from "../../machine.ts"
import { type DieCastingOptions, dieCastingOptions } from "../../options.ts"

export const dieCasting: MachineKind = {
  kind: "die-casting",
  summary:
    "Cold-chamber die-casting machine on an OPC UA server, as equipment/moru/dcm-350.yaml describes it.",
  options: dieCastingOptions,
  faults: [
    ...(["cooling-clog", "hydraulic-leak", "biscuit-drift"] as const),
    ...(["frozen-sensor", "thermocouple-drift"] as const),
    ...(["connection-lost", "counter-reset", "clock-wrong"] as const),
  ],
  start: async (options, context) => {
    const { startDieCasting } = await import("./run.ts")
    return startDieCasting(options as DieCastingOptions, context)
  },
}
