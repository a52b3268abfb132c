import type { Log } from "../../kernel/log.ts"
import type { Metrics } from "../../kernel/metrics.ts"
import type { SourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import type { Gap } from "../connector.ts"
import type { GapCause, KnownGap, Span } from "../gap.ts"
import type { GapBook } from "./gaps.ts"

export interface DeviceGapsParts {
  readonly device: string
  /** Under which the gaps stand that the line makes. */
  readonly source: SourceId
  readonly equipment: readonly Path[]
  readonly book: GapBook
  readonly metrics: Metrics
  readonly log: Log
}

/** Causes of which each loss is counted into one gap until they cease. */
type Counted = "storage-full" | "refused"

interface Count {
  readonly from: Instant
  to: Instant
  /** Undefined where an earlier run of Moru counted. */
  size: number | undefined
  known: KnownGap | undefined
}

/** Refusals that follow each other within this make one gap. */
const quietMs = 60_000

/** What one device lacks at present. No record that fails holds the device up; it is tried again with the next loss. */
export class DeviceGaps {
  readonly #parts: DeviceGapsParts
  #line: KnownGap | undefined
  readonly #counts = new Map<Counted, Count>()

  constructor(parts: DeviceGapsParts) {
    this.#parts = parts
  }

  /** The gaps that are still open. */
  get open(): readonly KnownGap[] {
    const counted = [...this.#counts.values()].flatMap(({ known }) => known ?? [])
    return this.#line ? [this.#line, ...counted] : counted
  }

  /** Takes over what an earlier connection left open. */
  inherit(gaps: readonly KnownGap[]): void {
    for (const known of gaps)
      if (isCounted(known.because))
        this.#counts.set(known.because, {
          from: known.from,
          to: known.from,
          size: undefined,
          known,
        })
      else this.#line ??= known
  }

  /** A gap was looked at again after late data came. */
  retake(gap: KnownGap): void {
    if (this.#line?.id === gap.id) this.#line = gap
    for (const count of this.#counts.values()) if (count.known?.id === gap.id) count.known = gap
  }

  get line(): KnownGap | undefined {
    return this.#line
  }

  /** Nobody knows the machine from then on. */
  async openLine(because: GapCause, from: Instant): Promise<void> {
    if (this.#line) return
    this.#line = await this.#tryOpen({ because, from })
  }

  async closeLine(to: Instant): Promise<void> {
    const gap = this.#line
    if (!gap) return
    this.#line = undefined
    await this.#tryTo(() => this.#parts.book.close(gap, to))
  }

  /** So many more are lost; the first of them opens the gap. */
  async lose(because: Counted, { from, to }: Span, size: number): Promise<void> {
    const count = this.#counts.get(because) ?? { from, to, size: 0, known: undefined }
    this.#counts.set(because, count)
    count.to = Math.max(count.to, to)
    if (count.size !== undefined) count.size += size
    count.known ??= await this.#tryOpen({ because, from: count.from })
  }

  /** Values were lost for want of room, and none was stored since. */
  get lacksRoom(): boolean {
    return this.#counts.has("storage-full")
  }

  /** Values are stored again. */
  async room(at: Instant): Promise<void> {
    await this.#end("storage-full", at)
  }

  /** Ends the refusals once there were none for a while. */
  async tidy(now: Instant): Promise<void> {
    const refused = this.#counts.get("refused")
    if (refused && now - refused.to > quietMs) await this.#end("refused", refused.to)
  }

  /** Ends what is counted: nobody will count on. */
  async stop(): Promise<void> {
    for (const [because, { to }] of this.#counts) await this.#end(because, to)
  }

  /** A gap that was over when the device noticed it. */
  async record({ to, ...gap }: Gap): Promise<void> {
    const { device, equipment, book } = this.#parts
    this.#count(gap.because)
    await book.record({ device, equipment, ...gap }, to)
  }

  async #end(because: Counted, to: Instant): Promise<void> {
    const count = this.#counts.get(because)
    if (!count) return
    const known = count.known ?? (await this.#tryOpen({ because, from: count.from }))
    if (!known) return
    this.#counts.delete(because)
    await this.#tryTo(() => this.#parts.book.close(known, Math.max(to, count.from), count.size))
  }

  async #tryOpen(gap: Pick<KnownGap, "because" | "from">): Promise<KnownGap | undefined> {
    const { device, source, equipment, book } = this.#parts
    return this.#tryTo(async () => {
      const known = await book.open({ device, source, equipment, ...gap })
      this.#count(gap.because)
      return known
    })
  }

  async #tryTo<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work()
    } catch (thrown) {
      this.#parts.log.error("could not record a gap", { because: String(thrown) })
      return undefined
    }
  }

  #count(because: GapCause): void {
    const { device, metrics } = this.#parts
    metrics.count("moru_device_gaps_total", { device, because })
  }
}

function isCounted(because: GapCause): because is Counted {
  return because === "storage-full" || because === "refused"
}
