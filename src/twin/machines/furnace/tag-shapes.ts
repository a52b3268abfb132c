import { DataType, type EUInformation, makeEUInformation, standardUnits } from "node-opcua"
import type { TagShape } from "../opcua/tag-nodes.ts"

const analog = (
  name: string,
  unit: EUInformation,
  [low, high]: readonly [number, number],
): TagShape => ({ name, dataType: DataType.Double, unit, range: [low, high] })

const cel = standardUnits.degree_celsius
const kilowatt = makeEUInformation("KWT", "kW", "kilowatt")
const kilowattHour = makeEUInformation("KWH", "kWh", "kilowatt hour")
const minute = makeEUInformation("MIN", "min", "minute")
const second = standardUnits.second
const perMinute = makeEUInformation("RPM", "1/min", "revolutions per minute")
const percent = standardUnits.percent

function zoneShapes(zone: number): Record<string, TagShape> {
  const at = (leaf: string) => `Zone${zone}.${leaf}`
  return {
    [at("Temperature")]: analog(`Zone ${zone} temperature`, cel, [0, 700]),
    [at("Set")]: { ...analog(`Zone ${zone} set point`, cel, [0, 700]), isWritable: true },
    [at("Output")]: analog(`Zone ${zone} controller output`, percent, [0, 100]),
    [at("Power")]: analog(`Zone ${zone} heater power`, kilowatt, [0, 60]),
  }
}

/** By address. */
export const tagShapes: Readonly<Record<string, TagShape>> = {
  State: { name: "State", dataType: DataType.Int32 },
  Step: { name: "Program step", dataType: DataType.Int32 },
  StepRemaining: analog("Remaining time of the step", second, [0, 20_000]),
  Program: { name: "Program", dataType: DataType.String },
  "Program.SetPoint": analog("Program set point", cel, [0, 700]),
  Batch: { name: "Batch", dataType: DataType.String },
  ChargeCount: { name: "Charge count", dataType: DataType.UInt32 },
  Parts: { name: "Parts in the charge", dataType: DataType.UInt32 },
  Waiting: { name: "Parts before the furnace", dataType: DataType.UInt32 },
  ...zoneShapes(1),
  ...zoneShapes(2),
  ...zoneShapes(3),
  "Load.Temperature": analog("Charge temperature", cel, [0, 700]),
  Spread: analog("Spread of the zones", cel, [0, 700]),
  "Door.Open": { name: "Door open", dataType: DataType.Boolean },
  "Fan.Speed": analog("Fan speed", perMinute, [0, 3000]),
  Energy: analog("Energy", kilowattHour, [0, 1e7]),
  Alarm: { name: "Alarm", dataType: DataType.Int32 },
  "Soak.Set": { ...analog("Soak time set point", minute, [0, 300]), isWritable: true },
  HoldNextCharge: { name: "Hold next charge", dataType: DataType.Boolean, isWritable: true },
}
