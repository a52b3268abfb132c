import { createHash } from "node:crypto"
import type { Completeness, Verdict } from "../../historian/completeness.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import { canonicalJson } from "../../store/chain.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"

/** A report as it was issued; only `annotations` grow. */
export interface IssuedReport {
  readonly id: string
  readonly at: Instant
  /** Person id. */
  readonly by: string
  readonly equipment?: Path
  readonly report: Completeness
  readonly digest: string
  readonly record?: LedgerId
  readonly annotations: readonly {
    readonly at: Instant
    readonly late: LedgerId
    readonly from: Instant
    readonly to: Instant
    readonly rows: number
  }[]
}

/** SHA-256, hex, over the report's canonical JSON: the same history gives the same digest. */
export function reportDigest(report: Completeness): string {
  return createHash("sha256").update(canonicalJson(report)).digest("hex")
}

/** Issued reports, kept as they are; the ledger holds each one's digest. */
export class Reports {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Durable, and in the ledger, when it resolves. */
  async issue(
    given: Pick<IssuedReport, "id" | "at" | "by" | "report"> & { readonly equipment?: Path },
  ): Promise<IssuedReport> {
    const { by, equipment, report } = given
    const digest = reportDigest(report)
    const { from, to, verdict, devices } = report
    const verdicts: readonly { device: string; verdict: Verdict }[] = devices.map((device) => ({
      device: device.device,
      verdict: device.verdict,
    }))
    const document: IssuedReport = { ...given, digest, annotations: [] }
    const body = { report: given.id, from, to, verdict, digest, devices: verdicts }
    const causes = devices.flatMap(({ gaps }) => gaps.map(({ id }) => id))
    const [record] = await this.#store.commit({
      records: [{ kind: "report.issued", subject: equipment ?? "plant", by, causes, body }],
      puts: [{ collection: "report", id: given.id, document, record: 0 }],
    })
    return { ...document, record: record?.id ?? "" }
  }

  /** Newest first. */
  async list(): Promise<readonly IssuedReport[]> {
    const all = await this.#store.list<IssuedReport>("report")
    return all.toSorted((a, b) => b.at - a.at)
  }

  /** Throws `not-found`. */
  async get(id: string): Promise<IssuedReport> {
    const found = await this.#store.get<IssuedReport>("report", id)
    if (!found) throw new Problem("not-found", `report ${id}`, "no such report was issued")
    return found
  }
}
