import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import { Problem } from "../../model/problem.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"

interface KeyDocument {
  readonly is: "edge-key"
  readonly edge: string
  /** SHA-256 of the key, hex: it has 256 bits of chance, so nothing slower is needed. */
  readonly hash: string
}

/** One credential an edge: `<edge>.<secret>`, shown once, kept as its hash. */
export class EdgeKeys {
  readonly #store: Pick<Store, "commit" | "list">
  readonly #hashes = new Map<string, string>()

  constructor(store: Pick<Store, "commit" | "list">) {
    this.#store = store
  }

  async load(): Promise<void> {
    const all = await this.#store.list<Partial<KeyDocument>>("memory")
    for (const { is, edge, hash } of all)
      if (is === "edge-key" && edge !== undefined && hash !== undefined)
        this.#hashes.set(edge, hash)
  }

  has(edge: string): boolean {
    return this.#hashes.has(edge)
  }

  /** A new key; the one before it ends. */
  async make(edge: string, by: string): Promise<{ key: string; record: LedgerId }> {
    const key = `${edge}.${randomBytes(32).toString("base64url")}`
    const document: KeyDocument = { is: "edge-key", edge, hash: hashOf(key) }
    const [record] = await this.#store.commit({
      records: [{ kind: "edge.key-made", subject: edge, by, causes: [], body: {} }],
      puts: [{ collection: "memory", id: idOf(edge), document }],
    })
    this.#hashes.set(edge, document.hash)
    return { key, record: record?.id ?? "" }
  }

  /** No edge of this name is let in until it gets a new key. */
  async end(edge: string, by: string): Promise<void> {
    await this.#store.commit({
      records: [{ kind: "edge.key-ended", subject: edge, by, causes: [], body: {} }],
      puts: [{ collection: "memory", id: idOf(edge), document: undefined }],
    })
    this.#hashes.delete(edge)
  }

  /** The edge that sent this. Throws `edge-refused`; it takes the same time wherever keys differ. */
  edgeOf(authorization: string | undefined): string {
    const [, key = ""] = /^Bearer (.+)$/.exec(authorization ?? "") ?? []
    const edge = key.slice(0, Math.max(0, key.lastIndexOf(".")))
    const known = Buffer.from(this.#hashes.get(edge) ?? hashOf(""), "hex")
    if (timingSafeEqual(Buffer.from(hashOf(key), "hex"), known) && key !== "") return edge
    throw new Problem("edge-refused", "edge", "got no key that was made for an edge here")
  }
}

function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex")
}

function idOf(edge: string): string {
  return `edge-key/${edge}`
}
