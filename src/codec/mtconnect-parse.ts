import { parseIso } from "./iso-time.ts"
import type {
  Category,
  Component,
  ComponentStream,
  ConditionLevel,
  CuttingTool,
  DataItem,
  DeviceStream,
  Header,
  MtAsset,
  MtConnectDocument,
  MtDevice,
  MtError,
  Observation,
  StreamsHeader,
  ToolLife,
} from "./mtconnect.ts"
import { readNumber } from "./number.ts"
import { childOf, childrenOf, parseXml, type XmlElement } from "./xml.ts"

/** Any document of an agent. Throws an Error that says what is wrong; a single observation that is wrong is left out. */
export function parseMtConnect(text: string): MtConnectDocument {
  const root = parseXml(text)
  const header = childOf(root, "Header")
  if (!header) throw new Error(`<${root.name}> without a header`)
  switch (root.name) {
    case "MTConnectDevices":
      return { kind: "devices", header: headerOf(header), devices: devicesOf(root) }
    case "MTConnectStreams":
      return { kind: "streams", header: streamsHeaderOf(header), streams: streamsOf(root) }
    case "MTConnectAssets":
      return { kind: "assets", header: headerOf(header), assets: assetsOf(root) }
    case "MTConnectError":
      return { kind: "error", header: headerOf(header), errors: errorsOf(root) }
    default:
      throw new Error(`<${root.name}>, which is no MTConnect document`)
  }
}

function headerOf({ attributes }: XmlElement): Header {
  const { creationTime = "", sender = "", instanceId, version = "" } = attributes
  if (!instanceId) throw new Error("a header without instanceId")
  return {
    creationTime: parseIso(creationTime),
    sender,
    instanceId,
    version,
    bufferSize: wholeOf(attributes.bufferSize) ?? 0,
    ...given("assetBufferSize", wholeOf(attributes.assetBufferSize)),
    ...given("assetCount", wholeOf(attributes.assetCount)),
  }
}

function streamsHeaderOf(element: XmlElement): StreamsHeader {
  const { attributes } = element
  const nextSequence = wholeOf(attributes.nextSequence)
  if (nextSequence === undefined) throw new Error("a header without nextSequence")
  const lastSequence = wholeOf(attributes.lastSequence) ?? nextSequence - 1
  const firstSequence = wholeOf(attributes.firstSequence) ?? 1
  return { ...headerOf(element), firstSequence, lastSequence, nextSequence }
}

function devicesOf(root: XmlElement): MtDevice[] {
  const all = childrenOf(root, "Devices").flatMap(({ children }) => children)
  return all.map((element) => {
    const { uuid = "" } = element.attributes
    const description = childOf(element, "Description")
    const text = description?.text || undefined
    return {
      ...componentOf(element),
      uuid,
      ...given("manufacturer", description?.attributes.manufacturer),
      ...given("description", text),
    }
  })
}

function componentOf(element: XmlElement): Component {
  const { id = "", name } = element.attributes
  const items = childrenOf(childOf(element, "DataItems"), "DataItem")
  return {
    type: element.name,
    id,
    ...given("name", name),
    dataItems: items.flatMap(dataItemOf),
    components: childOf(element, "Components")?.children.map(componentOf) ?? [],
  }
}

function dataItemOf(element: XmlElement): DataItem[] {
  const { id, name, category, type = "", subType, units, representation } = element.attributes
  if (!id || !isCategory(category)) return []
  const limits = childOf(element, "Constraints")
  const limit = (which: string) => readNumber(childOf(limits, which)?.text ?? "")
  return [
    {
      id,
      category,
      type,
      ...given("name", name),
      ...given("subType", subType),
      ...given("units", units),
      ...given("representation", representation),
      ...given("minimum", limit("Minimum")),
      ...given("maximum", limit("Maximum")),
    },
  ]
}

function isCategory(text: string | undefined): text is Category {
  return text === "SAMPLE" || text === "EVENT" || text === "CONDITION"
}

function streamsOf(root: XmlElement): DeviceStream[] {
  return childrenOf(childOf(root, "Streams"), "DeviceStream").map((element) => {
    const { name = "", uuid = "" } = element.attributes
    const components = childrenOf(element, "ComponentStream").map(componentStreamOf)
    return { name, uuid, components }
  })
}

