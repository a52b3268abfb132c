import type { Log } from "../../kernel/log.ts"
import { nextTurn } from "../../kernel/turn.ts"
import { problemOf } from "../../model/problem.ts"
import type { Hand } from "./hand/hand.ts"
import type { OpenRuns } from "./open/open-runs.ts"
import type { Sources } from "./open/sources.ts"
import type { PartitionViews } from "./partition/partition-views.ts"

/** Runs handed over at once: some milliseconds of the hand's time, so that no batch waits for long. */
const runsAtOnce = 64
/** Frozen rows beyond which appends wait for the hand. */
const mostFrozenRows = 500_000

/** Which runs stay open when a segment of the journal ends: those begun in the segment before too, or none. */
export type Staying = "recent" | "none"

/** Brings runs into chunks, and the journal to what is not in chunks yet. */
export class Sealer {
  readonly #hand: Hand
  readonly #runs: OpenRuns
  readonly #sources: Sources
  readonly #views: PartitionViews
  readonly #log: Log
  /** Where each generation begins: its rows stand in frames behind this position. */
  readonly #begins = new Map<number, number>()
  #sealing: Promise<void> | undefined
  #turning: Promise<void> = Promise.resolve()

  constructor(options: {
    readonly hand: Hand
    readonly runs: OpenRuns
    readonly sources: Sources
    readonly views: PartitionViews
    readonly log: Log
  }) {
    this.#hand = options.hand
    this.#runs = options.runs
    this.#sources = options.sources
    this.#views = options.views
    this.#log = options.log
  }

  /** Writes the chunks of all frozen runs. Rejects as the hand does; the rest stays frozen. */
  seal(): Promise<void> {
    this.#sealing ??= this.#sealAll().finally(() => {
      this.#sealing = undefined
    })
    return this.#sealing
  }

  /** As `seal`, when nobody waits for it: what fails is logged and tried again with the next rows. */
  sealSoon(): void {
    if (this.#sealing === undefined && this.#runs.frozenRows > 0) this.seal().catch(this.#complain)
  }

  /** Resolves where the hand has not too much to do; rejects where it cannot do it. */
  async room(): Promise<void> {
    while (this.#runs.frozenRows > mostFrozenRows) await this.seal()
  }

  /**
   * Ends the journal's segment, seals the runs that do not stay open, and drops the segments that nobody needs any
   * more. Rejects as the hand does; then nothing is dropped.
   */
  turnOver(staying: Staying): Promise<void> {
    const turned = this.#turning.then(() => this.#turnOver(staying))
    this.#turning = turned.catch(() => {})
    return turned
  }

  /** Lets the hand make few full chunks of many small ones, as long as nothing waits to be sealed. Rejects as the hand does. */
  async tidy(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#sealing === undefined && (await this.#hand.compact()));
  }

  turnOverSoon(): void {
    this.turnOver("recent").catch(this.#complain)
  }

  async #sealAll(): Promise<void> {
    for (;;) {
      const frozen = this.#runs.oldestFrozen(runsAtOnce)
      if (frozen.length === 0) return
      const isReplay = frozen.some((one) => one.isReplay)
      const runs = frozen.map(({ shared }) => shared)
      for (const start of await this.#hand.seal({ runs, isReplay })) this.#views.note(start)
      this.#runs.release(frozen.length)
    }
  }

  async #turnOver(staying: Staying): Promise<void> {
    const position = await this.#hand.roll()
    const generation = ++this.#runs.generation
    this.#begins.set(generation, position)
    const first = staying === "none" ? generation : generation - 1
    for (const _ of this.#runs.freezeBefore(first)) await nextTurn()
    await this.seal()
    const oldest = Math.min(this.#runs.oldestGeneration(), generation)
    const sources = this.#sources.moved()
    await this.#hand.settle({ sources, position: this.#begins.get(oldest) ?? 0 })
    this.#sources.told(sources)
    for (const past of this.#begins.keys()) if (past < oldest) this.#begins.delete(past)
  }

  readonly #complain = (thrown: unknown): void => {
    const { code, message } = problemOf(thrown, "historian")
    this.#log.error("chunks were not written; their rows stay in the journal", { code, message })
  }
}
