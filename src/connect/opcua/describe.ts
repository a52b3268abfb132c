import {
  AttributeIds,
  type DataValue,
  type EUInformation,
  type NodeId,
  type Range,
  type ReadValueIdOptions,
  type ReferenceDescription,
} from "node-opcua"
import { unitCalled } from "../../kernel/tag-file.ts"
import type { UnitCode } from "../../model/unit.ts"
import type { FoundPoint } from "../connector.ts"

/** What a server says of an analog variable beside its value (OPC 10000-8, 5.3.2). */
export type Said = Pick<FoundPoint, "description" | "unit" | "range">

/** UNECE Recommendation 20 codes, which `unitId` packs as letters (OPC 10000-8, 5.6.3), of the units that the house has. */
const uneceUnits: Readonly<Record<string, UnitCode>> = {
  ...{ CEL: "Cel", KEL: "K", P1: "%", C62: "1", SEC: "s", C26: "ms", MIN: "min", HUR: "h" },
  ...{ MMT: "mm", MTR: "m", "4H": "um", MTS: "m/s", "2M": "cm/s", C16: "mm/s" },
  ...{ KGM: "kg", GRM: "g", LTR: "L", L2: "L/min", BAR: "bar", KPA: "kPa", MPA: "MPa" },
  ...{ E42: "kgf/cm2", NEW: "N", B47: "kN", NU: "N.m", VLT: "V", AMP: "A", KWT: "kW" },
  ...{ KWH: "kW.h", HTZ: "Hz", C94: "/min", RPM: "/min", H87: "{part}", EA: "{part}" },
}

/** Questions about one variable: its description, and its unit and range where it has such properties. */
export function questionsOf(
  node: ReferenceDescription,
  children: readonly ReferenceDescription[],
): ReadValueIdOptions[] {
  const property = (name: string): NodeId | undefined =>
    children.find(({ browseName }) => browseName.namespaceIndex === 0 && browseName.name === name)
      ?.nodeId
  return [
    { nodeId: node.nodeId, attributeId: AttributeIds.Description },
    ...["EngineeringUnits", "EURange"].flatMap((name) => {
      const nodeId = property(name)
      return nodeId ? [{ nodeId, attributeId: AttributeIds.Value }] : []
    }),
  ]
}

export function saidBy(answers: readonly DataValue[]): Said {
  const values = answers.map(({ value }) => value?.value as unknown)
  const text = (values[0] as { text?: string | null } | null | undefined)?.text?.trim()
  const unit = values.find((value) => has<EUInformation>(value, "unitId"))
  const range = values.find((value) => has<Range>(value, "low"))
  const code = unit && unitOf(unit)
  const isBand = range && range.low < range.high && Number.isFinite(range.high - range.low)
  return {
    ...(text && { description: text.slice(0, 200) }),
    ...(code && { unit: code }),
    ...(isBand && { range: [range.low, range.high] }),
  }
}

function has<Structure>(value: unknown, key: keyof Structure & string): value is Structure {
  return typeof value === "object" && value !== null && key in value
}

function unitOf({ unitId, displayName }: EUInformation): UnitCode | undefined {
  const letters = [unitId >> 24, unitId >> 16, unitId >> 8, unitId]
    .map((code) => code & 255)
    .filter((code) => code !== 0)
  return uneceUnits[String.fromCharCode(...letters)] ?? unitCalled(displayName.text || "?")
}
