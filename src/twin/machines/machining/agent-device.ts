import type { DataItem, MtAsset, MtDevice } from "../../../codec/mtconnect.ts"
import type { Instant } from "../../../model/instant.ts"
import type { Said } from "../mtconnect/observation-buffer.ts"
import { centreState, type MachiningCentre } from "./centre.ts"
import { boringTool, boringToolParts } from "./program.ts"

const sample = (id: string, type: string, more: Partial<DataItem> = {}): DataItem => ({
  ...{ category: "SAMPLE", id, name: id, type },
  ...more,
})
const event = (id: string, type: string, more: Partial<DataItem> = {}): DataItem => ({
  ...{ category: "EVENT", id, name: id, type },
  ...more,
})
const condition = (id: string, type: string): DataItem => ({
  category: "CONDITION",
  id,
  name: id,
  type,
})

const part = (type: string, id: string, dataItems: DataItem[], name = id) => ({
  ...{ type, id, name, dataItems },
  components: [],
})

const linear = (name: "X" | "Y" | "Z") => {
  const position = { subType: "ACTUAL", units: "MILLIMETER" }
  return part("Linear", name.toLowerCase(), [sample(`${name}act`, "POSITION", position)], name)
}

const spindle = part(
  "Rotary",
  "c",
  [
    sample("Srpm", "ROTARY_VELOCITY", { subType: "ACTUAL", units: "REVOLUTION/MINUTE" }),
    sample("Sload", "LOAD", { units: "PERCENT" }),
    sample("Svib", "VELOCITY", { units: "MILLIMETER/SECOND" }),
    condition("Sload_cond", "LOAD"),
  ],
  "C",
)

const path = part("Path", "path", [
  event("execution", "EXECUTION"),
  event("mode", "CONTROLLER_MODE"),
  event("program", "PROGRAM"),
  event("PartCount", "PART_COUNT"),
  event("partid", "PART_ID"),
  event("toolnumber", "TOOL_NUMBER"),
  event("Fovr", "PATH_FEEDRATE_OVERRIDE", { subType: "PROGRAMMED" }),
])

/** What the agent says of a machining centre in `probe`. */
export function agentDevice(name: string, cell: string): MtDevice {
  return {
    ...{ type: "Device", id: "device", name, uuid: `moru-vmc-500-${cell}-${name}` },
    manufacturer: "moru",
    description: "Vertical machining centre vmc-500",
    dataItems: [event("avail", "AVAILABILITY")],
    components: [
      {
        ...part("Axes", "axes", []),
        components: [linear("X"), linear("Y"), linear("Z"), spindle],
      },
      {
        ...part("Controller", "controller", [
          event("estop", "EMERGENCY_STOP"),
          condition("system", "SYSTEM"),
        ]),
        components: [path],
      },
      {
        ...part("Systems", "systems", []),
        components: [
          part("Coolant", "coolant", [sample("Ctemp", "TEMPERATURE", { units: "CELSIUS" })]),
        ],
      },
    ],
  }
}

const execution: Readonly<Record<number, string>> = {
  [centreState.running]: "ACTIVE",
  [centreState.idle]: "READY",
  [centreState.setup]: "STOPPED",
}
const fewPartsLeft = 20
const highLoad = 62

/** What the agent shows of it now. */
export function saidOf(centre: MachiningCentre): Readonly<Record<string, Said>> {
  const values = centre.values()
  const rounded = (value: number) => value.toFixed(2)
  const few = { level: "warning", code: "TL1", text: `T${boringTool} is nearly used up` } as const
  const high = { level: "warning", code: "SL1", text: "Spindle load is high" } as const
  const normal = { level: "normal", code: "", text: "" } as const
  return {
    ...{ avail: "AVAILABLE", estop: "ARMED", mode: "AUTOMATIC" },
    execution: execution[values.State] ?? "UNAVAILABLE",
    program: values["Program/Name"] || "UNAVAILABLE",
    PartCount: String(values["Part/Counter"]),
    partid: values["Part/Serial"] || "UNAVAILABLE",
    toolnumber: String(values["Tool/Number"]),
    Fovr: rounded(values["Feed/Override"]),
    Xact: rounded(values["Axis/X"]),
    Yact: rounded(values["Axis/Y"]),
    Zact: rounded(values["Axis/Z"]),
    Srpm: rounded(values["Spindle/Speed"]),
    Sload: rounded(values["Spindle/Load"]),
    Svib: rounded(values["Vibration/RMS"]),
    Ctemp: rounded(values["Coolant/Temperature"]),
    system: values["Tool/Life"] <= fewPartsLeft ? few : normal,
    Sload_cond: values["Spindle/Load"] > highLoad ? high : normal,
  }
}

/** The boring bar, whose life the controller counts. */
export function toolAssets(centre: MachiningCentre, uuid: string, at: Instant): MtAsset[] {
  const { partsLeft, serial } = centre.tool
  return [
    {
      ...{ type: "CuttingTool", assetId: `T${boringTool}`, at, deviceUuid: uuid },
      tool: {
        ...{ serialNumber: serial, toolId: "boring bar 32 mm" },
        status: [partsLeft > 0 ? "USED" : "EXPIRED"],
        programToolNumber: String(boringTool),
        life: [
          {
            ...({ type: "PART_COUNT", countDirection: "DOWN", value: partsLeft } as const),
            ...{ initial: boringToolParts, warning: fewPartsLeft, limit: 0 },
          },
        ],
      },
    },
  ]
}
