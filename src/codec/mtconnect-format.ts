import { formatIso } from "./iso-time.ts"
import {
  type Component,
  type ComponentStream,
  type DataItem,
  elementName,
  type MtAsset,
  type MtConnectDocument,
  type MtDevice,
  type Observation,
  type StreamsHeader,
  type ToolLife,
} from "./mtconnect.ts"
import { formatXml } from "./xml.ts"

/** A document as XML in the namespace of its header's version: the first two numbers of `1.8` or `2.0.0.12`. */
export function formatMtConnect(document: MtConnectDocument): string {
  const { header } = document
  const root = { devices: "Devices", streams: "Streams", assets: "Assets", error: "Error" }[
    document.kind
  ]
  const version = header.version.split(".").slice(0, 2).join(".")
  const content = [headerOf(document), contentOf(document)]
  const attributes = { xmlns: `urn:mtconnect.org:MTConnect${root}:${version}` }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${formatXml(`MTConnect${root}`, attributes, content)}\n`
}

function headerOf({ kind, header }: MtConnectDocument): string {
  const { creationTime, sender, instanceId, version, bufferSize } = header
  const common = { creationTime: formatIso(creationTime), sender, instanceId, version }
  const { assetBufferSize = 1, assetCount = 0 } = header
  switch (kind) {
    case "devices":
      return formatXml("Header", { ...common, bufferSize, assetBufferSize, assetCount })
    case "streams": {
      const { firstSequence, lastSequence, nextSequence } = header as StreamsHeader
      const place = { nextSequence, firstSequence, lastSequence }
      return formatXml("Header", { ...common, bufferSize, ...place })
    }
    case "assets":
      return formatXml("Header", { ...common, assetBufferSize, assetCount })
    case "error":
      return formatXml("Header", { ...common, bufferSize })
  }
}

function contentOf(document: MtConnectDocument): string {
  switch (document.kind) {
    case "devices":
      return formatXml("Devices", {}, document.devices.map(deviceOf))
    case "streams": {
      const streams = document.streams.map(({ name, uuid, components }) =>
        formatXml("DeviceStream", { name, uuid }, components.map(componentStreamOf)),
      )
      return formatXml("Streams", {}, streams)
    }
    case "assets":
      return formatXml("Assets", {}, document.assets.map(assetOf))
    case "error": {
      const errors = document.errors.map(({ code, text }) =>
        formatXml("Error", { errorCode: code }, text),
      )
      return formatXml("Errors", {}, errors)
    }
  }
}

function deviceOf(device: MtDevice): string {
  const { type, id, name, uuid, manufacturer, description } = device
  const said =
    manufacturer === undefined && description === undefined
      ? []
      : [formatXml("Description", { manufacturer }, description ?? "")]
  return formatXml(type, { id, name, uuid }, [...said, ...insideOf(device)])
}

function componentOf(component: Component): string {
  const { type, id, name } = component
  return formatXml(type, { id, name }, insideOf(component))
}

function insideOf({ dataItems, components }: Component): string[] {
  const items = dataItems.map(dataItemOf)
  const parts = components.map(componentOf)
  return [
    ...(items.length > 0 ? [formatXml("DataItems", {}, items)] : []),
    ...(parts.length > 0 ? [formatXml("Components", {}, parts)] : []),
  ]
}

function dataItemOf({ minimum, maximum, ...item }: DataItem): string {
  const { category, id, name, type, subType, units, representation } = item
  const limits = [
    ...(minimum === undefined ? [] : [formatXml("Minimum", {}, String(minimum))]),
    ...(maximum === undefined ? [] : [formatXml("Maximum", {}, String(maximum))]),
  ]
  return formatXml(
    "DataItem",
    { category, id, name, type, subType, units, representation },
    limits.length > 0 ? [formatXml("Constraints", {}, limits)] : [],
  )
}

const lists = { SAMPLE: "Samples", EVENT: "Events", CONDITION: "Condition" } as const

function componentStreamOf(stream: ComponentStream): string {
  const { component, componentId, name, observations } = stream
  const content = (["SAMPLE", "EVENT", "CONDITION"] as const).flatMap((category) => {
    const mine = observations.filter((observation) => observation.category === category)
    return mine.length > 0 ? [formatXml(lists[category], {}, mine.map(observationOf))] : []
  })
  return formatXml("ComponentStream", { component, name, componentId }, content)
}

function observationOf(observation: Observation): string {
  const { dataItemId, name, type, subType, sequence, at, value, condition } = observation
  const common = { dataItemId, timestamp: formatIso(at), name, sequence, subType }
  if (!condition) return formatXml(elementName(type), common, value)
  const { level, ...rest } = condition
  return formatXml(elementName(level.toUpperCase()), { ...common, type, ...rest }, value)
}

function assetOf({ type, assetId, at, deviceUuid, removed, tool }: MtAsset): string {
  const {
    serialNumber = assetId,
    toolId = assetId,
    status = [],
    programToolNumber,
    life = [],
  } = tool ?? {}
  const attributes = {
    assetId,
    serialNumber,
    toolId,
    timestamp: formatIso(at),
    deviceUuid,
    removed: removed ? "true" : undefined,
  }
  if (!tool)
    return formatXml(type, {
      assetId,
      timestamp: formatIso(at),
      deviceUuid,
      removed: attributes.removed,
    })
  const cycle = [
    formatXml(
      "CutterStatus",
      {},
      status.map((state) => formatXml("Status", {}, state)),
    ),
    ...life.map(lifeOf),
    ...(programToolNumber === undefined
      ? []
      : [formatXml("ProgramToolNumber", {}, programToolNumber)]),
  ]
  return formatXml(type, attributes, [formatXml("CuttingToolLifeCycle", {}, cycle)])
}

function lifeOf({ value, ...attributes }: ToolLife): string {
  return formatXml("ToolLife", attributes, String(value))
}
