import type { Instant } from "../model/instant.ts"

/**
 * The documents of MTConnect (ANSI/MTC1.4 and later, parts 1 to 4): `mtconnect-parse.ts` reads 1.3 to 2.x, `mtconnect-format.ts`
 * writes them. One document has one header and one kind of content.
 */
export type MtConnectDocument =
  | { readonly kind: "devices"; readonly header: Header; readonly devices: readonly MtDevice[] }
  | {
      readonly kind: "streams"
      readonly header: StreamsHeader
      readonly streams: readonly DeviceStream[]
    }
  | { readonly kind: "assets"; readonly header: Header; readonly assets: readonly MtAsset[] }
  | { readonly kind: "error"; readonly header: Header; readonly errors: readonly MtError[] }

export interface Header {
  readonly creationTime: Instant
  /** Who the agent is, mostly its host. */
  readonly sender: string
  /** Changes whenever the agent begins to number anew. Up to 64 bits, so a text. */
  readonly instanceId: string
  /** Of the standard, such as `1.8` or `2.0.0.12`. */
  readonly version: string
  /** Observations that the agent keeps. */
  readonly bufferSize: number
  readonly assetBufferSize?: number
  readonly assetCount?: number
}

export interface StreamsHeader extends Header {
  /** The oldest sequence number in the buffer, the newest one, and the one to ask for next. */
  readonly firstSequence: number
  readonly lastSequence: number
  readonly nextSequence: number
}

export type Category = "SAMPLE" | "EVENT" | "CONDITION"

export interface DataItem {
  readonly id: string
  readonly name?: string
  readonly category: Category
  /** Such as `SPINDLE_SPEED` (with a prefix where a maker added it, `x:ORDER`). */
  readonly type: string
  readonly subType?: string
  /** As MTConnect names them, such as `MILLIMETER/SECOND`. */
  readonly units?: string
  /** `VALUE` where absent; also `TIME_SERIES`, `DATA_SET`, `TABLE`, `DISCRETE`. */
  readonly representation?: string
  readonly minimum?: number
  readonly maximum?: number
}

export interface Component {
  /** Name of its element: `Controller`, `Linear`, `Path`, ... */
  readonly type: string
  readonly id: string
  readonly name?: string
  readonly dataItems: readonly DataItem[]
  readonly components: readonly Component[]
}

/** A machine, or the agent itself (`Agent`, from 1.7 on). */
export interface MtDevice extends Component {
  readonly uuid: string
  readonly manufacturer?: string
  readonly description?: string
}

export interface DeviceStream {
  readonly name: string
  readonly uuid: string
  readonly components: readonly ComponentStream[]
}

export interface ComponentStream {
  /** Type of the component. */
  readonly component: string
  readonly componentId: string
  readonly name?: string
  readonly observations: readonly Observation[]
}

export type ConditionLevel = "normal" | "warning" | "fault" | "unavailable"

export interface Observation {
  readonly category: Category
  readonly dataItemId: string
  readonly name?: string
  /** As in the data item. Of observations that were read it is the name of their element (`SpindleSpeed`); of conditions the type itself. */
  readonly type: string
  readonly subType?: string
  readonly sequence: number
  /** NaN where the time was unreadable. */
  readonly at: Instant
  /** Text of a sample or event, the message of a condition; `UNAVAILABLE` where the agent has none. */
  readonly value: string
  readonly condition?: {
    readonly level: ConditionLevel
    /** Which of several active conditions of the item it is (2.3), by default its native code. */
    readonly conditionId?: string
    readonly nativeCode?: string
    readonly nativeSeverity?: string
    readonly qualifier?: string
  }
}

/** An asset; of a cutting tool what wears. */
export interface MtAsset {
  /** Name of its element, such as `CuttingTool`. */
  readonly type: string
  readonly assetId: string
  readonly at: Instant
  readonly deviceUuid?: string
  readonly removed?: boolean
  readonly tool?: CuttingTool
}

export interface CuttingTool {
  readonly serialNumber?: string
  readonly toolId?: string
  readonly status: readonly string[]
  readonly programToolNumber?: string
  readonly life: readonly ToolLife[]
}

export interface ToolLife {
  readonly type: "MINUTES" | "PART_COUNT" | "WEAR"
  readonly countDirection: "UP" | "DOWN"
  readonly value: number
  readonly limit?: number
  readonly warning?: number
  readonly initial?: number
}

export interface MtError {
  /** Such as `OUT_OF_RANGE`, `INVALID_REQUEST`, `NO_DEVICE`. */
  readonly code: string
  readonly text: string
}

/** Value of an observation that the agent does not have. */
export const unavailable = "UNAVAILABLE"

/** `SPINDLE_SPEED` as an element is called: `SpindleSpeed`; a prefix stays. Some abbreviations keep their capitals. */
export function elementName(type: string): string {
  const [, prefix = "", name = ""] = /^(\w+:)?(.*)$/.exec(type) ?? []
  const words = name
    .split("_")
    .map((word) => capitals[word] ?? word.charAt(0) + word.slice(1).toLowerCase())
  return prefix + words.join("")
}

const capitals: Readonly<Record<string, string>> = { PH: "PH", MTCONNECT: "MTConnect" }

/** Units of samples (part 2, DataItem units) as UCUM codes; an unknown one is left out. */
export function ucumOf(units: string | undefined): string | undefined {
  return units === undefined ? undefined : ucum[units.replace(/_3D$/, "")]
}

const ucum: Readonly<Record<string, string>> = {
  AMPERE: "A",
  CELSIUS: "Cel",
  COUNT: "1",
  "COUNT/SECOND": "/s",
  CUBIC_MILLIMETER: "mm3",
  "CUBIC_MILLIMETER/SECOND": "mm3/s",
  DECIBEL: "dB",
  DEGREE: "deg",
  "DEGREE/SECOND": "deg/s",
  "DEGREE/SECOND^2": "deg/s2",
  HERTZ: "Hz",
  JOULE: "J",
  KILOGRAM: "kg",
  LITER: "L",
  "LITER/SECOND": "L/s",
  MICRO_RADIAN: "urad",
  MILLIGRAM: "mg",
  MILLIMETER: "mm",
  "MILLIMETER/REVOLUTION": "mm",
  "MILLIMETER/SECOND": "mm/s",
  "MILLIMETER/SECOND^2": "mm/s2",
  NEWTON: "N",
  NEWTON_METER: "N.m",
  OHM: "Ohm",
  PASCAL: "Pa",
  "PASCAL/SECOND": "Pa/s",
  PASCAL_SECOND: "Pa.s",
  PERCENT: "%",
  PH: "[pH]",
  "REVOLUTION/MINUTE": "/min",
  "REVOLUTION/SECOND": "/s",
  SECOND: "s",
  "SIEMENS/METER": "S/m",
  VOLT: "V",
  VOLT_AMPERE: "V.A",
  WATT: "W",
  WATT_SECOND: "W.s",
}
