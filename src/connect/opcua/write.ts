import { AttributeIds, DataType, type NodeId, Variant } from "node-opcua"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import type { Host, Point } from "../connector.ts"
import { orAbort } from "../waiting.ts"
import { nodeIdOf } from "./addresses.ts"
import type { Session } from "./session.ts"

interface WriteJob {
  readonly line: Session
  readonly host: Host
  readonly point: Point
  readonly value: Value
}

/** Writes in the node's own data type. What fails after the request was sent says nothing of what the machine did. */
export async function writePoint(job: WriteJob, signal: AbortSignal): Promise<void> {
  const { line, host, point, value } = job
  const where = `${host.name} ${point.tag.path}`
  const failed = (what: string) => new Problem("write-failed", where, what)
  const nodeId = nodeIdOf(point.address, line.namespaces)
  if (!nodeId) throw failed(`the machine has no ${point.address}; nothing was sent`)
  const either = AbortSignal.any([signal, line.lost])
  const dataType = await orAbort(dataTypeOf(nodeId, line), either)
  const variant = variantOf(value, dataType)
  if (!variant)
    throw failed(`got ${value}, expected a ${DataType[dataType] ?? "known type"}; nothing was sent`)
  const request = { nodeId, attributeId: AttributeIds.Value, value: { value: variant } }
  const status = await orAbort(line.session.write(request), either)
  if (!status.isGood()) throw failed(`the machine refused ${value}: ${status.name}`)
}

/** The built-in type that the node stands for; an enumeration or sub-type by what its present value is. */
async function dataTypeOf(nodeId: NodeId, line: Session): Promise<DataType> {
  const [declared, present] = await line.session.read([
    { nodeId, attributeId: AttributeIds.DataType },
    { nodeId, attributeId: AttributeIds.Value },
  ])
  const type: unknown = declared?.value.value
  const id = type as NodeId | null | undefined
  const builtIn = id?.namespace === 0 && typeof id.value === "number" && id.value <= 25
  if (builtIn && id.value !== DataType.Variant) return id.value as DataType
  return present?.value.dataType ?? DataType.Null
}

const whole: Partial<Record<DataType, readonly [low: number, high: number]>> = {
  [DataType.SByte]: [-128, 127],
  [DataType.Byte]: [0, 255],
  [DataType.Int16]: [-32_768, 32_767],
  [DataType.UInt16]: [0, 65_535],
  [DataType.Int32]: [-2_147_483_648, 2_147_483_647],
  [DataType.UInt32]: [0, 4_294_967_295],
}

/** Undefined where the value would change its meaning in that type. */
function variantOf(value: Value, dataType: DataType): Variant | undefined {
  const as = (converted: unknown) => new Variant({ dataType, value: converted })
  switch (dataType) {
    case DataType.Boolean:
      return value === true || value === 1
        ? as(true)
        : value === false || value === 0
          ? as(false)
          : undefined
    case DataType.String:
      return as(String(value))
    case DataType.Float:
    case DataType.Double:
      return typeof value === "string" ? undefined : as(Number(value))
    default: {
      const range = whole[dataType]
      const number = Number(value)
      const fits = range && typeof value !== "string" && Number.isInteger(number)
      return fits && number >= range[0] && number <= range[1] ? as(number) : undefined
    }
  }
}
