import { SystemClock } from "../../kernel/clock/system.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { silentLog } from "../../kernel/log.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import type { Write } from "../../model/command.ts"
import { type Path, parsePath } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import { type Quality, quality } from "../../model/quality.ts"
import type { Tag, Value } from "../../model/tag.ts"
import { MemoryNamespace } from "../../namespace/memory/namespace.ts"
import { openStore, type SqliteStore } from "../../store/sqlite/store.ts"
import type { Actuator } from "../act.ts"
import { PlantGate } from "../gate/gate.ts"
import { guards } from "../registry.ts"

export const equipment = parsePath("s/dc-1")
export const flow = parsePath("s/dc-1/cooling-flow-set")
export const hold = parsePath("s/dc-1/hold-next-cycle")
export const state = parsePath("s/dc-1/state")

const tag = {
  equipment,
  kind: "number",
  unit: "1",
  name: { en: "a tag" },
  decimals: 1,
  staleAfterMs: 3_600_000,
  limits: [],
} as const satisfies Partial<Tag>

const tags: readonly Tag[] = [
  {
    ...tag,
    path: flow,
    unit: "L/min",
    writable: {
      min: 20,
      max: 80,
      maxStep: 15,
      minIntervalMs: 0,
      interlocks: [{ tag: state, is: "=", value: 1, withinMs: 10_000 }],
    },
  },
  {
    ...tag,
    path: hold,
    kind: "boolean",
    writable: { min: 0, max: 1, maxStep: 1, minIntervalMs: 60_000, interlocks: [] },
  },
  { ...tag, path: state },
]

class Wandering extends SystemClock {
  /** Moves plant time on without waiting. */
  aheadMs = 0

  override now(): number {
    return super.now() + this.aheadMs
  }
}

const clock = new SystemClock()

/** What a machine may do to a write. */
export type Mood = "takes" | "refuses" | "is-silent" | "loses-line" | "lies" | "clamps" | "is-slow"

/** A machine at the other end of the line: the outside world, with its moods. */
export class Machine implements Actuator {
  readonly held = new Map<Path, Value>([
    [flow, 40],
    [hold, false],
    [state, 1],
  ])
  /** All that ever reached it. */
  readonly received: Write[] = []
  mood: Mood = "takes"
  /** Reads that fail from now on. */
  deaf = 0
  /** Called when a write arrives, before anything happens. */
  arrived: () => void | Promise<void> = () => {}

  canWrite(target: Path): boolean {
    return this.held.has(target)
  }

  async write(write: Write): Promise<void> {
    await this.arrived()
    this.received.push(write)
    if (this.mood === "refuses") throw new Problem("write-failed", write.target, "out of range")
    if (this.mood === "is-silent") await new Promise<never>(() => {})
    if (this.mood === "lies") return
    if (this.mood === "clamps") this.held.set(write.target, 45)
    else if (this.mood === "is-slow")
      void clock.sleep(60).then(() => this.held.set(write.target, write.value))
    else this.held.set(write.target, write.value)
    if (this.mood === "loses-line") throw new Error("socket closed")
  }

  async read(target: Path): Promise<Value> {
    const value = this.held.get(target)
    if (this.deaf > 0 && this.deaf-- > 0)
      throw new Problem("connection-lost", target, "no line to the machine")
    if (value === undefined) throw new Problem("not-found", target, "no such value")
    return value
  }
}

export interface Rig {
  readonly gate: PlantGate
  readonly machine: Machine
  readonly store: SqliteStore
  readonly clock: Wandering
  publish(path: Path, value: number, q?: Quality): Promise<void>
}

/** A gate over real store, namespace and clock, and a machine. */
export async function openRig(folder: string, machine = new Machine()): Promise<Rig> {
  const clock = new Wandering()
  const [log, files] = [silentLog, nodeFiles]
  const store = await openStore({ folder, node: "plant", clock, files, log })
  const { registry } = store
  const namespace = new MemoryNamespace({ registry, clock })
  await namespace.define(tags)
  let sequence = 0
  const publish = async (path: Path, value: number, q: Quality = quality.good) => {
    const into = new BlockWriter(1)
    const now = clock.now()
    into.add(registry.tagId(path, "number"), now, value, q)
    const source = sourceId({ name: "machine", epoch: "1" })
    await namespace.publish(into.take({ source, sequence: sequence++, received: now }))
  }
  await publish(state, 1)
  let count = 0
  const gate = new PlantGate({
    store,
    namespace,
    clock,
    log,
    ids: () => `made-${++count}`,
    actuator: machine,
    guards,
    writeTimeoutMs: 150,
    readBackTimeoutMs: 200,
  })
  await gate.start()
  return { gate, machine, store, clock, publish }
}
