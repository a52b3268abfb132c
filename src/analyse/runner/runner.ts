import type { History } from "../../historian/historian.ts"
import type { Clock } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Ids } from "../../kernel/ids.ts"
import type { Log } from "../../kernel/log.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Path } from "../../model/path.ts"
import type { PartConfig, Plant } from "../../model/plant.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { Namespace } from "../../namespace/namespace.ts"
import type { Store } from "../../store/store.ts"
import type { Finding, Findings } from "../finding.ts"
import type { LateNews } from "../late.ts"
import { placeOf } from "../place.ts"
import { analysers } from "../registry.ts"
import { findAgain } from "./again.ts"
import { FindingBook } from "./book.ts"
import { missedCycles } from "./catch-up.ts"
import { type Desk, firstDesk, type SetPoint } from "./desk.ts"
import { followSetPoint, readSetPoints, setPointsOf } from "./set-points.ts"
import { type Seat, Turn } from "./turn.ts"

export interface AnalyserRunnerOptions {
  readonly plant: Pick<Plant, "analysers" | "devices" | "tags">
  readonly namespace: Namespace
  readonly history: History
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** Cycles that may wait; whoever brings more waits for them. */
const mostWaiting = 5000
const retryMs = 1000

/** Shows the plant's analysers every cycle once, in the order of time, and keeps what they find. */
export class AnalyserRunner implements Component, Findings {
  readonly name = "analyse"
  readonly #options: AnalyserRunnerOptions
  readonly #log: Log
  readonly #book: FindingBook
  #plant: AnalyserRunnerOptions["plant"]
  #seats: readonly Seat[] = []
  readonly #stopping = new AbortController()
  #cycles: Cycle[] = []
  #setPoints: SetPoint[] = []
  #news: { readonly news: LateNews; readonly done: () => void }[] = []
  #wake: (() => void) | undefined
  #room: (() => void)[] = []
  #loops: Promise<void>[] = []
  #busy = false
  #health: Health = { state: "stopped" }

