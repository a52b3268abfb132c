import { DataType, makeEUInformation, standardUnits } from "node-opcua"
import type { TagShape } from "../opcua/tag-nodes.ts"

const cel = standardUnits.degree_celsius
const litresPerMinute = makeEUInformation("L2", "l/min", "litre per minute")
const temperature = (name: string, high: number): TagShape => ({
  name,
  dataType: DataType.Double,
  unit: cel,
  range: [0, high],
})

/** By address. */
export const tagShapes: Readonly<Record<string, TagShape>> = {
  State: { name: "State", dataType: DataType.Int32 },
  ShotCounter: { name: "Shot counter", dataType: DataType.UInt32 },
  "Molten.Temperature": temperature("Molten metal temperature", 900),
  "Die.Upper1": temperature("Die temperature upper 1", 400),
  "Die.Upper2": temperature("Die temperature upper 2", 400),
  "Die.Lower1": temperature("Die temperature lower 1", 400),
  "Die.Lower2": temperature("Die temperature lower 2", 400),
  "Sleeve.Temperature": temperature("Sleeve temperature", 700),
  "Coolant.Temperature": temperature("Coolant temperature", 100),
  "Coolant.Flow": {
    name: "Cooling flow",
    dataType: DataType.Double,
    unit: litresPerMinute,
    range: [0, 100],
  },
  "Hydraulic.Pressure": {
    name: "Hydraulic pressure",
    dataType: DataType.Double,
    unit: standardUnits.bar,
    range: [0, 250],
  },
  "Coolant.FlowSet": {
    name: "Cooling flow set point",
    dataType: DataType.Double,
    unit: litresPerMinute,
    range: [0, 100],
    isWritable: true,
  },
  HoldNextCycle: { name: "Hold next cycle", dataType: DataType.Boolean, isWritable: true },
}
