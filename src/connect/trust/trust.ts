import type { Clock } from "../../kernel/clock.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import type { LedgerKind } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"
import type { Trust } from "../connector.ts"

/** A server's certificate as it was met, and what an engineer decided about it. */
export interface KnownCertificate {
  /** SHA-256 over the certificate (DER), hex. */
  readonly fingerprint: string
  /** The device that met it first. */
  readonly device: string
  readonly subject: string
  readonly pem: string
  readonly seenAt: Instant
  readonly state: "waiting" | "trusted" | "refused"
}

type TrustStore = Pick<Store, "commit" | "get" | "list" | "ledger">

/** Trust in certificates, one by one, as documents of the store; every change is in the ledger. */
export class StoreTrust implements Trust {
  readonly #store: TrustStore
  readonly #clock: Clock
  readonly #listeners = new Set<(device: string) => void>()

  constructor(options: { store: TrustStore; clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  async isTrusted(seen: Parameters<Trust["isTrusted"]>[0]): Promise<boolean> {
    const known = await this.#get(seen.fingerprint)
    if (known) return known.state === "trusted"
    const certificate = { ...seen, seenAt: this.#clock.now(), state: "waiting" as const }
    await this.#put(certificate, "certificate.seen", `device:${seen.device}`)
    return false
  }

  onDecided(listener: (device: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  list(): Promise<readonly KnownCertificate[]> {
    return this.#store.list<KnownCertificate>("certificate")
  }

  /** From now on the device that waits may connect. Throws `not-found`. */
  trust(fingerprint: string, by: string): Promise<void> {
    return this.#decide(fingerprint, "trusted", by)
  }

  /** No device may connect to it. Throws `not-found`. */
  refuse(fingerprint: string, by: string): Promise<void> {
    return this.#decide(fingerprint, "refused", by)
  }

  async #decide(fingerprint: string, state: "trusted" | "refused", by: string): Promise<void> {
    const known = await this.#get(fingerprint)
    if (!known)
      throw new Problem("not-found", `certificate ${fingerprint}`, "no machine showed such a one")
    if (known.state === state) return
    await this.#put({ ...known, state }, `certificate.${state}`, by)
    for (const listener of this.#listeners) listener(known.device)
  }

  #get(fingerprint: string): Promise<KnownCertificate | undefined> {
    return this.#store.get<KnownCertificate>("certificate", fingerprint)
  }

  async #put(certificate: KnownCertificate, kind: LedgerKind, by: string): Promise<void> {
    const { fingerprint, device, subject } = certificate
    const causes = await this.#recordsOf(certificate)
    await this.#store.commit({
      records: [{ kind, subject: device, by, causes, body: { fingerprint, subject } }],
      puts: [{ collection: "certificate", id: fingerprint, document: certificate }],
    })
  }

  /** The last record about this certificate: the cause of the next one. */
  async #recordsOf({ fingerprint, device }: KnownCertificate): Promise<readonly string[]> {
    const records = await this.#store.ledger.list({
      kinds: ["certificate.seen", "certificate.trusted", "certificate.refused"],
      subject: device,
      limit: 100,
    })
    return records
      .filter(({ body }) => body.fingerprint === fingerprint)
      .slice(0, 1)
      .map(({ id }) => id)
  }
}
