import type { TSchema } from "typebox"
import type { Clock } from "../kernel/clock.ts"
import type { Files } from "../kernel/files.ts"
import type { Log } from "../kernel/log.ts"
import type { Network } from "../kernel/network.ts"
import type { Random } from "../kernel/random.ts"
import { type Block, type BlockWriter, type SourceId, sourceId } from "../model/block.ts"
import type { Cycle } from "../model/cycle.ts"
import type { Instant } from "../model/instant.ts"
import type { CycleConfig } from "../model/plant.ts"
import type { Problem } from "../model/problem.ts"
import type { Tag, TagId, TagKind, Value } from "../model/tag.ts"
import type { Registry } from "../store/store.ts"
import type { MessageBus } from "./bus.ts"
import type { GapCause } from "./gap.ts"

/** What a protocol has to give so that its machines can live in the house. */
export interface Connector<Options = unknown> {
  /** As it stands in `plant.yaml`, such as `opcua`. */
  readonly type: string
  readonly summary: string
  /** How far its claim is shown: against a simulator of our own, a foreign implementation, or machines in a factory. */
  readonly evidence: "simulated" | "interop" | "field"
  /** TypeBox; validates, documents and makes the form. Secrets carry `secret: true`. */
  readonly options: TSchema
  /** Only stores its arguments; nothing is opened yet. `options` passed the schema. */
  create(options: Options, host: Host): Device
  /** Where an address alone says how to reach a machine: the schemes it may have, such as `opc.tcp`. */
  readonly schemes?: readonly string[]
  /** Options for an address of one of `schemes`, not yet checked. Throws `option-invalid`. */
  optionsOf?(address: URL): Readonly<Record<string, unknown>>
}

/** What the house lends to a device. */
export interface Host {
  /** The device's name in the plant. */
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly files: Files
  /** Folder of the device's own for certificates and the like. */
  readonly folder: string
  /** Folder of the plant's files, against which options name files. */
  readonly plantFolder: string
  readonly registry: Registry
  readonly trust: Trust
  /** Every address that a person gave is resolved and checked here before a device opens it. */
  readonly network: Network
  /** The broker in the house, where the plant has one. */
  readonly broker?: MessageBus
}

/** Unknown certificates wait for an engineer. */
export interface Trust {
  /** True if trusted. An unknown one is recorded as seen and waits; the device then throws `certificate-untrusted`. */
  isTrusted(certificate: {
    readonly device: string
    readonly fingerprint: string
    readonly subject: string
    readonly pem: string
  }): Promise<boolean>
  /** Calls back with the device's name when somebody decided about its certificate; gives the way to end it. */
  onDecided(listener: (device: string) => void): () => void
}

/** One tag and where the device keeps it. */
export interface Point {
  readonly id: TagId
  readonly tag: Tag
  readonly address: string
}

/** A numbered buffer of records at the device, such as the ring of its last shots. */
export interface RecordBuffer {
  readonly name: string
  readonly address: string
  readonly fields: readonly { readonly name: string; readonly point: Point }[]
  readonly cycle: CycleConfig
}

/** What a device hands over at once: rows, cycles completed by them, and what could not be read. */
export interface Delivery {
  readonly block: Block
  readonly cycles?: readonly Cycle[]
  /**
   * One for each value that was refused (its row stands in the block as `badRefused`) and for each point or field that
   * the device has not (`badConfig`). A block without rows: what stands in the way of a whole buffer.
   */
  readonly refused?: readonly Problem[]
  /** How many more were refused than `refused` lists. */
  readonly unlisted?: number
  /** Values that came and that no point names. */
  readonly unmapped?: number
  /**
   * The sender keeps the rows until this is durable, because it gets no acknowledgement before: where there is no room
   * for them they are refused and come again. Numbered buffers wait; anything else is lost then, and that is a gap.
   */
  readonly kept?: true
  /** What the device knows to be lost between its previous delivery and this one. */
  readonly gaps?: readonly Gap[]
}

export interface Gap {
  readonly source: SourceId
  readonly because: GapCause
  readonly from: number
  readonly to: number
  /** Samples or records that are missing, where known. */
  readonly size?: number
}

