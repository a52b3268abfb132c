/** One tool at work in the program. Loads in %, as they are with a new tool at 100 % feed. */
export interface Operation {
  readonly tool: number
  readonly seconds: number
  readonly perMin: number
  readonly load: number
  /** Vibration at the spindle, mm/s RMS. */
  readonly vibration: number
  /** Depth that the Z axis goes to, mm. */
  readonly depthMm: number
}

/** What makes a casting's seat, holes, bore and threads. */
export const operations: readonly Operation[] = [
  { tool: 2, seconds: 14, perMin: 5200, load: 38, vibration: 1.6, depthMm: -3 },
  { tool: 5, seconds: 13, perMin: 4100, load: 46, vibration: 1.4, depthMm: -32 },
  { tool: 8, seconds: 20, perMin: 2800, load: 34, vibration: 1.1, depthMm: -45 },
  { tool: 12, seconds: 9, perMin: 900, load: 22, vibration: 0.7, depthMm: -20 },
]

/** The boring bar makes the size that the leak tester depends on; it is the tool that wears. */
export const boringTool = 8
/** Parts after which the controller asks for a new one. */
export const boringToolParts = 250

const loadingS = 6
const toolChangeS = 3
const unloadingS = 6

export type Phase =
  | { readonly kind: "handling" }
  | { readonly kind: "tool-change"; readonly tool: number }
  | { readonly kind: "cutting"; readonly operation: Operation; readonly done: number }
  | { readonly kind: "finished" }

/** Where the program stands after so much of each: cutting goes with the feed, the rest does not. */
export class ProgramRun {
  #step = 0
  #done = 0
  readonly #steps: readonly {
    readonly phase: "handling" | "tool-change" | Operation
    readonly seconds: number
  }[] = [
    { phase: "handling", seconds: loadingS },
    ...operations.flatMap((operation, i) => [
      ...(i === 0 ? [] : [{ phase: "tool-change" as const, seconds: toolChangeS }]),
      { phase: operation, seconds: operation.seconds },
    ]),
    { phase: "handling", seconds: unloadingS },
  ]

  /** One second at a feed of so much of the programmed. */
  step(feed: number): Phase {
    const step = this.#steps[this.#step]
    if (!step) return { kind: "finished" }
    this.#done += typeof step.phase === "object" ? feed : 1
    const phase = this.#phase()
    if (this.#done >= step.seconds) {
      this.#step++
      this.#done = 0
    }
    return phase
  }

  get isFinished(): boolean {
    return this.#step >= this.#steps.length
  }

  #phase(): Phase {
    const step = this.#steps[this.#step]
    if (!step) return { kind: "finished" }
    if (step.phase === "handling") return { kind: "handling" }
    if (step.phase === "tool-change") {
      const next = this.#steps[this.#step + 1]?.phase
      return { kind: "tool-change", tool: typeof next === "object" ? next.tool : 0 }
    }
    return { kind: "cutting", operation: step.phase, done: Math.min(1, this.#done / step.seconds) }
  }
}
