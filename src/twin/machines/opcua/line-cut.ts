import type { MachineContext } from "../../machine.ts"
import type { MachineServer } from "./server.ts"

/** How long the fault `connection-lost` lasts at full severity unless it is ended before. */
const longestMs = 300_000

/** The fault `connection-lost`: throws clients out, lets none in, and comes back by itself. */
export class LineCut {
  readonly #server: MachineServer
  readonly #context: MachineContext
  #lost: AbortController | undefined
  #isStopped = false

  constructor(server: MachineServer, context: MachineContext) {
    this.#server = server
    this.#context = context
  }

  /** 0 ends it at once. */
  async cut(severity: number): Promise<void> {
    this.#lost?.abort()
    this.#lost = undefined
    if (severity === 0) return
    const lost = new AbortController()
    this.#lost = lost
    await this.#server.suspend()
    this.#comeBack(longestMs * severity, lost.signal).catch((thrown) =>
      this.#context.log.error("connection not restored", { thrown: String(thrown) }),
    )
  }

  stop(): void {
    this.#isStopped = true
    this.#lost?.abort()
  }

  async #comeBack(ms: number, signal: AbortSignal): Promise<void> {
    await this.#context.clock.sleep(ms, signal).catch(() => {})
    if (this.#isStopped) return
    await this.#server.restore()
    this.#context.tell("connection restored", {})
  }
}
