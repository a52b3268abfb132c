import { spawnSync } from "node:child_process"
import type { Value } from "../../model/tag.ts"
import type { Connector } from "../connector.ts"
import type { Rig } from "./rig.ts"

/** The real thing at the other end of a connector that follows values, so that one contract can be asked of each. */
export interface LiveMachine extends AsyncDisposable {
  readonly connector: Connector
  /** Checked options of a device that reaches the machine, with short periods and time-outs (at most a second). */
  readonly options: unknown
  /** Where the machine keeps a number, a second number, a flag, and where it keeps nothing. */
  readonly addresses: {
    readonly number: string
    readonly other: string
    readonly flag?: string
    readonly text?: string
    readonly gone?: string
    /** A number that may be written, if any may. */
    readonly writable?: string
  }
  /** Rows are numbered by the machine's own count, which leaves some out. */
  readonly countsItself?: true
  /** The machine is there, with the values set last. A second start may number what it says anew. */
  start(): Promise<void>
  /** It is gone at once, as when its power fails. */
  kill(): Promise<void>
  /** Sets what the machine shows from now on; where it tells changes, it tells these. */
  set(values: Partial<Record<"number" | "other" | "flag" | "text", Value>>): Promise<void>
  /** What was written to it last. */
  written?(): Value | undefined
  /** The line breaks, and can be opened again after `mend`. */
  cut(): void
  /** Nothing passes any more, and nobody is told; absent where the device cannot notice it. */
  stall?(): void
  mend(): void
  /** The next thing that the device hears from the machine is no message of its protocol; afterwards it speaks well again. */
  babble(): Promise<void>
}

/** Each connector that follows values registers here how its machine is made: `connect/<type>/testing/machine.ts`. */
export interface LiveKind {
  readonly type: string
  readonly load: () => Promise<{ make(rig: Rig): Promise<LiveMachine> }>
  /** What this computer lacks for it, if anything; then it is left out, with these words. */
  readonly missing?: () => string | undefined
}

export const liveKinds: readonly LiveKind[] = [
  { type: "mqtt", load: () => import("../mqtt/testing/machine.ts") },
  { type: "mtconnect", load: () => import("../mtconnect/testing/machine.ts") },
  { type: "http", load: () => import("../http/testing/machine.ts") },
  { type: "modbus", load: () => import("../modbus/testing/machine.ts") },
  {
    type: "modbus rtu",
    load: () => import("../modbus/testing/rtu-machine.ts"),
    missing: () => noPython(),
  },
  { type: "s7", load: () => import("../s7/testing/machine.ts") },
  { type: "sparkplug", load: () => import("../sparkplug/testing/machine.ts") },
  { type: "slmp", load: () => import("../slmp/testing/machine.ts") },
  { type: "xgt", load: () => import("../xgt/testing/machine.ts") },
]

function noPython(): string | undefined {
  const { status } = spawnSync("python3", ["--version"])
  return status === 0 ? undefined : "no pseudo terminals: install python3"
}
