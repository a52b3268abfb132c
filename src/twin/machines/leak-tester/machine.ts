import type { MachineKind } from "../../machine.ts"
import { type LeakTesterOptions, leakTesterOptions } from "../../machine-options.ts"

export const leakTester: MachineKind = {
  kind: "leak-tester",
  summary: "Leak tester on a Modbus TCP server, as equipment/moru/lt-100.yaml describes it.",
  options: leakTesterOptions,
  faults: ["frozen-sensor", "sensor-drift", "connection-lost", "counter-reset"],
  start: async (options, context) => {
    const { startLeakTester } = await import("./run.ts")
    return startLeakTester(options as LeakTesterOptions, context)
  },
}
