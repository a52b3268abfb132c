// An edge, a network and a centre in one process and simulated time: the real log, sender and desk between simulated machines and
// a history in memory.
import type { LogEntry } from "../../src/codec/delivery.ts"
import { EdgeDesk } from "../../src/connect/edge/desk.ts"
import { type EdgeLog, openEdgeLog } from "../../src/connect/edge/log.ts"
import { Sender } from "../../src/connect/edge/sender.ts"
import type { CentralLine, EdgeAnswer } from "../../src/connect/edge.ts"
import { MemoryHistory } from "../../src/historian/memory/history.ts"
import { SimulatedClock } from "../../src/kernel/clock/simulated.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { Metrics } from "../../src/kernel/metrics.ts"
import { type Random, seededRandom } from "../../src/kernel/random.ts"
import { CrashingDisk } from "../../src/kernel/testing/crashing-disk.ts"
import { type Block, BlockWriter, type SourceId, sourceId } from "../../src/model/block.ts"
import { cycleId } from "../../src/model/cycle.ts"
import type { Path } from "../../src/model/path.ts"
import { MemoryRegistry, MemoryStore } from "./memory-store.ts"

/** What may be wrong on purpose, so that the checker proves that it would be seen. */
export type Defect =
  | "deleted before it was confirmed"
  | "acknowledged before it was synced"
  | "answered before it was durable"
  | "delivered again is stored again"
  | "a log that begins anew counts on in the old epoch"

export interface WorldOptions {
  readonly seed: number
  readonly defect?: Defect
  readonly budgetBytes?: number
  readonly parcelRows?: number
  readonly segmentBytes?: number
}

const equipment = "plant/hall/dc-1" as Path
const paths = ["temperature", "pressure", "state"].map((name) => `${equipment}/${name}` as Path)
const shotPath = `${equipment}/shot/pressure` as Path
const words = ["closing", "filling", "cooling", "opening"]
const start = Date.UTC(2026, 0, 1)

