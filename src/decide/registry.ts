import type { DeciderKind } from "./decide.ts"

/** Every kind of decider by the name that `plant.yaml` uses. */
export const deciders: Readonly<Record<string, () => Promise<DeciderKind>>> = {
  cooling: async () => (await import("./cooling/cooling.ts")).cooling,
  hold: async () => (await import("./hold/hold.ts")).hold,
}
