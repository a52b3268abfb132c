import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DataType } from "node-opcua"
import type { Connector, RecordBuffer } from "../connector.ts"
import { opcua } from "../opcua/opcua.ts"
import { address, date, startServer, type TestServer } from "../opcua/testing/server.ts"
import { parseOptions } from "../options.ts"
import { replay } from "../replay/replay.ts"
import type { Rig } from "./rig.ts"

/** A shot of a test machine; `a` may be what no number is. */
export interface Shot {
  readonly at: number
  readonly a: number | string | null
  readonly text: string
}

/** The real thing that a connector talks to, so that one contract can be asked of each. */
export interface Counterpart {
  readonly connector: Connector
  readonly options: unknown
  /** Fields `a` (number), `text` (text) and `gone`, which the machine has not. */
  readonly buffer: RecordBuffer
  start(): Promise<void>
  /** Shots that the machine keeps from now on. */
  shoot(...shots: readonly Shot[]): Promise<void>
  /** The line breaks; what was shot is kept. */
  kill(): Promise<void>
}

export interface Kind {
  readonly type: string
  make(rig: Rig, port: number): Counterpart
}

const fields = { a: "number", text: "text", gone: "number" } as const

export const kinds: readonly Kind[] = [
  { type: "opcua", make: opcuaMachine },
  { type: "replay", make: replayMachine },
]

function opcuaMachine(rig: Rig, port: number): Counterpart {
  let server: TestServer | undefined
  const shots: Shot[] = []
  const record = ({ at, ...values }: Shot) => ({ at, values })
  const ring = () => ({
    capacity: 5000,
    epoch: "e1",
    fields: { a: DataType.Variant, text: DataType.String },
    before: shots.map(record),
  })
  return {
    connector: opcua as Connector,
    options: parseOptions(
      opcua,
      {
        endpoint: `opc.tcp://127.0.0.1:${port}`,
        security: "none",
        "publishing-interval": "20ms",
        "sampling-interval": "20ms",
        timeout: "5s",
      },
      "test",
    ),
    buffer: rig.buffer("shots", address("Shots"), fields),
    start: async () => {
      server = await startServer({ folder: rig.folder, port, ring: ring() })
    },
    shoot: async (...more) => {
      shots.push(...more)
      server?.shoot(...more.map(record))
    },
    kill: async () => {
      await server?.stop()
      server = undefined
    },
  }
}

/** Shots in a file; the machine is there while its folder is. */
function replayMachine(rig: Rig): Counterpart {
  const folder = join(rig.folder, "recordings")
  const shots: Shot[] = []
  const write = async () => {
    await mkdir(folder, { recursive: true })
    const rows = shots.map(({ at, a, text }) => `${date(at).toISOString()},${a ?? ""},${text}`)
    await writeFile(join(folder, "shots.csv"), `datetime,a,text\n${rows.join("\n")}\n`)
  }
  return {
    connector: replay as Connector,
    options: parseOptions(replay, { files: "recordings/*.csv", speed: "max" }, "test"),
    buffer: rig.buffer("shots", "", fields),
    start: write,
    shoot: async (...more) => {
      shots.push(...more)
    },
    kill: () => rm(folder, { recursive: true }),
  }
}
