import type { MachineKind } from "./machine.ts"

/** Every kind of simulated machine; loaded only when a plant has one. */
export const machines: Readonly<Record<string, () => Promise<MachineKind>>> = {
  "die-casting": async () => (await import("./machines/die-casting/machine.ts")).dieCasting,
  furnace: async () => (await import("./machines/furnace/machine.ts")).furnace,
  "leak-tester": async () => (await import("./machines/leak-tester/machine.ts")).leakTester,
  machining: async () => (await import("./machines/machining/machine.ts")).machining,
  press: async () => (await import("./machines/press/machine.ts")).press,
  utilities: async () => (await import("./machines/utilities/machine.ts")).utilities,
  recording: async () => (await import("./machines/recording/machine.ts")).recording,
}
