import type { Connector } from "../connector.ts"
import { OpcUaDevice } from "./device.ts"
import { type OpcUaOptions, opcuaOptions } from "./options.ts"

/** Machines that speak OPC UA (IEC 62541): live values, numbered records, set points. */
export const opcua: Connector<OpcUaOptions> = {
  type: "opcua",
  summary: "Machines with an OPC UA server: live values, numbered records, set points.",
  evidence: "interop",
  options: opcuaOptions,
  create: (options, host) => new OpcUaDevice(options, host),
  schemes: ["opc.tcp"],
  optionsOf: ({ href }) => ({ endpoint: href }),
}
