import { createHash } from "node:crypto"
import { basename } from "node:path"
import { isTooLong, readNumber } from "../../../codec/number.ts"
import { readRecording } from "../../../codec/recording.ts"
import { isPlausible } from "../../../connect/values.ts"
import { type Clock, every } from "../../../kernel/clock.ts"
import { Problem } from "../../../model/problem.ts"
import type { TagKind } from "../../../model/tag.ts"
import type { Machine, MachineContext } from "../../machine.ts"
import type { RecordingOptions } from "../../options.ts"
import { planOf, type RecordedMachine, recordingUri, ringOf } from "../../recording.ts"
import { type RingField, RingNodes, type RingRecord, type RingValue } from "../opcua/ring.ts"
import { MachineServer } from "../opcua/server.ts"

/** One server for all moulds, each with a ring that is as long as its recording. */
export async function startRecording(
  options: RecordingOptions,
  context: MachineContext,
): Promise<Machine> {
  const { clock, log, folder, name } = context
  const { port, security, users, speed } = options
  const { plans, epoch } = await readAll(options, context)
  const playing: Playing[] = []
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
  const play = speed === "max" ? () => {} : player(playing, { ...options, speed }, clock)
  const running = every(100, play, { clock, signal: stop.signal, failed })
  return {
    endpoint: server.endpoint,
    order: async () => {},
    stop: async () => {
      stop.abort()
      await running
      await server.stop()
    },
  }
}

async function readAll(options: RecordingOptions, { files, name }: MachineContext) {
  const digest = createHash("sha256").update(options.zone)
  const recordings = []
  for (const path of options.files.toSorted()) {
    const bytes = await files.read(path)
    if (!bytes) throw new Problem("not-found", `machine ${name}`, `got no file ${path}`)
    digest.update(`\0${basename(path)}\0`).update(bytes)
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

interface Playing {
  readonly ring: RingNodes
  readonly rows: Iterator<RingRecord>
}

/** Adds the rows that are due; one with a time that no clock showed comes with the row before it. */
function player(
  playing: readonly Playing[],
  at: RecordingOptions & { readonly speed: number },
  clock: Clock,
): () => void {
  const startedAt = clock.now()
  const isTime = (time: number) => isPlausible(time, at.to ?? Number.MAX_VALUE)
  const waiting = playing.map(({ ring, rows }) => {
    const due = dueRows(rows, isTime)
    return { ring, due, next: due.next() }
  })
  const firsts = waiting.map(({ next }) => (next.done ? 0 : next.value.dueAt))
  const from = at.from ?? Math.min(...firsts.filter((dueAt) => dueAt > 0))
  return () => {
    const now = clock.now()
    const until = from + (now - startedAt) * at.speed
    for (const machine of waiting) {
      const { ring, due } = machine
      const before = ring.newest
      for (; !machine.next.done && machine.next.value.dueAt <= until; machine.next = due.next())
        ring.add(machine.next.value.row)
      if (ring.newest > before) ring.announce(now)
    }
  }
}

function* dueRows(rows: Iterator<RingRecord>, isTime: (time: number) => boolean) {
  let dueAt = 0
  for (let row = rows.next(); !row.done; row = rows.next()) {
    if (isTime(row.value.at)) dueAt = row.value.at
    yield { dueAt, row: row.value }
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

function valueIn(cell: string, kind: TagKind): RingValue {
  if (cell === "") return null
  if (kind === "text") return cell
  const number = readNumber(cell)
  return number !== undefined && isTooLong(cell) ? BigInt(cell.replace("+", "")) : (number ?? cell)
}
