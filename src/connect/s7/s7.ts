import type { Connector } from "../connector.ts"
import { hostOptions } from "../option-kinds.ts"
import { S7Device } from "./device.ts"
import { type S7Options, s7Options } from "./options.ts"

/** SIMATIC S7 controllers over ISO-on-TCP: data blocks, markers, inputs, outputs; set points. */
export const s7: Connector<S7Options> = {
  type: "s7",
  summary:
    "Siemens SIMATIC S7 controllers: values of data blocks, markers, inputs and outputs; set points.",
  evidence: "interop",
  options: s7Options,
  create: (options, host) => new S7Device(options, host),
  schemes: ["s7"],
  optionsOf: hostOptions,
}
