import { AttributeIds, DataType, type DataValue, type NodeId, NumericRange } from "node-opcua"
import { BlockWriter, type SourceId, sourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem, type ProblemCode } from "../../model/problem.ts"
import type { Delivery, Gap, RecordBuffer } from "../connector.ts"
import { deliveryOf } from "../records.ts"
import { orAbort } from "../waiting.ts"
import { nodeIdOf } from "./addresses.ts"
import type { FollowJob } from "./follow.ts"
import { type Column, runOf, type Slots, type Span } from "./records.ts"
import { plainOf } from "./values.ts"

/** What is remembered of a buffer over the loss of the line. */
export interface RingKept {
  readonly source: SourceId
  /** The last record delivered, durable or not. */
  last?: { readonly number: number; readonly end: Instant }
}

interface Head {
  readonly newest: number
  readonly capacity: number
  readonly epoch: string
}

/** Records read at once: about 100 kB of numbers, some 10 ms of work on either side. */
const mostAtOnce = 500
/** Looks by itself where no change of the newest number is reported. */
const lookAgainMs = 5000
const lookAgainAtMissingMs = 60_000

/**
 * Follows one numbered buffer. Below the node `B` stand `B.Newest`, `B.Capacity`, `B.Epoch`, and as arrays of
 * `capacity` elements `B.Number`, `B.Time`, optionally `B.TimeQuality` (1: the time is the neighbour's) and one for
 * each field; record n keeps slot (n - 1) % capacity. Reading goes on after the last durable number; a slot that was
 * overwritten meanwhile is a gap of exact size.
 */
export class Ring {
  readonly #buffer: RecordBuffer
  readonly #job: FollowJob
  #atOnce = mostAtOnce
  #timeQuality = true
  /** Number of the last record read, which may be ahead of the last durable one. */
  #done = 0
  #source: SourceId | undefined
  /** End of the record before the next one, where that is known. */
  #lastEnd: Instant | undefined
  /** Records known to be overwritten since the last delivery. */
  #lost = 0
  /** What was last told of a buffer that cannot be read. */
  #told = ""
  #delivering: Promise<void> = Promise.resolve()
  #looking = Promise.withResolvers<void>()

  constructor(buffer: RecordBuffer, job: FollowJob) {
    this.#buffer = buffer
    this.#job = job
  }

