import { statfs } from "node:fs/promises"
import { createServer } from "node:net"
import { resolve } from "node:path"
import type { Command } from "commander"
import { formatIso } from "../codec/iso-time.ts"
import { sizeText, storageKinds } from "../historian/storage.ts"
import { SystemClock } from "../kernel/clock/system.ts"
import { nodeDisk } from "../kernel/disk/node.ts"
import { nodeFiles } from "../kernel/files/node.ts"
import { problemOf } from "../model/problem.ts"
import { fail, numberOption, print } from "./print.ts"

/** One look of the doctor: what was looked at, how it is, what to do. */
export interface Examination {
  readonly name: string
  readonly state: "good" | "warning" | "bad"
  readonly says: string
}

export interface DoctorOptions {
  readonly data: string
  readonly port: number
  readonly host: string
  readonly heads?: string
}

/** Looks at everything that Moru stands on; never changes anything. */
export async function examine(options: DoctorOptions): Promise<readonly Examination[]> {
  const looks: readonly [string, () => Promise<Examination | readonly Examination[]>][] = [
    ["runtime", async () => runtime()],
    ["clock", async () => clock()],
    ["port", () => port(options)],
    ["disk", () => disk(options.data)],
    ["storage", () => storage(options.data)],
    ["ledger", () => ledger(options)],
    ["history", () => history(options.data)],
  ]
  const found: Examination[] = []
  for (const [name, look] of looks) {
    try {
      found.push(...[await look()].flat())
    } catch (thrown) {
      const { code, message, hint } = problemOf(thrown, name)
      if (code === "not-found") found.push({ name, state: "warning", says: message })
      else found.push({ name, state: "bad", says: `${message}. ${hint}` })
    }
  }
  return found
}

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "look at ports, clock, disk, data and the ledger's chain; exit code 1 if something is bad",
    )
    .option("--data <folder>", "data folder", "moru-data")
    .option("--port <number>", "port of the screens", numberOption("port", [0, 65535]), 4400)
    .option("--host <address>", "address of the screens", "127.0.0.1")
    .option("--heads <folder>", "copies of the ledger's heads that were kept elsewhere")
    .option("--json", "print one line of JSON", false)
    .action(async (options: DoctorOptions & { json: boolean }) => {
      try {
        const found = await examine(options)
        if (options.json) print(JSON.stringify({ ok: isWell(found), examinations: found }))
        else for (const { name, state, says } of found) print(`${marks[state]} ${name}: ${says}`)
        process.exitCode = isWell(found) ? 0 : 1
      } catch (thrown) {
        fail(thrown, options.json)
      }
    })
}

const marks = { good: "ok  ", warning: "note", bad: "BAD " } as const

function isWell(found: readonly Examination[]): boolean {
  return found.every(({ state }) => state !== "bad")
}

function runtime(): Examination {
  const { node, sqlite } = process.versions
  return { name: "runtime", state: "good", says: `Node ${node}, SQLite ${sqlite}` }
}

/** 2026-01-01: no computer that runs this version shows an earlier time rightly. */
const released = 1_767_225_600_000

function clock(): Examination {
  const now = new SystemClock().now()
  const format = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "long" })
  const says = `${format.format(now)}, zone ${format.resolvedOptions().timeZone}`
  return now < released
    ? {
        name: "clock",
        state: "bad",
        says: `${says}: set the clock, it is before this version of Moru`,
      }
    : { name: "clock", state: "good", says }
}

async function port({ port, host }: DoctorOptions): Promise<Examination> {
  const server = createServer()
  const { promise, resolve: done } = Promise.withResolvers<NodeJS.ErrnoException | undefined>()
  server.once("error", done)
  server.listen(port, host, () => done(undefined))
  const error = await promise
  server.close()
  const where = `${host}:${port}`
  if (!error) return { name: "port", state: "good", says: `${where} is free` }
  return error.code === "EADDRINUSE"
    ? {
        name: "port",
        state: "warning",
        says: `${where} is taken; by a running Moru, or choose another with --port`,
      }
    : { name: "port", state: "bad", says: `${where}: ${error.message}` }
}

const lowBytes = 2 * 1024 ** 3

async function disk(folder: string): Promise<Examination> {
  const { bavail, bsize } = await statfs(folder).catch(() => statfs("."))
  const free = bavail * bsize
  const says = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${resolve(folder)}`
  return { name: "disk", state: free < lowBytes ? "bad" : "good", says }
}

async function storage(folder: string): Promise<Examination> {
  const { inspectStorage } = await import("../historian/chunks/upkeep/inspect-storage.ts")
  const { usedBytes, kinds, tiers, from } = await inspectStorage({ folder, files: nodeFiles })
  const parts = storageKinds.map((kind) => `${kind} ${sizeText(kinds[kind])}`).join(", ")
  const since = from === undefined ? "" : ` since ${formatIso(from).slice(0, 10)}`
  const summaries = `minutes ${sizeText(tiers.minutes)}, hours ${sizeText(tiers.hours)}`
  const says = `${sizeText(usedBytes)} used: ${parts}; samples${since} as they came ${sizeText(tiers.raw)}, ${summaries}`
  return { name: "storage", state: "good", says }
}

async function ledger(options: DoctorOptions): Promise<readonly Examination[]> {
  const { data: folder, heads: headsFolder } = options
  const { inspectStore } = await import("../store/sqlite/inspect.ts")
  const where = { folder, files: nodeFiles, ...(headsFolder ? { headsFolder } : {}) }
  const seen = await inspectStore(where, new AbortController().signal)
  const says = `${seen.records} records, signed up to ${seen.lastHead}, key ${seen.keyFingerprint}`
  const breaks = seen.breaks.map((b) => `record ${b.number} ${b.kind}: ${b.says}`)
  const faults = seen.fileFaults.map((fault) => `database file: ${fault}`)
  if (breaks.length + faults.length === 0) return [{ name: "ledger", state: "good", says }]
  return [...breaks, ...faults].map((fault) => ({ name: "ledger", state: "bad", says: fault }))
}

async function history(folder: string): Promise<Examination> {
  const { inspectHistory } = await import("../historian/chunks/inspect.ts")
  const where = { folder, files: nodeFiles, disk: nodeDisk }
  const seen = await inspectHistory(where, new AbortController().signal)
  const { samples, inJournal, cycles, faults } = seen
  const waiting = inJournal > 0 ? ` (and ${inJournal} in the journal)` : ""
  const says = `${samples} samples${waiting}, ${cycles} cycles`
  return faults.length === 0
    ? { name: "history", state: "good", says }
    : { name: "history", state: "bad", says: `${says}; ${faults.join("; ")}` }
}
