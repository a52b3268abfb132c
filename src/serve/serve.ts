import type { Gate } from "../act/act.ts"
import type { Alarm, Alarms } from "../analyse/alarm.ts"
import type { Findings } from "../analyse/finding.ts"
import type { EquipmentStates } from "../analyse/state.ts"
import type { DeviceHealth, FoundPoint, Receipt, Received } from "../connect/connector.ts"
import type { EdgeAnswer, EdgeHealth } from "../connect/edge.ts"
import type { KnownGap } from "../connect/gap.ts"
import type { Decision, Decisions } from "../decide/decide.ts"
import type { Exporter, ExportFormat } from "../exchange/export.ts"
import type { SqlEngine } from "../exchange/sql.ts"
import type { Cycles, History } from "../historian/historian.ts"
import type { Storage } from "../historian/storage.ts"
import type { Clock } from "../kernel/clock.ts"
import type { Health } from "../kernel/component.ts"
import type { WaitingChange } from "../kernel/config.ts"
import type { Files } from "../kernel/files.ts"
import type { Ids } from "../kernel/ids.ts"
import type { Log } from "../kernel/log.ts"
import type { Metrics } from "../kernel/metrics.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { Plant } from "../model/plant.ts"
import type { Problem } from "../model/problem.ts"
import type { Value } from "../model/tag.ts"
import type { Namespace } from "../namespace/namespace.ts"
import type { LedgerId } from "../store/ledger.ts"
import type { Store } from "../store/store.ts"

/** Calls back after each change is durable. Gives a function that ends it. */
type OnChange<Item> = (listener: (item: Item) => void) => () => void

/** What the house lends to its server: views of every part, and the acts that people may do. */
export interface ServeParts {
  readonly listen: Listen
  /** Plant time, which stands in what is shown. */
  readonly clock: Clock
  /** The computer's time, for sessions, limits and the rhythm of the live stream: it never runs faster. */
  readonly wall: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly ids: Ids
  readonly files: Files
  readonly store: Store
  readonly namespace: Namespace
  readonly history: History
  readonly cycles: Cycles
  /** Loaded when they are first asked for. */
  readonly exporters: Readonly<Record<ExportFormat, () => Promise<Exporter>>>
  readonly sql: SqlEngine
  /** The plant as it is now; it changes when its files do. */
  readonly plant: () => Plant
  readonly alarms: Alarms & { readonly onChange: OnChange<Alarm> }
  readonly findings: Findings
  readonly states: EquipmentStates
  readonly decisions: Decisions & {
    readonly onChange: OnChange<Decision>
    /** The decision's command was rolled back through the gate. */
    rolledBack(id: string, by: string, record: LedgerId): Promise<Decision>
  }
  readonly gate: Gate & {
    /** True after a restore, until a person allows writing again. */
    readonly readOnly: boolean
    allowWrites(by: string, reason: string): Promise<void>
    onChange(changed: () => void): () => void
  }
  readonly devices: {
    list(): readonly DeviceHealth[]
    /** Throws `not-found`, or `connection-lost` where it is not connected. */
    browse(name: string, signal: AbortSignal): AsyncIterable<FoundPoint>
    /** What a person noted: what is wrong with each entry, and the record of those that were stored. */
    enter(
      entries: readonly { readonly path: Path; readonly value: Value; readonly at: Instant }[],
      by: string,
    ): Promise<{
      readonly problems: readonly (Problem | undefined)[]
      readonly record?: LedgerId
    }>
    /** Throws `not-found`, `connection-lost`, `credentials-refused` and what is wrong with the message. */
    receive(name: string, message: Received): Promise<Receipt>
    /** Whether a device has this credential for its sender. */
    knows(authorization: string | undefined): boolean
    /** To the device that has the message's credential. Throws `credentials-refused` where none has, and as `receive`. */
    receiveKnown(message: Received): Promise<Receipt>
    readonly onHealth: OnChange<DeviceHealth>
  }
  readonly edges: {
    list(): readonly EdgeHealth[]
    /** Throws `edge-refused` for a wrong key. */
    check(authorization: string | undefined): void
    /** Durable when it resolves. Throws `edge-refused` and `request-invalid`. */
    receive(authorization: string | undefined, message: Uint8Array): Promise<EdgeAnswer>
    /** A new key; the one before it ends. Throws `not-found`. */
    makeKey(edge: string, by: string): Promise<string>
    endKey(edge: string, by: string): Promise<void>
  }
  readonly gaps: { list(): Promise<readonly KnownGap[]> }
  readonly trust: {
    list(): Promise<readonly CertificateSeen[]>
    trust(fingerprint: string, by: string): Promise<void>
    refuse(fingerprint: string, by: string): Promise<void>
  }
  readonly config: {
    pending(): readonly WaitingChange[]
    confirm(id: string, by: string): Promise<void>
    reject(id: string, by: string, reason: string): Promise<void>
  }
  readonly storage: Pick<Storage, "report">
  /** Everything as one tar, without the files whose SHA-256 the asker has; noted in the ledger once it is whole. */
  readonly backup: (
    asked: { readonly have: ReadonlySet<string>; readonly by: string },
    signal: AbortSignal,
  ) => AsyncIterable<Uint8Array>
  /** How each running component does. */
  readonly health: () => readonly { readonly name: string; readonly health: Health }[]
  /** The example may be looked at by anybody who reaches it; a real plant asks everybody to sign in. */
  readonly example: boolean
  /** How fast plant time runs. */
  readonly speed: number
  /** The built screens: `web/dist`. */
  readonly webFolder: string
  readonly version: string
  /** Prints a line on the console of the machine itself. */
  readonly announce: (line: string) => void
}

export interface Listen {
  /** 127.0.0.1, ::1 or localhost; any other address needs `tls`. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

export interface CertificateSeen {
  readonly fingerprint: string
  readonly device: string
  readonly subject: string
  readonly seenAt: Instant
  readonly state: "waiting" | "trusted" | "refused"
}
