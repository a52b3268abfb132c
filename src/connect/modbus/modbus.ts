import type { Connector } from "../connector.ts"
import { ModbusDevice } from "./device.ts"
import { type ModbusOptions, modbusOptions, optionsOf } from "./options.ts"

/** Devices that speak Modbus (MODBUS Application Protocol V1.1b3) over TCP or a serial line: values and set points. */
export const modbus: Connector<ModbusOptions> = {
  type: "modbus",
  summary: "Meters, controllers and PLCs with Modbus TCP or RTU: values and set points.",
  evidence: "interop",
  options: modbusOptions,
  create: (options, host) => new ModbusDevice(options, host),
  schemes: ["modbus+tcp", "modbus+rtu", "modbus+rtu-over-tcp"],
  optionsOf,
}
