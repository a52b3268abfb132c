import {
  AttributeIds,
  BrowseDirection,
  type ClientSession,
  DataType,
  NodeClass,
  type NodeId,
  type ReferenceDescription,
} from "node-opcua"
import type { TagKind, Value } from "../../model/tag.ts"
import type { FoundPoint } from "../connector.ts"
import { orAbort } from "../waiting.ts"
import { addressOf } from "./addresses.ts"
import type { Session } from "./session.ts"
import { plainOf } from "./values.ts"

const objectsFolder = "ns=0;i=85"
const mostNodes = 20_000
/** AccessLevel CurrentWrite (OPC 10000-3, 8.57). */
const writableBit = 2

/** Every scalar variable beneath the Objects folder, the server's own diagnostics left out, breadth first. */
export async function* browsePoints(line: Session, signal: AbortSignal): AsyncIterable<FoundPoint> {
  const either = AbortSignal.any([signal, line.lost])
  const seen = new Set<string>()
  let folders: (NodeId | string)[] = [objectsFolder]
  while (folders.length > 0 && seen.size < mostNodes) {
    const next: NodeId[] = []
    for (const folder of folders) {
      const found = await orAbort(childrenOf(line.session, folder), either)
      const fresh = found.filter(({ nodeId }) => nodeId.namespace !== 0 && !seen.has(`${nodeId}`))
      for (const { nodeId } of fresh) seen.add(`${nodeId}`)
      const variables = fresh.filter(({ nodeClass }) => nodeClass === NodeClass.Variable)
      if (variables.length > 0) yield* await orAbort(describe(line, variables), either)
      next.push(...fresh.map(({ nodeId }) => nodeId))
    }
    folders = next
  }
}

async function childrenOf(
  session: ClientSession,
  nodeId: NodeId | string,
): Promise<ReferenceDescription[]> {
  const question = {
    nodeId,
    browseDirection: BrowseDirection.Forward,
    referenceTypeId: "HierarchicalReferences",
    includeSubtypes: true,
    nodeClassMask: NodeClass.Object | NodeClass.Variable,
    resultMask: 63,
  }
  let answer = await session.browse(question)
  const found = [...(answer.references ?? [])]
  while (answer.continuationPoint && answer.continuationPoint.length > 0) {
    answer = await session.browseNext(answer.continuationPoint, false)
    found.push(...(answer.references ?? []))
  }
  return found
}

async function describe(
  line: Session,
  nodes: readonly ReferenceDescription[],
): Promise<FoundPoint[]> {
  const answers = await line.session.read(
    nodes.flatMap(({ nodeId }) => [
      { nodeId, attributeId: AttributeIds.Value },
      { nodeId, attributeId: AttributeIds.UserAccessLevel },
    ]),
  )
  return nodes.flatMap(({ nodeId, displayName, browseName }, i) => {
    const variant = answers[2 * i]?.value
    const kind = variant && variant.arrayType === 0 ? kindOf(variant.dataType) : undefined
    if (!kind) return []
    const { value } = plainOf(variant)
    const access: unknown = answers[2 * i + 1]?.value.value
    return {
      address: addressOf(nodeId, line.namespaces),
      name: displayName.text ?? browseName.name ?? "",
      kind,
      writable: (Number(access) & writableBit) !== 0,
      ...(isValue(value) ? { value } : {}),
    }
  })
}

function isValue(value: unknown): value is Value {
  return ["number", "boolean", "string"].includes(typeof value)
}

function kindOf(dataType: DataType): TagKind | undefined {
  if (dataType === DataType.Boolean) return "boolean"
  if (dataType === DataType.String || dataType === DataType.LocalizedText) return "text"
  return dataType >= DataType.SByte && dataType <= DataType.Double ? "number" : undefined
}
