import type { MachineKind } from "../../machine.ts"
import { type UtilitiesOptions, utilitiesOptions } from "../../machine-options.ts"

export const utilities: MachineKind = {
  kind: "utilities",
  summary:
    "Compressor and energy meters behind one Modbus TCP gateway, as equipment/moru/ac-75.yaml and em-3p.yaml describe them.",
  options: utilitiesOptions,
  faults: ["frozen-sensor", "connection-lost", "counter-reset"],
  start: async (options, context) => {
    const { startUtilities } = await import("./run.ts")
    return startUtilities(options as UtilitiesOptions, context)
  },
}
