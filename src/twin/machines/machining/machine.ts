import type { MachineKind } from "../../machine.ts"
import { type MachiningOptions, machiningOptions } from "../../machine-options.ts"

export const machining: MachineKind = {
  kind: "machining",
  summary:
    "Cell of two machining centres behind a Sparkplug B edge node, the first of them also an MTConnect agent, as equipment/moru/vmc-500.yaml describes them.",
  options: machiningOptions,
  faults: [
    ...(["tool-wear", "tool-breakage", "frozen-sensor", "counter-reset"] as const),
    ...(["clock-wrong", "duplicate-sender", "connection-lost"] as const),
  ],
  start: async (options, context) => {
    const { startMachining } = await import("./run.ts")
    return startMachining(options as MachiningOptions, context)
  },
}
