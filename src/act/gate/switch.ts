import type { Instant } from "../../model/instant.ts"
import type { LedgerKind } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"

interface SwitchDocument {
  readonly stopped: boolean
  readonly by: string
  readonly reason: string
  readonly at: Instant
}

/** A switch that keeps its place over restarts and says in the ledger who moved it and why. */
export class Switch {
  readonly #store: Store
  readonly #setting: string
  readonly #kinds: { readonly stop: LedgerKind; readonly allow: LedgerKind }
  #stopped = false

  constructor(
    store: Store,
    setting: string,
    kinds: { readonly stop: LedgerKind; readonly allow: LedgerKind },
  ) {
    this.#store = store
    this.#setting = setting
    this.#kinds = kinds
  }

  get stopped(): boolean {
    return this.#stopped
  }

  async load(): Promise<void> {
    const document = await this.#store.get<SwitchDocument>("setting", this.#setting)
    this.#stopped = document?.stopped ?? false
  }

  /** Stops at once, even where the store then fails. */
  async stop(move: Omit<SwitchDocument, "stopped">): Promise<void> {
    this.#stopped = true
    await this.#keep({ ...move, stopped: true })
  }

  /** Allows only once it is durable. */
  async allow(move: Omit<SwitchDocument, "stopped">): Promise<void> {
    await this.#keep({ ...move, stopped: false })
    this.#stopped = false
  }

  async #keep(document: SwitchDocument): Promise<void> {
    const { by, reason, at, stopped } = document
    const kind = stopped ? this.#kinds.stop : this.#kinds.allow
    await this.#store.commit({
      records: [{ kind, at, subject: "plant", by, causes: [], body: { reason } }],
      puts: [{ collection: "setting", id: this.#setting, document }],
    })
  }
}
