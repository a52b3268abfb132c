import { DataType, type DataValue, StatusCodes, type Variant, VariantArrayType } from "node-opcua"
import { type Quality, quality } from "../../model/quality.ts"

/** Reasons (OPC 10000-4, 7.38.2) that the house knows by name; otherwise the upper two bits of the code say the class. */
const reasons = new Map<number, Quality>([
  [StatusCodes.GoodLocalOverride.value, quality.goodOverride],
  [StatusCodes.UncertainLastUsableValue.value, quality.uncertainLastUsable],
  [StatusCodes.UncertainEngineeringUnitsExceeded.value, quality.uncertainRange],
  [StatusCodes.BadNoCommunication.value, quality.badNotConnected],
  [StatusCodes.BadNotConnected.value, quality.badNotConnected],
  [StatusCodes.BadCommunicationError.value, quality.badNotConnected],
  [StatusCodes.BadSensorFailure.value, quality.badSensor],
  [StatusCodes.BadDeviceFailure.value, quality.badSensor],
  [StatusCodes.BadConfigurationError.value, quality.badConfig],
  [StatusCodes.BadNodeIdInvalid.value, quality.badConfig],
  [StatusCodes.BadNodeIdUnknown.value, quality.badConfig],
  [StatusCodes.BadNoData.value, quality.badNoData],
  [StatusCodes.BadWaitingForInitialData.value, quality.badNoData],
])

export function qualityOf(statusCode: number): Quality {
  const known = reasons.get((statusCode & 0xffff0000) >>> 0)
  if (known !== undefined) return known
  const severity = statusCode >>> 30
  if (severity === 0) return quality.good
  return severity === 1 ? quality.uncertain : quality.bad
}

/** InfoType DataValue with the Overflow bit (OPC 10000-4, 7.39.1): the server's queue lost samples before this one. */
export function isOverflow(dataValue: DataValue): boolean {
  return (dataValue.statusCode.value & 0x480) === 0x480
}

/** Source time in ms, or the server's where the source gives none; undefined where neither is there. */
export function timeOf(dataValue: DataValue): number | undefined {
  return (dataValue.sourceTimestamp ?? dataValue.serverTimestamp)?.getTime()
}

/** Integers of 64 bits come as two halves; beyond 2^53 a number of the house loses its last digits. */
export interface Plain {
  readonly value: unknown
  readonly inexact?: true
}

/** The variant's content as a number, boolean, text, or what it is (which no tag takes). */
export function plainOf(variant: Variant | undefined): Plain {
  if (!variant || variant.dataType === DataType.Null) return { value: null }
  if (variant.arrayType !== VariantArrayType.Scalar) return { value: variant.value }
  return plainElement(variant.value, variant.dataType)
}

export function plainElement(value: unknown, dataType: DataType): Plain {
  switch (dataType) {
    case DataType.UInt64:
    case DataType.Int64:
      return wide(value, dataType)
    case DataType.LocalizedText:
      return { value: (value as { text?: string | null } | null)?.text ?? null }
    case DataType.Variant: {
      const inner = value as Variant | null
      return inner ? plainOf(inner) : { value: null }
    }
    case DataType.Float:
    case DataType.Double:
      return { value: typeof value === "number" && Number.isNaN(value) ? null : value }
    default:
      return { value: value ?? null }
  }
}

function wide(value: unknown, dataType: DataType): Plain {
  if (!Array.isArray(value)) return { value: null }
  const [high, low] = value as [number, number]
  const signed = dataType === DataType.Int64 ? high | 0 : high >>> 0
  const number = signed * 2 ** 32 + (low >>> 0)
  return Number.isSafeInteger(number) ? { value: number } : { value: number, inexact: true }
}
