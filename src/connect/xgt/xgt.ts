import type { Connector } from "../connector.ts"
import { MemoryDevice } from "../memory/device.ts"
import { hostOptions } from "../option-kinds.ts"
import { XgtDialect } from "./dialect.ts"
import { type XgtOptions, xgtOptions } from "./options.ts"

/** LS Electric's XGT and XGB PLCs by the dedicated protocol of their FEnet modules: values and set points. */
export const xgt: Connector<XgtOptions> = {
  type: "xgt",
  summary: "LS Electric XGK, XGI, XGR and XGB PLCs by FEnet: values and set points.",
  evidence: "simulated",
  options: xgtOptions,
  create: (options, host) => new MemoryDevice(options, host, new XgtDialect(options)),
  schemes: ["xgt"],
  optionsOf: hostOptions,
}
