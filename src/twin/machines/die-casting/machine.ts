import type { MachineKind } from "../../machine.ts"
import { type DieCastingOptions, dieCastingOptions } from "../../options.ts"

export const dieCasting: MachineKind = {
  kind: "die-casting",
  summary:
    "Cold-chamber die-casting machine on an OPC UA server, as equipment/moru/dcm-350.yaml describes it.",
  options: dieCastingOptions,
  start: async (options, context) => {
    const { startDieCasting } = await import("./run.ts")
    return startDieCasting(options as DieCastingOptions, context)
  },
}
