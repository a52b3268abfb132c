import type { MetricShape } from "../sparkplug/metric-table.ts"
import type { MachiningCentre } from "./centre.ts"

/** What `equipment/moru/vmc-500.yaml` finds of each machining centre. */
export const centreMetrics = [
  { name: "State", type: "Int32" },
  { name: "Program/Name", type: "String" },
  { name: "Spindle/Load", type: "Float", unit: "%" },
  { name: "Spindle/Speed", type: "Float", unit: "rpm" },
  { name: "Feed/Override", type: "Float", unit: "%" },
  { name: "Control/HoldNextCycle", type: "Boolean" },
  { name: "Vibration/RMS", type: "Float", unit: "mm/s" },
  { name: "Coolant/On", type: "Boolean" },
  { name: "Coolant/Temperature", type: "Float", unit: "°C" },
  { name: "Axis/X", type: "Float", unit: "mm" },
  { name: "Axis/Y", type: "Float", unit: "mm" },
  { name: "Axis/Z", type: "Float", unit: "mm" },
  { name: "Part/Counter", type: "UInt32" },
  { name: "Part/Serial", type: "String" },
  { name: "Cycle/Time", type: "Float", unit: "s" },
  { name: "Tool/Number", type: "Int32" },
  { name: "Tool/Life", type: "Int32", unit: "EA" },
] as const satisfies readonly (MetricShape & {
  name: keyof ReturnType<MachiningCentre["values"]>
})[]

/** Of the cell's controller itself. */
export const nodeMetrics = [
  { name: "Parts/Waiting", type: "Int32", unit: "EA" },
] as const satisfies readonly MetricShape[]
