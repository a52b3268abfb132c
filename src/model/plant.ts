import type { Verdict } from "./cycle.ts"
import type { Equipment } from "./equipment.ts"
import type { Path } from "./path.ts"
import type { Tag } from "./tag.ts"
import type { Text } from "./text.ts"

/** A plant as its files describe it, checked, with equipment types, includes, defaults and secrets filled in. */
export interface Plant {
  readonly name: Text
  /** IANA name such as `Asia/Seoul`; screens show times in it. */
  readonly timezone: string
  /** Parents stand before their children. */
  readonly equipment: readonly Equipment[]
  readonly tags: readonly Tag[]
  readonly devices: readonly DeviceConfig[]
  readonly cycles: readonly CycleConfig[]
  readonly states: readonly StateConfig[]
  readonly analysers: readonly PartConfig[]
  readonly deciders: readonly DeciderConfig[]
  /** The MQTT broker in the house; absent where nothing publishes to it. */
  readonly broker?: BrokerConfig
  readonly network: NetworkConfig
  /** Computers beside the machines that read some of the devices; absent where there are none. */
  readonly edges?: readonly EdgeConfig[]
  readonly storage: StorageConfig
  /** Machines that `moru run` starts as processes of their own; empty in a real plant. */
  readonly machines: readonly MachineConfig[]
}

/** One configured connection. `options` passed the connector's schema and may hold secrets: never log or send it. */
export interface DeviceConfig {
  readonly name: string
  /** The edge that reads it; absent where the central Moru does. */
  readonly edge?: string
  readonly connector: string
  readonly options: unknown
  readonly points: readonly PointConfig[]
  readonly records: readonly RecordConfig[]
}

/** A computer beside the machines: it reads devices and sends what they say to the centre. */
export interface EdgeConfig {
  readonly name: string
  /** The centre's address. */
  readonly to: string
  /** PEM file, absolute. */
  readonly ca?: string
  /** Of the edge's log on its disk. */
  readonly budgetBytes: number
  /** For so long a cut line must lose nothing. */
  readonly keepMs: number
}

/** How the broker in the house lets publishers in. Holds secrets: never log or send it. */
export interface BrokerConfig {
  /** Address to listen on; others than loopback need `tls`. */
  readonly host: string
  readonly port: number
  /** PEM files, absolute. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Lets anybody on this computer in without a credential; never beyond loopback. */
  readonly anonymous: boolean
  readonly publishers: readonly Publisher[]
  readonly maxConnections: number
  readonly maxMessageBytes: number
  /** Of one publisher, averaged over ten seconds. */
  readonly maxMessagesPerSecond: number
}

/** One credential and the topics it is bound to, as MQTT filters. */
export interface Publisher {
  readonly name: string
  readonly password: string
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/** What devices may reach beside private networks and this computer; addresses or ranges such as `203.0.113.0/24`. */
export interface NetworkConfig {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** How much is kept, and for how long. */
export interface StorageConfig {
  /** Of the data folder: bytes, or a share (0 to 1) of the disk as far as other files leave it. */
  readonly budget: { readonly bytes: number } | { readonly share: number }
  /** The first whose pattern matches a tag's path holds; what none matches is kept for good. */
  readonly retention: readonly RetentionRule[]
}

/** What a plant that says nothing about it has. */
export const keepAll: StorageConfig = { budget: { share: 0.8 }, retention: [] }

/** How old samples and their summaries become before they go; infinite where they are kept for good. */
export interface RetentionRule {
  /** Pattern over paths of tags. */
  readonly tags: string
  readonly rawMs: number
  /** Summaries of a minute, which stand in for samples that are gone; at least `rawMs`. */
  readonly minutesMs: number
  /** Summaries of an hour, which stand in for those of a minute; at least `minutesMs`. */
  readonly hoursMs: number
}

export interface PointConfig {
  readonly tag: Path
  readonly address: string
}

/** A numbered buffer of records that a machine keeps, such as the ring of its last shots. */
export interface RecordConfig {
  readonly name: string
  readonly equipment: Path
  /** Where the buffer stands at the device, in the connector's terms. */
  readonly address: string
  /** Field by field: the name in cycles, where it stands beneath `address`, and the tag that its samples belong to. */
  readonly fields: readonly {
    readonly name: string
    readonly address: string
    readonly tag: Path
  }[]
}

/** How records of an equipment become cycles. */
export interface CycleConfig {
  readonly equipment: Path
  /** Field with the length of the cycle in seconds; the record's time is the cycle's end. */
  readonly durationField?: string
  readonly toolField?: string
  /** The first rule that matches gives the verdict. */
  readonly verdicts: readonly {
    readonly field: string
    readonly is: readonly (number | string)[]
    readonly verdict: Verdict
  }[]
}

/** How an equipment's state is read from one tag. Richer rules come with the time model. */
export interface StateConfig {
  readonly equipment: Path
  readonly tag: Path
  readonly values: Readonly<Record<string, EquipmentState>>
}

export const equipmentStates = ["running", "idle", "setup", "stopped", "fault", "off"] as const

export type EquipmentState = (typeof equipmentStates)[number]

/** An analyser by the name of its kind, for one equipment. `options` passed that kind's schema. */
export interface PartConfig {
  readonly name: string
  readonly kind: string
  readonly equipment: Path
  readonly options: unknown
}

export interface DeciderConfig extends PartConfig {
  readonly policy: "advise" | "approve" | "automatic"
}

export interface MachineConfig {
  readonly name: string
  /** The edge beside which it runs; absent where it runs beside the central Moru. */
  readonly edge?: string
  readonly kind: string
  readonly options: unknown
}