  constructor(options: AnalyserRunnerOptions) {
    this.#options = options
    this.#plant = options.plant
    this.#log = options.log.of("analyse")
    this.#book = new FindingBook(this.#log)
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#health = { state: "starting" }
    const { store } = this.#options
    await this.#book.load(store)
    await this.#takeSeats(signal)
    const until = AbortSignal.any([signal, this.#stopping.signal])
    until.addEventListener("abort", () => this.#wake?.(), { once: true })
    this.#loops = [this.#loop(until), ...this.#watchSetPoints(until)]
    this.#health = { state: "running" }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled(this.#loops)
    this.#health = { state: "stopped" }
  }

  health(): Health {
    return this.#health
  }

  list(): readonly Finding[] {
    return this.#book.list()
  }

  get(id: string): Finding | undefined {
    return this.#book.get(id)
  }

  onChange(listener: (finding: Finding) => void): () => void {
    return this.#book.onChange(listener)
  }

  /** Takes a changed plant over; an analyser of the same name and kind goes on with what it remembers. */
  async replan(plant: AnalyserRunnerOptions["plant"]): Promise<void> {
    await this.settled()
    this.#plant = plant
    await this.#takeSeats(this.#stopping.signal)
  }

  /**
   * Takes cycles that are durable. Resolves at once while few wait, else when there is room: the back-pressure. What
   * has not been analysed at a crash is read from history at the next start.
   */
  async observe(cycles: readonly Cycle[]): Promise<void> {
    if (this.#seats.length === 0 && this.#plant.analysers.length === 0) return
    while (this.#cycles.length >= mostWaiting && !this.#stopping.signal.aborted)
      await new Promise<void>((room) => this.#room.push(room))
    for (const seat of this.#seats) noteLate(seat, cycles)
    this.#cycles.push(...cycles)
    this.#wake?.()
  }

  /** Late data came: findings that would have been others are found again. Resolves when that is durable. */
  async again(news: LateNews): Promise<void> {
    if (this.#stopping.signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#news.push({ news, done: resolve })
    this.#wake?.()
    await promise
  }

  /** Resolves when everything handed over so far is analysed and durable. */
  async settled(): Promise<void> {
    while ((this.#hasWork || this.#busy) && !this.#stopping.signal.aborted)
      await new Promise<void>((room) => this.#room.push(room))
  }

  async #takeSeats(signal: AbortSignal): Promise<void> {
    const seats = await Promise.all(this.#plant.analysers.map((config) => this.#seatOf(config)))
    await this.#catchUp(seats, signal)
    this.#seats = seats
  }

  async #seatOf(config: PartConfig): Promise<Seat> {
    const { store } = this.#options
    const kind = await analysers[config.kind]?.()
    if (!kind)
      throw new Problem(
        "config-invalid",
        `analyser ${config.name}`,
        `got kind "${config.kind}", expected one of ${Object.keys(analysers).join(", ")}`,
      )
    const analyser = kind.create(config.options, placeOf(this.#plant, config.equipment))
    const kept = await store.get<Desk>("memory", `analyser:${config.name}`)
    const desk = kept?.kind === config.kind ? kept : firstDesk(config.kind, analyser.initial)
    return { config, analyser, desk }
  }

  async #catchUp(seats: readonly Seat[], signal: AbortSignal): Promise<void> {
    const { history, namespace } = this.#options
    for (const seat of seats) {
      const { equipment } = seat.config
      const tags = setPointsOf(this.#plant.tags, equipment)
      const since = seat.desk.lastEnd
      const setPoints =
        since === 0 ? [] : await readSetPoints(tags, { history, namespace, since, signal })
      for await (const cycles of missedCycles(history, equipment, seat.desk, signal))
        await this.#turn(seat, cycles, setPoints)
    }
  }

  #watchSetPoints(signal: AbortSignal): Promise<void>[] {
    const { namespace } = this.#options
    const tags = new Set<Path>(
      this.#seats.flatMap((seat) => setPointsOf(this.#plant.tags, seat.config.equipment)),
    )
    const take = (setPoints: readonly SetPoint[]) => {
      this.#setPoints.push(...setPoints)
      this.#wake?.()
    }
    return [...tags].map((tag) => followSetPoint(tag, namespace, { signal, take }))
  }

  async #loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!this.#hasWork) {
        this.#giveRoom()
        await new Promise<void>((wake) => {
          this.#wake = wake
        })
        this.#wake = undefined
        continue
      }
      this.#busy = true
      const cycles = this.#cycles.splice(0)
      const setPoints = this.#setPoints.splice(0)
      await this.#untilDurable(() => this.#turns(cycles, setPoints), signal)
      for (const { news, done } of this.#news.splice(0)) {
        await this.#untilDurable(() => this.#lateTurns(news), signal)
        done()
      }
      this.#busy = false
      this.#giveRoom()
    }
    this.#giveRoom()
    for (const { done } of this.#news.splice(0)) done()
  }

  get #hasWork(): boolean {
    return this.#cycles.length > 0 || this.#setPoints.length > 0 || this.#news.length > 0
  }

  #giveRoom(): void {
    for (const room of this.#room.splice(0)) room()
  }

  #turns(cycles: readonly Cycle[], setPoints: readonly SetPoint[]): Promise<void>[] {
    return this.#seats.map((seat) => this.#turn(seat, cycles, setPoints))
  }

  #lateTurns(news: LateNews): Promise<void>[] {
    return this.#seats.map((seat) => this.#findAgain(seat, news))
  }

  async #untilDurable(turns: () => Promise<void>[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const failed = (await Promise.allSettled(turns())).find((turn) => turn.status === "rejected")
      if (!failed) {
        this.#health = { state: "running" }
        return
      }
      const { message, hint } = problemOf(failed.reason, "analyse")
      this.#health = { state: "degraded", because: message, hint }
      this.#log.error("findings could not be kept; trying again", { problem: message })
      await this.#options.clock.sleep(retryMs, signal).catch(() => {})
    }
  }

  /** Only where late cycles came, or a set point was another than was known. */
  async #findAgain(seat: Seat, { paths, from, record }: LateNews): Promise<void> {
    const setPoints = setPointsOf(this.#plant.tags, seat.config.equipment)
    const changed = setPoints.some((tag) => paths.has(tag)) ? from : Number.POSITIVE_INFINITY
    const since = Math.min(seat.lateFrom ?? Number.POSITIVE_INFINITY, changed)
    if (since === Number.POSITIVE_INFINITY) return
    const { namespace, history, store, clock, ids } = this.#options
    const tools = { namespace, history, store, ids, book: this.#book }
    const asked = { since, late: record, now: clock.now(), setPoints }
    await findAgain(seat, asked, { ...tools, signal: this.#stopping.signal })
    seat.lateFrom = undefined
  }

  async #turn(seat: Seat, cycles: readonly Cycle[], setPoints: readonly SetPoint[]): Promise<void> {
    const { namespace, history, store, clock, ids } = this.#options
    const { equipment } = seat.config
    const own = cycles.filter((cycle) => cycle.equipment === equipment)
    const tags = new Set(setPointsOf(this.#plant.tags, equipment))
    const ownSetPoints = setPoints.filter((setPoint) => tags.has(setPoint.tag))
    if (own.length === 0 && ownSetPoints.length === 0) return
    const signal = this.#stopping.signal
    const turn = new Turn(seat, { store, history, namespace, book: this.#book, ids, signal })
    const now = { at: clock.now(), values: namespace.snapshot() }
    await turn.take({ cycles: own, setPoints: ownSetPoints }, now)
  }
}

/** A number at or before the last of its source, or an older end of a source that was not there before. */
function noteLate(seat: Seat, cycles: readonly Cycle[]): void {
  const { seen, lastEnd } = seat.desk
  for (const { equipment, source, sequence, end } of cycles) {
    if (equipment !== seat.config.equipment) continue
    const last = seen[source]
    if (last === undefined ? end >= lastEnd : sequence > last) continue
    seat.lateFrom = Math.min(seat.lateFrom ?? end, end)
  }
}
