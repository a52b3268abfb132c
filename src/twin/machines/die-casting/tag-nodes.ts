import {
  coerceLocalizedText,
  DataType,
  DataValue,
  type EUInformation,
  makeEUInformation,
  type Namespace,
  type StatusCode,
  StatusCodes,
  standardUnits,
  type UAVariable,
  Variant,
} from "node-opcua"
import type { Instant } from "../../../model/instant.ts"
import type { Value } from "../../../model/tag.ts"
import { dateOf } from "../opcua/date.ts"
import type { DieCasting } from "./die-casting.ts"

interface TagShape {
  readonly name: string
  readonly dataType: DataType
  readonly unit?: EUInformation
  readonly range?: readonly [low: number, high: number]
  readonly isWritable?: boolean
}

const cel = standardUnits.degree_celsius
const litresPerMinute = makeEUInformation("L2", "l/min", "litre per minute")
const temperature = (name: string, high: number): TagShape => ({
  name,
  dataType: DataType.Double,
  unit: cel,
  range: [0, high],
})

/** By address. */
const shapes: Readonly<Record<string, TagShape>> = {
  State: { name: "State", dataType: DataType.Int32 },
  ShotCounter: { name: "Shot counter", dataType: DataType.UInt32 },
  "Molten.Temperature": temperature("Molten metal temperature", 900),
  "Die.Upper1": temperature("Die temperature upper 1", 400),
  "Die.Upper2": temperature("Die temperature upper 2", 400),
  "Die.Lower1": temperature("Die temperature lower 1", 400),
  "Die.Lower2": temperature("Die temperature lower 2", 400),
  "Sleeve.Temperature": temperature("Sleeve temperature", 700),
  "Coolant.Temperature": temperature("Coolant temperature", 100),
  "Coolant.Flow": {
    name: "Cooling flow",
    dataType: DataType.Double,
    unit: litresPerMinute,
    range: [0, 100],
  },
  "Hydraulic.Pressure": {
    name: "Hydraulic pressure",
    dataType: DataType.Double,
    unit: standardUnits.bar,
    range: [0, 250],
  },
  "Coolant.FlowSet": {
    name: "Cooling flow set point",
    dataType: DataType.Double,
    unit: litresPerMinute,
    range: [0, 100],
    isWritable: true,
  },
  HoldNextCycle: { name: "Hold next cycle", dataType: DataType.Boolean, isWritable: true },
}

interface TagNode {
  readonly node: UAVariable
  readonly dataType: DataType
  readonly now: DataValue
}

/** The machine's live tags and set points as OPC UA nodes. */
export class TagNodes {
  readonly #nodes = new Map<string, TagNode>()
  readonly #machine: DieCasting

  /** `written` is told of each set point that the machine took; a client's write is answered when it resolves. */
  constructor(
    namespace: Namespace,
    machine: DieCasting,
    written: (address: string, value: Value) => Promise<void>,
  ) {
    this.#machine = machine
    for (const [address, shape] of Object.entries(shapes)) {
      const node = addNode(namespace, address, shape)
      const now = new DataValue({ statusCode: StatusCodes.Good })
      this.#nodes.set(address, { node, dataType: shape.dataType, now })
      if (shape.isWritable) this.#letWrite(address, { node, now }, written)
    }
    this.publish(machine.at)
  }

  /** Shows the present values with plant time as their source time. */
  publish(at: Instant): void {
    const date = dateOf(at)
    for (const [address, value] of Object.entries(this.#machine.tags())) {
      const known = this.#nodes.get(address)
      if (!known) continue
      const variant = new Variant({ dataType: known.dataType, value })
      known.now.value = variant
      known.now.sourceTimestamp = date
      known.node.setValueFromSource(variant, StatusCodes.Good, date)
    }
  }

  #letWrite(
    address: string,
    { node, now }: Pick<TagNode, "node" | "now">,
    written: (address: string, value: Value) => Promise<void>,
  ): void {
    const write = async ({ value: variant }: DataValue): Promise<StatusCode> => {
      const value = plain(variant)
      const answer = value === undefined ? "wrong-kind" : this.#machine.set(address, value)
      if (answer === "ok" && value !== undefined) await written(address, value)
      return answers[answer]
    }
    node.bindVariable({
      timestamped_get: () => now,
      timestamped_set: (
        dataValue: DataValue,
        done: (error: Error | null, code: StatusCode) => void,
      ) => {
        write(dataValue).then(
          (code) => done(null, code),
          () => done(null, StatusCodes.BadDeviceFailure),
        )
      },
    })
  }
}

const answers = {
  ok: StatusCodes.Good,
  "out-of-range": StatusCodes.BadOutOfRange,
  "wrong-kind": StatusCodes.BadTypeMismatch,
  "read-only": StatusCodes.BadNotWritable,
} as const

function plain(variant: Variant): number | boolean | undefined {
  const value: unknown = variant.value
  return typeof value === "number" || typeof value === "boolean" ? value : undefined
}

function addNode(namespace: Namespace, address: string, shape: TagShape): UAVariable {
  const { name, dataType, unit, range, isWritable } = shape
  const options = {
    organizedBy: namespace.addressSpace.rootFolder.objects,
    browseName: address,
    displayName: coerceLocalizedText(name) ?? name,
    nodeId: `s=${address}`,
    dataType,
    accessLevel: isWritable ? ("CurrentRead | CurrentWrite" as const) : ("CurrentRead" as const),
    minimumSamplingInterval: 50,
  }
  if (!unit || !range) return namespace.addVariable(options)
  return namespace.addAnalogDataItem({
    ...options,
    engineeringUnits: unit,
    engineeringUnitsRange: { low: range[0], high: range[1] },
  })
}
