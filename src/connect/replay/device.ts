import type { Instant } from "../../model/instant.ts"
import type { Problem } from "../../model/problem.ts"
import type { Deliver, Device, Host, ResumeFrom, Wanted } from "../connector.ts"
import { deliveryOf } from "../records.ts"
import { aborted } from "../waiting.ts"
import { matcherOf, type PlayedFile, readFiles } from "./files.ts"
import type { ReplayOptions } from "./options.ts"
import { type Fields, Track } from "./track.ts"

const mostAtOnce = 500

/** Plays files as records, and as live points where the device has such. */
export class ReplayDevice implements Device {
  readonly #options: ReplayOptions
  readonly #host: Host
  #files: readonly PlayedFile[] = []

  constructor(options: ReplayOptions, host: Host) {
    this.#options = options
    this.#host = host
  }

  async connect(): Promise<void> {
    this.#files = await readFiles(this.#options, this.#host)
  }

  /** Each file goes on after its last durable row; at the end the device stays, silent, until the signal aborts. */
  async follow(
    wanted: Wanted,
    deliver: Deliver,
    resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const tracks = this.#tracks(wanted)
    for (const track of tracks) track.next = await resumeFrom(track.source)
    const isBegun = tracks.some((track) => track.next > 0)
    const pace = new Pace(tracks, this.#options.speed, this.#host)
    let beyond = isBegun ? [] : this.#beyondHeader()
    try {
      for (let part = await pace.next(signal); part; part = await pace.next(signal)) {
        const delivery = deliveryOf(part.track.take(part.count), this.#host.registry)
        await deliver({ ...delivery, refused: [...beyond, ...(delivery.refused ?? [])] })
        beyond = []
      }
      await aborted(signal)
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }

  async close(): Promise<void> {
    this.#files = []
  }

  #tracks(wanted: Wanted): Track[] {
    const given = { columns: this.#options.columns, host: this.#host }
    const points: Fields = {
      name: "points",
      fields: wanted.points.map((point) => ({ name: point.address, point })),
    }
    return this.#files.flatMap((file) => {
      const mine = wanted.records.filter(({ address }) =>
        matcherOf(address || "*")(file.recording.file),
      )
      const all: Fields[] = points.fields.length > 0 ? [...mine, points] : mine
      return all.map((fields) => new Track(file, fields, given))
    })
  }

  /** Unreadable times are told to the log: their rows carry it in their quality. */
  #beyondHeader(): Problem[] {
    const problems = this.#files.flatMap(({ recording }) => recording.problems)
    const times = problems.filter(({ code }) => code === "time-implausible")
    for (const problem of times.slice(0, 10)) this.#host.log.warn(problem.message)
    if (times.length > 10) this.#host.log.warn(`${times.length - 10} more times are unreadable`)
    return problems.filter(({ code }) => code !== "time-implausible")
  }
}

/** Decides which rows come next and when: by recorded time across files, or file after file as fast as it goes. */
class Pace {
  readonly #tracks: readonly Track[]
  readonly #speed: number | "max"
  readonly #host: Host
  readonly #start: Instant
  readonly #origin: Instant

  constructor(tracks: readonly Track[], speed: number | "max", host: Host) {
    this.#tracks = tracks
    this.#speed = speed
    this.#host = host
    this.#start = host.clock.now()
    this.#origin = earliest(tracks)?.nextAt ?? this.#start
  }

  async next(signal: AbortSignal): Promise<{ track: Track; count: number } | undefined> {
    signal.throwIfAborted()
    if (this.#speed === "max") {
      const track = this.#tracks.find(({ nextAt }) => nextAt !== undefined)
      return track && { track, count: mostAtOnce }
    }
    const track = earliest(this.#tracks)
    if (!track) return undefined
    const due = this.#dueAt(track.nextAt ?? this.#origin)
    const { clock } = this.#host
    while (due > clock.now()) await clock.sleep(due - clock.now(), signal)
    const now = clock.now()
    let count = 1
    while (count < mostAtOnce && this.#dueAt(track.recording.at[track.next + count]) <= now) count++
    return { track, count }
  }

  #dueAt(at = Number.POSITIVE_INFINITY): Instant {
    const speed = this.#speed === "max" ? Number.POSITIVE_INFINITY : this.#speed
    return Number.isNaN(at) ? this.#start : this.#start + (at - this.#origin) / speed
  }
}

function earliest(tracks: readonly Track[]): Track | undefined {
  let best: Track | undefined
  for (const track of tracks) {
    const at = track.nextAt
    if (at === undefined) continue
    if (best?.nextAt === undefined || at < best.nextAt) best = track
  }
  return best
}
