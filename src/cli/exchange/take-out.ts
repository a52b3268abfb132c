import { createWriteStream } from "node:fs"
import { rename, rm } from "node:fs/promises"
import { pipeline } from "node:stream/promises"
import { type ExportFormat, type ExportProgress, exportFormats } from "../../exchange/export.ts"
import { SystemClock } from "../../kernel/clock/system.ts"
import type { Plant } from "../../model/plant.ts"
import { Problem } from "../../model/problem.ts"
import { openPlant, plantRequest } from "../connect/plant.ts"
import { print } from "../print.ts"
import { MoruClient } from "../values/client.ts"
import { type EnterOptions, enter } from "../values/enter.ts"
import { readTime } from "./time.ts"

export interface TakeOutOptions extends EnterOptions {
  readonly tags: string
  readonly from: string
  readonly to?: string
  readonly format?: string
  readonly out: string
  /** The data folder of a stopped Moru, instead of a running one. */
  readonly data?: string
  readonly plant?: string
  readonly json: boolean
}

/** The last instant that a date can name. */
const endOfTime = 8.64e15
const tellMs = 500

/** Writes a file of samples; it stands under its name only when it is whole. */
export async function takeOut(options: TakeOutOptions, signal: AbortSignal): Promise<void> {
  const { out, json } = options
  const format = formatOf(options)
  const meter = new Meter(out)
  const pieces = options.data === undefined ? askRunning : readStopped
  await write(out, meter.through(pieces({ ...options, format, meter }, signal)), signal)
  const { bytes } = meter
  if (json) print(JSON.stringify({ file: out, format, bytes }))
  else print(`${out}: ${megabytes(bytes)}`)
}

type Task = Omit<TakeOutOptions, "format"> & {
  readonly format: ExportFormat
  readonly meter: Meter
}

async function* askRunning(task: Task, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { url, tags, format, from, to } = task
  if (task.plant !== undefined)
    throw new Problem(
      "option-invalid",
      "--plant",
      "only goes with --data: a running Moru knows its plant",
    )
  const client = new MoruClient(url, signal)
  await enter(client, task)
  const { timezone } = await client.plant()
  const asked = new URLSearchParams({ tags, format, from: `${readTime("from", from, timezone)}` })
  if (to !== undefined) asked.set("to", `${readTime("to", to, timezone)}`)
  yield* await client.download(`/export?${asked}`)
}

async function* readStopped(task: Task, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { data = "", tags: patterns, format, env, meter } = task
  const plant = await plantOf(task.plant, env)
  const timezone = plant?.timezone ?? "UTC"
  const from = readTime("from", task.from, timezone)
  const to = task.to === undefined ? endOfTime : readTime("to", task.to, timezone)
  if (from >= to) throw new Problem("option-invalid", "--to", "expected a time after --from")
  const { writeStopped } = await import("./stopped.ts")
  const onProgress = (progress: ExportProgress) => meter.tell(progress)
  yield* writeStopped(
    { ...{ data, patterns, format, plant, timezone, from, to }, onProgress },
    signal,
  )
}

async function plantOf(
  folder: string | undefined,
  env: TakeOutOptions["env"],
): Promise<Plant | undefined> {
  return folder === undefined ? undefined : (await openPlant(await plantRequest(folder, env))).plant
}

/** As it is named, or by the file's ending. Throws `option-invalid`. */
function formatOf({ format, out }: TakeOutOptions): ExportFormat {
  const named = format ?? out.slice(out.lastIndexOf(".") + 1).toLowerCase()
  const found = exportFormats.find((each) => each === named)
  if (found) return found
  const expected = exportFormats.join(" or ")
  throw new Problem("option-invalid", "--format", `got "${named}", expected ${expected}`)
}

async function write(
  out: string,
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const part = `${out}.part`
  try {
    await pipeline(pieces, createWriteStream(part), { signal })
    await rename(part, out)
  } catch (thrown) {
    await rm(part, { force: true })
    const { syscall, code } = thrown as NodeJS.ErrnoException
    if (syscall === undefined || signal.aborted || thrown instanceof Problem) throw thrown
    throw new Problem("option-invalid", `--out ${out}`, `got ${code}, expected a file to write`, {
      cause: thrown,
    })
  }
}

/** Counts what goes by, and tells it on a terminal. */
class Meter {
  readonly #out: string
  readonly #clock = new SystemClock()
  #told = 0
  #progress: ExportProgress | undefined
  bytes = 0

  constructor(out: string) {
    this.#out = out
  }

  tell(progress: ExportProgress): void {
    this.#progress = progress
  }

  async *through(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this.bytes += piece.length
      this.#show()
      yield piece
    }
    if (this.#told > 0) process.stderr.write("\r\u001b[K")
  }

  #show(): void {
    const now = this.#clock.monotonic()
    if (!process.stderr.isTTY || now - this.#told < tellMs) return
    this.#told = now
    const { share, rows } = this.#progress ?? {}
    const done = share === undefined ? "" : `, ${Math.floor(share * 100)} %, ${rows} samples`
    process.stderr.write(`\r\u001b[K${this.#out}: ${megabytes(this.bytes)}${done}`)
  }
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
