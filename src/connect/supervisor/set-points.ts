import type { Clock } from "../../kernel/clock.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import type { Write } from "../../model/command.ts"
import type { Path } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import { isUsable, qualityName } from "../../model/quality.ts"
import type { Value } from "../../model/tag.ts"
import type { Registry } from "../../store/store.ts"
import type { Point } from "../connector.ts"
import { plainValue } from "../values.ts"
import { within } from "../waiting.ts"
import type { Connection } from "./connection.ts"

interface Place {
  readonly connection: Connection
  readonly point: Point
}

const answerMs = 10_000

/** The gate's way to set points at the machines; nobody else has it. */
export class SetPoints {
  readonly #find: (target: Path) => Place | undefined
  readonly #clock: Clock
  readonly #registry: Registry

  constructor(options: {
    find: (target: Path) => Place | undefined
    clock: Clock
    registry: Registry
  }) {
    this.#find = options.find
    this.#clock = options.clock
    this.#registry = options.registry
  }

  canWrite(target: Path): boolean {
    const place = this.#find(target)
    return place?.point.tag.writable !== undefined && place.connection.health.writable
  }

  async write({ target, value }: Write, signal: AbortSignal): Promise<void> {
    const place = this.#find(target)
    if (!place || !this.canWrite(target))
      throw new Problem("write-unsupported", target, "no device takes it as a set point")
    const device = place.connection.device
    if (!device?.write)
      throw new Problem("write-failed", target, "the machine is not connected; nothing was sent")
    const { write } = device
    await this.#answer(target, signal, (s) => write.call(device, place.point, value, s))
  }

  async read(target: Path, signal: AbortSignal): Promise<Value> {
    const place = this.#find(target)
    if (!place) throw new Problem("not-found", target, "no device has this value")
    const device = place.connection.device
    if (!device?.read)
      throw new Problem("connection-lost", target, "the machine cannot be read now")
    const { read } = device
    const into = new BlockWriter(1)
    await this.#answer(target, signal, (s) => read.call(device, [place.point], into, s))
    return this.#single(into, place.point)
  }

  #single(into: BlockWriter, point: Point): Value {
    const head = { source: sourceId({ name: "read", epoch: "0" }), sequence: 0, received: 0 }
    const { quality, value } = into.take(head)
    const q = quality[0] ?? 0
    const plain = plainValue(value[0] ?? Number.NaN, point, this.#registry)
    if (plain !== null && isUsable(q)) return plain
    throw new Problem("connection-lost", point.tag.path, `the machine gave ${qualityName(q)}`)
  }

  #answer<T>(
    target: Path,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const late = () => new Problem("connection-timeout", target, "the machine gave no answer")
    return within(answerMs, work, { clock: this.#clock, signal, late })
  }
}
