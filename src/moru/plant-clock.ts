import { join } from "node:path"
import { SystemClock } from "../kernel/clock/system.ts"
import { every } from "../kernel/clock.ts"
import type { Component, Health } from "../kernel/component.ts"
import type { Files } from "../kernel/files.ts"
import type { Log } from "../kernel/log.ts"
import type { Instant } from "../model/instant.ts"

const file = "clock.json"
const rhythmMs = 2000

/**
 * Plant time never runs backwards in a data folder: after a run at `--speed 60` the next one goes on where plant time
 * had come to, even if that is ahead of the computer's clock.
 */
export async function openPlantClock(
  folder: string,
  files: Files,
  speed: number,
): Promise<SystemClock> {
  const { realOrigin } = new SystemClock()
  const reached = await readReached(folder, files)
  return new SystemClock({ speed, realOrigin, plantOrigin: Math.max(realOrigin, reached) })
}

/** Notes how far plant time has come, where it may run ahead of the computer's clock. */
export class PlantClockKeeper implements Component {
  readonly name = "plant clock"
  readonly #clock: SystemClock
  readonly #folder: string
  readonly #files: Files
  readonly #log: Log
  readonly #stopping = new AbortController()
  #loop: Promise<void> | undefined

  constructor(options: { clock: SystemClock; folder: string; files: Files; log: Log }) {
    this.#clock = options.clock
    this.#folder = options.folder
    this.#files = options.files
    this.#log = options.log
  }

  async start(): Promise<void> {
    if (this.#clock.speed === 1 && this.#clock.plantOrigin === this.#clock.realOrigin) return
    await this.#note()
    this.#loop = every(rhythmMs * this.#clock.speed, () => this.#note(), {
      clock: this.#clock,
      signal: this.#stopping.signal,
      failed: (thrown) =>
        this.#log.warn("plant time could not be noted", { thrown: String(thrown) }),
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    if (this.#loop) await this.#note().catch(() => {})
  }

  health(): Health {
    return { state: "running" }
  }

  /** What may have passed unnoted at a crash is added, so that it is never behind what was stored. */
  async #note(): Promise<void> {
    const reached = this.#clock.now() + 2 * rhythmMs * this.#clock.speed
    await this.#files.write(join(this.#folder, file), JSON.stringify({ reached }))
  }
}

async function readReached(folder: string, files: Files): Promise<Instant> {
  const bytes = await files.read(join(folder, file))
  if (!bytes) return 0
  try {
    const { reached } = JSON.parse(new TextDecoder().decode(bytes)) as { reached: unknown }
    return typeof reached === "number" && Number.isFinite(reached) ? reached : 0
  } catch {
    return 0
  }
}
