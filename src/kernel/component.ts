/** Something that runs. A constructor only stores its arguments; work begins in `start`. */
export interface Component {
  readonly name: string
  /** Resolves when it works; rejects with a Problem when it cannot. */
  start(signal: AbortSignal): Promise<void>
  /** Stops taking work, finishes what is under way, releases everything. Never throws. */
  stop(): Promise<void>
  health(): Health
}

export type Health =
  | { readonly state: "stopped" | "starting" | "running" | "stopping" }
  | { readonly state: "degraded"; readonly because: string; readonly hint: string }