/** Some agents call the list of conditions as they call the others. */
const categories: Readonly<Record<string, Category>> = {
  Samples: "SAMPLE",
  Events: "EVENT",
  Condition: "CONDITION",
  Conditions: "CONDITION",
}

function componentStreamOf(element: XmlElement): ComponentStream {
  const { component = "", componentId = "", name } = element.attributes
  const observations = element.children.flatMap((list) => {
    const category = categories[list.name]
    return category ? list.children.flatMap((one) => observationOf(one, category)) : []
  })
  return { component, componentId, ...given("name", name), observations }
}

function observationOf(
  { name: element, attributes, text }: XmlElement,
  category: Category,
): Observation[] {
  const { dataItemId, name, subType, timestamp = "", type = element } = attributes
  const sequence = wholeOf(attributes.sequence)
  if (!dataItemId || sequence === undefined) return []
  const common = {
    dataItemId,
    ...given("name", name),
    ...given("subType", subType),
    sequence,
    at: parseIso(timestamp),
    value: text,
  }
  if (category !== "CONDITION") return [{ category, ...common, type: element }]
  const level = element.toLowerCase()
  if (!isLevel(level)) return []
  const { conditionId, nativeCode, nativeSeverity, qualifier } = attributes
  const condition = {
    level,
    ...given("conditionId", conditionId),
    ...given("nativeCode", nativeCode),
    ...given("nativeSeverity", nativeSeverity),
    ...given("qualifier", qualifier),
  }
  return [{ category, ...common, type, condition }]
}

function isLevel(text: string): text is ConditionLevel {
  return ["normal", "warning", "fault", "unavailable"].includes(text)
}

function assetsOf(root: XmlElement): MtAsset[] {
  return (childOf(root, "Assets")?.children ?? []).flatMap((element) => {
    const { assetId, timestamp = "", deviceUuid, removed } = element.attributes
    if (!assetId) return []
    const cycle = childOf(element, "CuttingToolLifeCycle")
    return [
      {
        type: element.name,
        assetId,
        at: parseIso(timestamp),
        ...given("deviceUuid", deviceUuid),
        ...given("removed", removed === "true" || undefined),
        ...given("tool", cycle && toolOf(element, cycle)),
      },
    ]
  })
}

function toolOf({ attributes }: XmlElement, cycle: XmlElement): CuttingTool {
  return {
    ...given("serialNumber", attributes.serialNumber),
    ...given("toolId", attributes.toolId),
    status: childrenOf(childOf(cycle, "CutterStatus"), "Status").map(({ text }) => text),
    ...given("programToolNumber", childOf(cycle, "ProgramToolNumber")?.text),
    life: childrenOf(cycle, "ToolLife").flatMap(lifeOf),
  }
}

function lifeOf({ attributes, text }: XmlElement): ToolLife[] {
  const { type, countDirection } = attributes
  const value = readNumber(text)
  if (type !== "MINUTES" && type !== "PART_COUNT" && type !== "WEAR") return []
  if (value === undefined) return []
  return [
    {
      type,
      countDirection: countDirection === "DOWN" ? "DOWN" : "UP",
      value,
      ...given("limit", readNumber(attributes.limit ?? "")),
      ...given("warning", readNumber(attributes.warning ?? "")),
      ...given("initial", readNumber(attributes.initial ?? "")),
    },
  ]
}

/** Up to 1.x one error may stand without its list; from 2.6 on the element's name says which error it is. */
function errorsOf(root: XmlElement): MtError[] {
  const found = [...(childOf(root, "Errors")?.children ?? []), ...childrenOf(root, "Error")]
  return found.map(({ attributes, text, children }) => ({
    code: attributes.errorCode ?? "",
    text: text || (children.find(({ name }) => name === "ErrorMessage")?.text ?? ""),
  }))
}

function wholeOf(text: string | undefined): number | undefined {
  const number = readNumber(text ?? "")
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** The property, where there is something to say. */
function given<Key extends string, Given>(key: Key, value: Given | undefined) {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Given }
}
