import {
  coerceLocalizedText,
  type DataType,
  DataValue,
  type EUInformation,
  type Namespace,
  type StatusCode,
  StatusCodes,
  type UAVariable,
  Variant,
} from "node-opcua"
import type { Instant } from "../../../model/instant.ts"
import type { Value } from "../../../model/tag.ts"
import { dateOf } from "./date.ts"

export interface TagShape {
  readonly name: string
  readonly dataType: DataType
  readonly unit?: EUInformation
  readonly range?: readonly [low: number, high: number]
  readonly isWritable?: boolean
}

/** A machine as its controller shows it to clients. */
export interface ShownMachine {
  readonly at: Instant
  /** What stands there now, by address. */
  tags(): Readonly<Record<string, Value>>
  set(address: string, value: Value): PlcAnswer
}

/** What a machine's own controller says to a write. */
export type PlcAnswer = "ok" | "out-of-range" | "wrong-kind" | "read-only"

interface TagNode {
  readonly node: UAVariable
  readonly dataType: DataType
  readonly now: DataValue
}

export interface TagNodesSetup {
  readonly machine: ShownMachine
  /** By address. */
  readonly shapes: Readonly<Record<string, TagShape>>
  /** Told of each set point that the machine took; a client's write is answered when it resolves. */
  readonly written: (address: string, value: Value) => Promise<void>
}

/** The machine's live tags and set points as OPC UA nodes. */
export class TagNodes {
  readonly #nodes = new Map<string, TagNode>()
  readonly #machine: ShownMachine

  constructor(namespace: Namespace, { machine, shapes, written }: TagNodesSetup) {
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
    written: TagNodesSetup["written"],
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
