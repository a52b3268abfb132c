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
  optionsOf,
}

/**
 * A user and password in the address go into the options of their own, where they count as secret. Without a user there is
 * nothing to protect in a first look, and machines that take anybody in seldom have security.
 */
function optionsOf(address: URL): Readonly<Record<string, unknown>> {
  const { username, password, host, pathname, search } = address
  return {
    endpoint: `opc.tcp://${host}${pathname}${search}`,
    ...(username === "" ? { security: "none" } : { user: decodeURIComponent(username) }),
    ...(password !== "" && { password: decodeURIComponent(password) }),
  }
}