/**
 * The source of values that stand until the next one. The supervisor says of them when the line is lost, and that is a
 * gap. A numbered buffer `b` has the source `<device>/b@<epoch>` and knows itself what it lost.
 */
export function liveSource(of: { device: string; epoch: string }): SourceId {
  return sourceId({ name: `${of.device}/live`, epoch: of.epoch })
}

/** Resolves once durable; the device waits for it: this is the back-pressure. */
export type Deliver = (delivery: Delivery) => Promise<void>

/** What a device can be followed for. */
export interface Wanted {
  readonly points: readonly Point[]
  readonly records: readonly RecordBuffer[]
}

/** Place in a buffer after which the device goes on. */
export type ResumeFrom = (source: SourceId) => Promise<number>

/** One machine, or one gateway to several. The supervisor calls these, never two at once but `write`, `read` and `browse`. */
export interface Device {
  /** Called again by the supervisor with back-off; never reconnects by itself. Throws a Problem. */
  connect(signal: AbortSignal): Promise<void>
  /** Reads every point once from the machine itself. Throws when the line is lost; one bad point spoils one point. */
  read?(points: readonly Point[], into: BlockWriter, signal: AbortSignal): Promise<void>
  /**
   * Delivers until the signal aborts (then returns) or the line is lost (then throws). Numbered buffers go on after
   * `resumeFrom(source)`, which the device asks once it knows the buffer's epoch.
   */
  follow?(
    wanted: Wanted,
    deliver: Deliver,
    resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void>
  /** Only the gate calls this. Throws `write-unsupported` or `write-failed`; after a time-out the outcome is unknown. */
  write?(point: Point, value: Value, signal: AbortSignal): Promise<void>
  browse?(signal: AbortSignal): AsyncIterable<FoundPoint>
  /**
   * What a person noted of points of this device. Gives what is wrong with each; where anything is, nothing was stored.
   * Otherwise all is durable when it resolves. Throws `connection-lost`.
   */
  enter?(entries: readonly Entry[]): Promise<readonly (Problem | undefined)[]>
  /** A message that somebody sent to the house for this device. Resolves once durable. Throws `credentials-refused` or what is wrong with it. */
  receive?(message: Received): Promise<Receipt>
  /** True for the credential of this device's own sender: at an address that senders share, it tells whose message it is. */
  knows?(authorization: string | undefined): boolean
  close(): Promise<void>
}

/** A count, a reading or a verdict by a person. */
export interface Entry {
  readonly point: Point
  readonly value: Value
  /** When it was seen, not when it was typed. */
  readonly at: Instant
}

/** The body of a request with what tells who sent it. */
export interface Received {
  readonly authorization?: string
  readonly contentType?: string
  /** What the message's times count, as the sender writes it, where its address says so. */
  readonly precision?: string
  readonly body: Uint8Array
}

/** What became of a received message. */
export interface Receipt {
  readonly stored: number
  /** One sentence for each value that was refused. */
  readonly refused: readonly Problem[]
  /** Parts of the message that could not be read, where there may be more than `refused` lists. */
  readonly bad?: number
}

export interface FoundPoint {
  readonly address: string
  readonly name: string
  /** Names of the folders or objects that it stands in at the machine, from the top. */
  readonly within?: readonly string[]
  readonly description?: string
  readonly kind: TagKind
  /** UCUM code, where the machine says its unit and the house knows it. */
  readonly unit?: string
  /** What the sensor can show, where the machine says it. */
  readonly range?: readonly [low: number, high: number]
  readonly writable: boolean
  readonly value?: Value
}

/** How a device does, in words that the screens show. */
export interface DeviceHealth {
  readonly device: string
  /** The edge that reads it; absent where this Moru does. */
  readonly edge?: string
  readonly connector: string
  readonly state: "waiting" | "connecting" | "connected" | "lost" | "stopped"
  readonly since: number
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string }
  readonly samples: number
  readonly cycles: number
  readonly refused: number
  readonly reconnects: number
  readonly lastSampleAt?: number
  readonly writable: boolean
}
