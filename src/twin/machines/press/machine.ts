import type { MachineKind } from "../../machine.ts"
import { type PressOptions, pressOptions } from "../../machine-options.ts"

export const press: MachineKind = {
  kind: "press",
  summary:
    "Old press with a counter relay on Modbus RTU at a pseudo terminal, as equipment/moru/press-60.yaml describes it.",
  options: pressOptions,
  faults: ["connection-lost", "counter-reset"],
  start: async (options, context) => {
    const { startPress } = await import("./run.ts")
    return startPress(options as PressOptions, context)
  },
}
