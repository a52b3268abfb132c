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
import { questionsOf, saidBy } from "./describe.ts"
import type { Session } from "./session.ts"
import { plainOf } from "./values.ts"

const objectsFolder = "ns=0;i=85"
const mostNodes = 20_000
/** Nodes in one question: small servers take few at once. */
const atOnce = 50
/** AccessLevel CurrentWrite (OPC 10000-3, 8.57). */
const writableBit = 2

/** A node that was found, with the names of the nodes above it. */
interface Found {
  readonly node: ReferenceDescription
  readonly within: readonly string[]
}

type Branch = Found & { readonly children: readonly ReferenceDescription[] }

/** Every scalar variable beneath the Objects folder, the server's own diagnostics left out, breadth first. */
export async function* browsePoints(line: Session, signal: AbortSignal): AsyncIterable<FoundPoint> {
  const either = AbortSignal.any([signal, line.lost])
  const seen = new Set<string>()
  const fresh = (nodes: readonly ReferenceDescription[], within: readonly string[]): Found[] =>
    nodes.flatMap((node) => {
      const key = `${node.nodeId}`
      if (node.nodeId.namespace === 0 || seen.has(key) || seen.size >= mostNodes) return []
      seen.add(key)
      return [{ node, within }]
    })
  const [top = []] = await orAbort(childrenOf(line.session, [objectsFolder]), either)
  let level = fresh(top, [])
  while (level.length > 0) {
    const next: Found[] = []
    for (let from = 0; from < level.length; from += atOnce) {
      const some = level.slice(from, from + atOnce)
      const nodes = some.map(({ node }) => node.nodeId)
      const children = await orAbort(childrenOf(line.session, nodes), either)
      const branches = some.map((found, i) => ({ ...found, children: children[i] ?? [] }))
      const variables = branches.filter(({ node }) => node.nodeClass === NodeClass.Variable)
      if (variables.length > 0) yield* await orAbort(describe(line, variables), either)
      for (const { node, within, children } of branches)
        next.push(...fresh(children, [...within, nameOf(node)]))
    }
    level = next
  }
}

function nameOf({ displayName, browseName }: ReferenceDescription): string {
  return displayName.text || browseName.name || ""
}

/** What stands beneath each of the nodes, in their order. */
async function childrenOf(
  session: ClientSession,
  nodes: readonly (NodeId | string)[],
): Promise<ReferenceDescription[][]> {
  const questions = nodes.map((nodeId) => ({
    nodeId,
    browseDirection: BrowseDirection.Forward,
    referenceTypeId: "HierarchicalReferences",
    includeSubtypes: true,
    nodeClassMask: NodeClass.Object | NodeClass.Variable,
    resultMask: 63,
  }))
  const answers = await session.browse(questions)
  const found: ReferenceDescription[][] = []
  for (const first of answers) {
    let answer = first
    const references = [...(answer.references ?? [])]
    while (answer.continuationPoint && answer.continuationPoint.length > 0) {
      answer = await session.browseNext(answer.continuationPoint, false)
      references.push(...(answer.references ?? []))
    }
    found.push(references)
  }
  return found
}

async function describe(line: Session, branches: readonly Branch[]): Promise<FoundPoint[]> {
  const asked = branches.map(({ node, children }) => [
    { nodeId: node.nodeId, attributeId: AttributeIds.Value },
    { nodeId: node.nodeId, attributeId: AttributeIds.UserAccessLevel },
    ...questionsOf(node, children),
  ])
  const answers = await line.session.read(asked.flat())
  return branches.flatMap(({ node, within }, i) => {
    const [present, access, ...said] = answers.splice(0, asked[i]?.length ?? 0)
    const variant = present?.value
    const kind = variant && variant.arrayType === 0 ? kindOf(variant.dataType) : undefined
    if (!kind) return []
    const { value } = plainOf(variant)
    const level: unknown = access?.value?.value
    return {
      address: addressOf(node.nodeId, line.namespaces),
      name: nameOf(node),
      ...(within.length > 0 && { within }),
      ...saidBy(said),
      kind,
      writable: (Number(level) & writableBit) !== 0,
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
