import type { Place } from "../modbus/unit.ts"
import type { Compressor } from "./compressor.ts"
import type { EnergyMeter } from "./meter.ts"

/** Where `equipment/moru/ac-75.yaml` finds them. */
export const compressorPlaces: Readonly<Record<keyof ReturnType<Compressor["values"]>, Place>> = {
  state: { table: "holding", address: 0 },
  pressure: { table: "holding", address: 1, scale: 0.01 },
  flow: { table: "holding", address: 2 },
  power: { table: "holding", address: 3, scale: 0.1 },
  dewPoint: { table: "holding", address: 4, type: "int16", scale: 0.1 },
  oilTemperature: { table: "holding", address: 5, type: "int16", scale: 0.1 },
  isLoaded: { table: "holding", address: 6, type: "bool" },
  runningHours: { table: "holding", address: 10, type: "uint32" },
  loadedHours: { table: "holding", address: 12, type: "uint32" },
  loaded: { table: "discrete", address: 0 },
}

const real = (address: number): Place => ({ table: "input", address, type: "float32" })

/** Where `equipment/moru/em-3p.yaml` finds them. Energy stands in three forms, as meters of different makers have it. */
export const meterPlaces: Readonly<Record<keyof ReturnType<EnergyMeter["values"]>, Place>> = {
  voltage1: real(0),
  voltage2: real(2),
  voltage3: real(4),
  current1: real(6),
  current2: real(8),
  current3: real(10),
  power: real(12),
  powerFactor: real(14),
  frequency: real(16),
  energyWh: { table: "input", address: 100, type: "uint64" },
  energy32: { table: "input", address: 104, type: "uint32", scale: 0.1 },
  energyFloat: real(106),
}
