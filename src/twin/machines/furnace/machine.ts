import type { MachineKind } from "../../machine.ts"
import { type FurnaceOptions, furnaceOptions } from "../../options.ts"

export const furnace: MachineKind = {
  kind: "furnace",
  summary:
    "Heat-treatment batch furnace with three zones on an OPC UA server, as equipment/moru/htf-300.yaml describes it.",
  options: furnaceOptions,
  faults: [
    ...(["furnace-zone-failure", "thermocouple-drift"] as const),
    ...(["connection-lost", "counter-reset", "clock-wrong"] as const),
  ],
  start: async (options, context) => {
    const { startFurnace } = await import("./run.ts")
    return startFurnace(options as FurnaceOptions, context)
  },
}
