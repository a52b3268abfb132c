import { createHash } from "node:crypto"
import { readNumber, readRecording } from "../../../codec/recording.ts"
import { every } from "../../../kernel/clock.ts"
import { Problem } from "../../../model/problem.ts"
import type { Machine, MachineContext } from "../../machine.ts"
import type { RecordingOptions } from "../../options.ts"
import { planOf, type RecordedMachine, recordingUri, ringOf } from "../../recording.ts"
import { type RingField, RingNodes, type RingRecord } from "../opcua/ring.ts"
import { MachineServer } from "../opcua/server.ts"

/** One server for all moulds, each with a ring that is as long as its recording. */
export async function startRecording(
  options: RecordingOptions,
  context: MachineContext,
): Promise<Machine> {
  const { clock, log, folder, name } = context
  const { port, security, users, speed } = options
  const { plans, epoch } = await readAll(options, context)
  const playing: { readonly ring: RingNodes; readonly rows: Iterator<RingRecord> }[] = []
  const setup = { uri: recordingUri, name, port, folder, security, users }
  const server = await MachineServer.open(setup, (namespace) => {
    for (const plan of plans) {
      const shape = {
        name: ringOf(plan.name),
        capacity: Math.max(1, plan.rows),
        epoch,
        fields: plan.fields.map(fieldOf),
      }
      playing.push({ ring: new RingNodes(namespace, shape), rows: rowsOf(plan) })
    }
    if (speed === "max") for (const { ring, rows } of playing) addAll(ring, rows, clock.now())
  })
  const stop = new AbortController()
  const failed = (thrown: unknown) =>
    log.error("the recording could not go on", { thrown: String(thrown) })
  const play = speed === "max" ? () => {} : player(playing, { plans, speed, clock })
  const running = every(100, play, { clock, signal: stop.signal, failed })
  return {
    endpoint: server.endpoint,
    order: async ({ fault }) => {
      throw new Problem(
        "request-invalid",
        `machine ${name}`,
        `got "${fault}", a recording has no faults`,
      )
    },
    stop: async () => {
      stop.abort()
      await running
      await server.stop()
    },
  }
}

async function readAll(options: RecordingOptions, { files, name }: MachineContext) {
  const digest = createHash("sha256")
  const recordings = []
  for (const path of options.files.toSorted()) {
    const bytes = await files.read(path)
    if (!bytes) throw new Problem("not-found", `machine ${name}`, `got no file ${path}`)
    digest.update(bytes)
    recordings.push(readRecording(bytes, path, options.zone))
  }
  return { plans: planOf(recordings), epoch: digest.digest("hex").slice(0, 16) }
}

function fieldOf({ address, kind, isMixed }: RecordedMachine["fields"][number]): RingField {
  if (kind === "text") return { address, kind: "text" }
  return { address, kind: isMixed ? "mixed" : "number" }
}

function addAll(ring: RingNodes, rows: Iterator<RingRecord>, now: number): void {
  for (let row = rows.next(); !row.done; row = rows.next()) ring.add(row.value)
  ring.announce(now)
}

/** Adds the rows that are due, counted from the first time of all recordings. */
function player(
  playing: readonly { readonly ring: RingNodes; readonly rows: Iterator<RingRecord> }[],
  at: {
    readonly plans: readonly RecordedMachine[]
    readonly speed: number
    readonly clock: MachineContext["clock"]
  },
): () => void {
  const startedAt = at.clock.now()
  const waiting = playing.map(({ ring, rows }) => ({ ring, rows, next: rows.next() }))
  const first = Math.min(...waiting.flatMap(({ next }) => (next.done ? [] : [next.value.at])))
  return () => {
    const now = at.clock.now()
    const due = first + (now - startedAt) * at.speed
    for (const machine of waiting) {
      const { ring, rows } = machine
      const before = ring.newest
      for (; !machine.next.done && machine.next.value.at <= due; machine.next = rows.next())
        ring.add(machine.next.value)
      if (ring.newest > before) ring.announce(now)
    }
  }
}

/** Every row of a mould's files, its cells as values in the order of the fields; a row without any time is at 1970. */
function* rowsOf({ recordings, fields }: RecordedMachine): Generator<RingRecord> {
  for (const { rows, columns, at, timeBorrowed } of recordings) {
    const byName = new Map(columns.map(({ name, cells }) => [name, cells]))
    const cellsOf = fields.map(({ column }) => byName.get(column))
    for (let row = 0; row < rows; row++) {
      const time = at[row] ?? Number.NaN
      yield {
        at: Number.isNaN(time) ? 0 : time,
        isTimeBorrowed: timeBorrowed[row] === 1,
        values: fields.map(({ kind }, f) => valueIn(cellsOf[f]?.[row] ?? "", kind)),
      }
    }
  }
}

function valueIn(cell: string, kind: "number" | "boolean" | "text"): number | string | null {
  if (cell === "") return null
  return kind === "text" ? cell : (readNumber(cell) ?? cell)
}