export class EdgeWorld {
  readonly clock = new SimulatedClock(start)
  readonly random: Random
  readonly history = new MemoryHistory()
  readonly store = new MemoryStore()
  readonly disk: CrashingDisk
  /** Keys of rows, `source#number`, with what they hold. */
  readonly acknowledged = new Map<string, number>()
  readonly unknown = new Map<string, number>()
  readonly gapsClosed = new Set<string>()
  readonly gapsOpened = new Set<string>()
  readonly cycles = new Set<string>()
  isCut = false
  /** The machines say no more. */
  isQuiet = false
  /** Of the network and of the centre's disk. */
  delayMs = 40
  lossShare = 0
  log: EdgeLog | undefined
  readonly #options: WorldOptions
  readonly #edgeRegistry = new MemoryRegistry()
  readonly #centreRegistry = new MemoryRegistry()
  #desk: EdgeDesk | undefined
  #key = ""
  #centreLife = 0
  #edgeLife = 0
  #sender: Sender | undefined
  #nothing = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.random = seededRandom(options.seed)
    const random = this.random.fork("disk")
    this.disk = new CrashingDisk(() => this.clock.sleep(1 + random.next() * 15))
    this.disk.isLying = options.defect === "acknowledged before it was synced"
    this.#centreRegistry.tagId("something/else" as Path, "number")
  }

  async open(): Promise<void> {
    await this.startCentre()
    this.#key = (await this.#desk?.makeKey("hall", "person")) ?? ""
    await this.startEdge()
  }

  async startCentre(): Promise<void> {
    const life = ++this.#centreLife
    this.#desk = new EdgeDesk({
      edges: [
        {
          name: "hall",
          devices: [{ name: "dc-1", connector: "opcua", equipment: [equipment] }],
        },
      ],
      log: silentLog,
      registry: this.#centreRegistry,
      tagOf: () => undefined,
      store: this.store.of(() => this.#whileCentre(life)),
      clock: this.clock,
      metrics: new Metrics(),
      session: `centre ${life}`,
      deliver: async ({ block, cycles }) => {
        const isEarly = this.#options.defect === "answered before it was durable"
        const delayMs = isEarly ? 3000 : 0
        const stored = this.clock
          .sleep(delayMs)
          .then(() => this.#whileCentre(life))
          .then(() => this.#store(block, cycles ?? []))
        stored.catch(() => {})
        if (!isEarly) await stored
      },
    })
    await this.#desk.start()
  }

  /** What was not durable by then is not there; whoever asked gets no answer. */
  killCentre(): void {
    this.#centreLife++
    void this.#desk?.stop()
    this.#desk = undefined
  }

  async startEdge(): Promise<void> {
    const { disk, clock, random } = this
    const { defect, budgetBytes = 1e9, parcelRows = 60, segmentBytes = 2500 } = this.#options
    const life = ++this.#edgeLife
    const registry = this.#edgeRegistry
    const epoch = defect?.startsWith("a log that begins anew") ? "epoch" : `epoch ${life}`
    const log = await openEdgeLog({
      ...{ disk, folder: "log", budgetBytes, parcelRows, segmentBytes, registry, log: silentLog },
      newEpoch: () => epoch,
    })
    this.log = log
    this.#sender = new Sender({
      ...{ edge: "hall", log, registry, clock, logbook: silentLog, metrics: new Metrics() },
      line: this.#line(life),
      unitOf: () => "1",
      random: random.fork(`sender ${life}`),
      status: () => ({ ...log.state, devices: [] }),
    })
    await this.#sender.start()
    void this.#measure(life, log)
    void this.#shoot(life, log)
    void this.#tellGap(life, log)
  }

  async killEdge(): Promise<void> {
    this.#edgeLife++
    this.disk.crash(this.random)
    const sender = this.#sender
    this.#sender = undefined
    this.log = undefined
    void sender?.stop()
  }

  /** A new disk in the edge: what it had not sent is gone, and so is no part of the promise. */
  async replaceDisk(): Promise<void> {
    await this.killEdge()
    this.disk.wipe()
  }

  get isEdgeUp(): boolean {
    return this.log !== undefined
  }

  get isCentreUp(): boolean {
    return this.#desk !== undefined
  }

  get isDrained(): boolean {
    return this.log !== undefined && this.log.waitingRows === 0 && !this.log.hasLate
  }

  /** Newest time of a live row at the centre. */
  async newestAt(): Promise<number> {
    const [last] = await this.history.latest([
      this.#centreRegistry.tagId(paths[0] as Path, "number"),
    ])
    return last?.at ?? 0
  }

  /** Every row at the centre: `source#number` with its value, in the order of times within each tag. */
  async observed(): Promise<readonly { key: string; value: number; at: number; tag: number }[]> {
    const rows = []
    const range = { from: 0, to: Number.MAX_SAFE_INTEGER, tags: this.#centreRegistry.ids }
    for await (const block of this.history.read(range, AbortSignal.timeout(60_000)))
      for (let i = 0; i < block.length; i++) {
        const tag = block.tag[i] ?? 0
        const isText = this.#centreRegistry.kindOf(tag) === "text"
        const text = this.#centreRegistry.textOf(tag, block.value[i] ?? 0) ?? ""
        const value = isText ? words.indexOf(text) : (block.value[i] ?? 0)
        const source = block.sources[block.origin[i] ?? 0] ?? ""
        rows.push({ key: `${source}#${block.number[i]}`, value, at: block.at[i] ?? 0, tag })
      }
    return rows
  }

  #line(life: number): CentralLine {
    const random = this.random.fork(`line ${life}`)
    const isLost = () => this.isCut || random.next() < this.lossShare
    const wait = () => this.clock.sleep(random.next() * this.delayMs)
    const attempt = async (message: Uint8Array): Promise<EdgeAnswer> => {
      await wait()
      const desk = this.#desk
      if (!desk || isLost()) throw new Error("the line is cut")
      if (random.next() < this.lossShare) {
        // Repeated by the network, and the copy comes later.
        void wait().then(() => this.#desk?.receive(`Bearer ${this.#key}`, message).catch(() => {}))
      }
      const answer = await desk.receive(`Bearer ${this.#key}`, message)
      await wait()
      if (desk !== this.#desk || isLost()) throw new Error("the answer was lost")
      return answer
    }
    return {
      send: async (message) => {
        if (this.#options.defect !== "deleted before it was confirmed") return attempt(message)
        attempt(message).catch(() => {})
        return { accepted: true, session: "any", refused: 0 }
      },
      close: () => {},
    }
  }

  async #whileCentre(life: number): Promise<void> {
    await this.clock.sleep(1 + this.random.next() * this.delayMs)
    if (life !== this.#centreLife) throw new Error("the centre was killed")
  }

  async #store(block: Block, cycles: Parameters<MemoryHistory["append"]>[1]): Promise<void> {
    const isTwice = this.#options.defect === "delivered again is stored again"
    const source = isTwice ? (`${block.source}+${this.#nothing++}` as SourceId) : block.source
    await this.history.append({ ...block, source }, cycles)
  }

  /** Three values each second, each once; what is not acknowledged when the edge dies nobody knows. */
  async #measure(life: number, log: EdgeLog): Promise<void> {
    const source = sourceId({ name: "dc-1/live", epoch: `${life}` })
    const ids = paths.map((path, i) => this.#edgeRegistry.tagId(path, i === 2 ? "text" : "number"))
    for (let sequence = 0; this.#isMeasuring(life); sequence += 3) {
      const rows = new BlockWriter(4)
      const value = sequence + life / 1000
      const word = words[(sequence / 3) % 4] ?? ""
      const now = this.clock.now()
      ids.forEach((id, i) => {
        rows.add(id, now, i === 2 ? this.#edgeRegistry.textId(id, word) : value, 0)
        this.unknown.set(`${source}#${sequence + i}`, i === 2 ? words.indexOf(word) : value)
      })
      const block = rows.take({ source, sequence, received: now })
      await this.#append(log, { block, cycles: [], gaps: [] })
      await this.clock.sleep(1000)
    }
  }

  /** The machine keeps its shots; the edge reads on after the last that it has. */
  async #shoot(life: number, log: EdgeLog): Promise<void> {
    const source = sourceId({ name: "dc-1/shots", epoch: "m" })
    const id = this.#edgeRegistry.tagId(shotPath, "number")
    for (; this.#isMeasuring(life); await this.clock.sleep(2500)) {
      const made = Math.floor((this.clock.now() - start) / 7000)
      for (
        let shot = log.lastSequence(source) + 1;
        shot <= made && this.#isMeasuring(life);
        shot++
      ) {
        const rows = new BlockWriter(1)
        rows.add(id, start + shot * 7000, shot / 8, 0)
        this.unknown.set(`${source}#${shot}`, shot / 8)
        const block = rows.take({ source, sequence: shot, received: this.clock.now() })
        const times = { start: start + (shot - 1) * 7000, end: start + shot * 7000 }
        const cycle = {
          id: cycleId(source, shot),
          equipment,
          source,
          sequence: shot,
          ...times,
          values: {},
        }
        if (!(await this.#append(log, { block, cycles: [cycle], gaps: [] }))) break
        this.cycles.add(cycle.id)
      }
    }
  }

  async #tellGap(life: number, log: EdgeLog): Promise<void> {
    const source = sourceId({ name: "dc-1/line", epoch: `${life}` })
    const gap = {
      id: `g${life}`,
      device: "dc-1",
      source,
      because: "restart",
      from: this.clock.now(),
    }
    if (await this.#append(log, { cycles: [], gaps: [gap] })) this.gapsOpened.add(gap.id)
    await this.clock.sleep(5000)
    const to = this.clock.now()
    if (
      life === this.#edgeLife &&
      (await this.#append(log, { cycles: [], gaps: [{ ...gap, to }] }))
    )
      this.gapsClosed.add(gap.id)
  }

  #isMeasuring(life: number): boolean {
    return life === this.#edgeLife && !this.isQuiet
  }

  async #append(log: EdgeLog, entry: LogEntry): Promise<boolean> {
    try {
      await log.append(entry)
    } catch {
      return false
    }
    const { block } = entry
    if (block)
      for (let i = 0; i < block.length; i++) {
        const key = `${block.source}#${block.sequence + i}`
        this.acknowledged.set(key, this.unknown.get(key) ?? Number.NaN)
      }
    return true
  }
}
