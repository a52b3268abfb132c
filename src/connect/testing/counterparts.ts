import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DataType } from "node-opcua"
import type { Connector, RecordBuffer } from "../connector.ts"
import { opcua } from "../opcua/opcua.ts"
import { address, date, startServer, type TestServer } from "../opcua/testing/server.ts"
import { parseOptions } from "../options.ts"
import { replay } from "../replay/replay.ts"
import { sql } from "../sql/sql.ts"
import { type DatabaseServer, login, postgresql } from "../sql/testing/server.ts"
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
  /** Why there is no counterpart on this computer. */
  readonly missing?: () => string | undefined
  make(rig: Rig, port: number): Counterpart
}

const fields = { a: "number", text: "text", gone: "number" } as const

export const kinds: readonly Kind[] = [
  { type: "opcua", make: opcuaMachine },
  { type: "replay", make: replayMachine },
  { type: "sql", make: sqlMachine, missing: postgresql.missing },
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

/** Shots in a table; those that come while the server is off are written when it starts. */
function sqlMachine(rig: Rig, port: number): Counterpart {
  let server: DatabaseServer | undefined
  let isUp = false
  let waiting: Shot[] = []
  const text = (given: unknown) => (given === null ? "NULL" : `'${given}'`)
  const insert = () => {
    const rows = waiting.map((shot) => {
      const at = `to_timestamp(${shot.at / 1000})`
      return `(${at}, ${text(shot.a)}, ${text(shot.text)})`
    })
    if (rows.length > 0) server?.run(`INSERT INTO shots (at, a, text) VALUES ${rows.join()};`)
    waiting = []
  }
  const options = {
    ...{ database: "postgresql", host: "127.0.0.1", port, ...login, tls: "none" },
    query: "SELECT id, at, a, text FROM shots WHERE id > $1 ORDER BY id",
    ...{ watermark: "id", time: "at", period: "20ms", timeout: "5s" },
  }
  return {
    connector: sql as Connector,
    options: parseOptions(sql, options, "test"),
    buffer: rig.buffer("shots", "shots", fields),
    start: async () => {
      if (server) await server.start()
      else {
        server = await postgresql.make(rig.folder, port)
        server.run(
          "CREATE TABLE shots (id bigserial PRIMARY KEY, at timestamptz, a text, text text);",
        )
      }
      isUp = true
      insert()
    },
    shoot: async (...more) => {
      waiting.push(...more)
      if (isUp) insert()
    },
    kill: async () => {
      await server?.kill()
      isUp = false
    },
  }
}