  /** Nodes whose change says that there is something to read. */
  get signs(): readonly NodeId[] {
    return ["Newest", "Epoch"].flatMap((name) => this.#node(name) ?? [])
  }

  look(): void {
    this.#looking.resolve()
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#job.host
    try {
      while (!signal.aborted) {
        this.#looking = Promise.withResolvers()
        const head = await this.#head(signal)
        if (head && (await this.#readOn(head, signal))) continue
        await this.#delivering
        const ms = (head ? lookAgainMs : lookAgainAtMissingMs) * (clock.speed ?? 1)
        const enough = new AbortController()
        const either = AbortSignal.any([signal, enough.signal])
        const pause = clock.sleep(ms, either).catch(() => {})
        await Promise.race([pause, this.#looking.promise])
        enough.abort()
      }
      signal.throwIfAborted()
    } finally {
      await this.#delivering.catch(() => {})
    }
  }

  async #head(signal: AbortSignal): Promise<Head | undefined> {
    const [newest, capacity, epoch] = await this.#read(["Newest", "Capacity", "Epoch"], signal)
    const head = {
      newest: Number(plainOf(newest?.value).value ?? Number.NaN),
      capacity: Number(plainOf(capacity?.value).value ?? Number.NaN),
      epoch: String(plainOf(epoch?.value).value ?? ""),
    }
    if (Number.isInteger(head.newest) && head.capacity >= 1) return head
    await this.#tell("point-unknown", `got no numbered buffer at ${this.#buffer.address}`)
    return undefined
  }

  /** True where records were read, so that it pays to look again at once. */
  async #readOn(head: Head, signal: AbortSignal): Promise<boolean> {
    const kept = await this.#enter(head.epoch)
    const oldest = Math.max(1, head.newest - head.capacity + 1)
    if (head.newest < this.#done) {
      const what = `got newest number ${head.newest} in epoch "${head.epoch}", expected at least ${this.#done}`
      await this.#tell("value-refused", what)
      return false
    }
    const isFirstContact = this.#done === 0 && kept.last === undefined
    if (this.#done + 1 < oldest) {
      if (!isFirstContact) this.#lost += oldest - this.#done - 1
      this.#done = oldest - 1
    }
    const first = this.#done + 1
    const slot = (first - 1) % head.capacity
    const count = Math.min(head.newest - first + 1, this.#atOnce, head.capacity - slot)
    if (count <= 0) return false
    const slots = await this.#slots({ first, slot, count }, head, signal)
    if (!slots) return true
    for (const span of this.#spans(slots)) await this.#deliver(span, kept)
    return this.#done >= first
  }

  /** The source of this epoch, and from where it goes on: asked again after each connect. */
  async #enter(epoch: string): Promise<RingKept> {
    const { kept, host, resumeFrom } = this.#job
    const source = sourceId({ name: `${host.name}/${this.#buffer.name}`, epoch })
    const known = kept.rings.get(this.#buffer.name)
    const mine = known?.source === source ? known : { source }
    kept.rings.set(this.#buffer.name, mine)
    if (this.#source !== source) {
      await this.#delivering
      this.#source = source
      this.#lost = 0
      this.#done = await resumeFrom(source)
      this.#lastEnd = mine.last?.number === this.#done ? mine.last.end : undefined
    }
    return mine
  }

  async #slots(
    part: { first: number; slot: number; count: number },
    head: Head,
    signal: AbortSignal,
  ): Promise<Slots | undefined> {
    const { slot, count, first } = part
    const range = count === 1 ? `${slot}` : `${slot}:${slot + count - 1}`
    const names = ["Number", "Time", ...this.#buffer.fields.map(({ point }) => point.address)]
    if (this.#timeQuality) names.push("TimeQuality")
    const [epoch, ...columns] = await this.#readColumns(["Epoch", ...names], range, signal)
    if (!epoch || String(plainOf(epoch.value).value ?? "") !== head.epoch) return undefined
    const [number, time, ...fields] = columns.map(columnOf)
    const timeQuality = this.#timeQuality ? fields.pop() : undefined
    if (timeQuality?.missing) this.#timeQuality = false
    if (!number || !time || number.missing) {
      await this.#tell("point-unknown", `got ${number?.missing} for ${this.#buffer.address}.Number`)
      return { first, count, numbers: [], time: noColumn, timeQuality: undefined, fields: [] }
    }
    const numbers = number.values as ArrayLike<number>
    return { first, count, numbers, time, timeQuality, fields }
  }

  /** A server that finds the answer too long is asked for less. */
  async #readColumns(names: string[], range: string, signal: AbortSignal): Promise<DataValue[]> {
    try {
      return await this.#read(names, signal, range)
    } catch (thrown) {
      const isTooLong = /TooLarge|EncodingLimits|TooManyOperations/.test(String(thrown))
      if (!isTooLong || this.#atOnce === 1) throw thrown
      this.#atOnce = Math.ceil(this.#atOnce / 2)
      return []
    }
  }

  /** Cuts at slots that hold another record by now: those are lost. A slot that is not yet written ends the reading. */
  #spans(slots: Slots): Span[] {
    const spans: Span[] = []
    let from = 0
    for (let i = 0; i <= slots.count; i++) {
      const expected = slots.first + i
      const got = i < slots.count ? (slots.numbers[i] ?? 0) : Number.NaN
      if (got === expected) continue
      if (i > from) {
        spans.push({ slots, from, to: i, lostBefore: this.#lost })
        this.#lost = 0
      }
      from = i + 1
      if (i === slots.count || got < expected) {
        this.#done = expected - 1
        break
      }
      this.#lost += 1
    }
    return spans
  }

  async #deliver(span: Span, kept: RingKept): Promise<void> {
    const { host, deliver } = this.#job
    const { source } = kept
    const lastEnd = this.#lastEnd
    const run = runOf(span, { buffer: this.#buffer, source, host, lastEnd })
    const [from, to] = [lastEnd ?? run.time(0).at, run.time(0).at]
    const gap: Gap = { source, because: "buffer-overrun", from, to, size: span.lostBefore }
    this.#lastEnd = run.time(run.count - 1).at
    kept.last = { number: run.first + run.count - 1, end: this.#lastEnd }
    const gaps = span.lostBefore > 0 ? [gap] : []
    await this.#send(deliver, { ...deliveryOf(run, host.registry), gaps })
  }

  /** The next part is read while this one becomes durable. */
  async #send(deliver: FollowJob["deliver"], delivery: Delivery): Promise<void> {
    await this.#delivering
    this.#delivering = deliver(delivery)
    this.#delivering.catch(() => {})
  }

  /** A fault of the whole buffer, once: a delivery without rows. */
  async #tell(code: ProblemCode, what: string): Promise<void> {
    if (this.#told === what) return
    this.#told = what
    const { host, deliver, kept } = this.#job
    const refused = [new Problem(code, `${host.name} ${this.#buffer.name}`, what)]
    const head = { source: kept.live.source, sequence: kept.live.next, received: host.clock.now() }
    await deliver({ block: new BlockWriter(0).take(head), refused })
  }

  async #read(names: readonly string[], signal: AbortSignal, range?: string): Promise<DataValue[]> {
    const nodes = names.map((name) => {
      const whole = { nodeId: this.#node(name) ?? "", attributeId: AttributeIds.Value }
      if (range === undefined || name === "Epoch") return whole
      return { ...whole, indexRange: new NumericRange(range) }
    })
    return orAbort(this.#job.line.session.read(nodes, 0), signal)
  }

  #node(name: string): NodeId | undefined {
    return nodeIdOf(`${this.#buffer.address}.${name}`, this.#job.line.namespaces)
  }
}

const noColumn: Column = { missing: "nothing", dataType: DataType.Null, values: [] }

function columnOf(dataValue: DataValue): Column {
  const { value } = dataValue
  const values: unknown = value?.value
  const isThere = dataValue.statusCode.isGoodish() && typeof values === "object" && values !== null
  return {
    missing: isThere ? undefined : dataValue.statusCode.name,
    dataType: value?.dataType ?? DataType.Null,
    values: isThere ? (values as ArrayLike<unknown>) : [],
  }
}
