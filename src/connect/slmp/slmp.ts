import type { Connector } from "../connector.ts"
import { MemoryDevice } from "../memory/device.ts"
import { hostOptions } from "../option-kinds.ts"
import { SlmpDialect } from "./dialect.ts"
import { type SlmpOptions, slmpOptions } from "./options.ts"

/** Mitsubishi Electric's PLCs by SLMP (MC protocol 3E and 4E in binary code): values and set points. */
export const slmp: Connector<SlmpOptions> = {
  type: "slmp",
  summary: "Mitsubishi MELSEC PLCs by SLMP (MC protocol 3E and 4E): values and set points.",
  evidence: "simulated",
  options: slmpOptions,
  create: (options, host) => new MemoryDevice(options, host, new SlmpDialect(options)),
  schemes: ["slmp"],
  optionsOf: hostOptions,
}
