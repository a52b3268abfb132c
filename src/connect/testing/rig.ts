import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SystemClock } from "../../kernel/clock/system.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { silentLog } from "../../kernel/log.ts"
import { SystemNetwork } from "../../kernel/network/system.ts"
import { seededRandom } from "../../kernel/random.ts"
import type { SourceId } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Path } from "../../model/path.ts"
import { parsePath } from "../../model/path.ts"
import type { Problem } from "../../model/problem.ts"
import { qualityName } from "../../model/quality.ts"
import type { Tag, TagKind, Value } from "../../model/tag.ts"
import { openStore, type SqliteStore } from "../../store/sqlite/store.ts"
import type { Delivery, Gap, Host, Point, RecordBuffer } from "../connector.ts"
import { StoreTrust } from "../trust/trust.ts"
import { plainValue } from "../values.ts"

/** A house for one device: real files, clock, store and trust in a folder of its own. */
export interface Rig extends AsyncDisposable {
  readonly folder: string
  readonly host: Host
  readonly store: SqliteStore
  readonly trust: StoreTrust
  readonly sink: Sink
  point(name: string, address: string, given?: Partial<Tag>): Point
  buffer(name: string, address: string, fields: Readonly<Record<string, TagKind>>): RecordBuffer
}

export const equipment = parsePath("site/m1")

export async function makeRig(device = "m1"): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "moru-connect-"))
  const clock = new SystemClock()
  const random = seededRandom(1)
  const [log, files] = [silentLog, nodeFiles]
  const store = await openStore({ folder: join(folder, "data"), node: "test", clock, files, log })
  const { registry } = store
  const trust = new StoreTrust({ store, clock })
  const host: Host = {
    name: device,
    clock,
    random,
    log,
    files,
    folder: join(folder, "device"),
    plantFolder: folder,
    registry,
    trust,
    network: new SystemNetwork(),
  }
  const point = (name: string, address: string, given: Partial<Tag> = {}): Point => {
    const tag = tagOf(name, given)
    return { id: registry.tagId(tag.path, tag.kind), tag, address }
  }
  const sink = new Sink(host)
  return {
    folder,
    host,
    store,
    trust,
    sink,
    point,
    buffer: (name, address, fields) => ({
      name,
      address,
      fields: Object.entries(fields).map(([field, kind]) => ({
        name: field,
        point: point(`${name}/${field}`, field, { kind }),
      })),
      cycle: { equipment, verdicts: [] },
    }),
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export function tagOf(name: string, given: Partial<Tag> = {}): Tag {
  return {
    path: `${equipment}/${name}` as Path,
    equipment,
    kind: "number",
    unit: "1",
    name: { en: name },
    decimals: 1,
    staleAfterMs: 60_000,
    limits: [],
    ...given,
  }
}

export interface SunkRow {
  readonly source: SourceId
  readonly number: number
  readonly tag: Path | undefined
  readonly at: number
  readonly value: Value | null
  readonly quality: string
}

/** Keeps what is delivered, as a historian would, and knows what came twice. */
export class Sink {
  readonly rows: SunkRow[] = []
  readonly cycles: Cycle[] = []
  readonly refused: Problem[] = []
  readonly gaps: Gap[] = []
  /** Rows with a number that was there already. */
  doubles = 0
  /** While set, deliveries wait for it. */
  gate: Promise<void> | undefined
  waiting = 0
  /** Of the last delivery. */
  isKept = false
  readonly #host: Host
  readonly #seen = new Set<string>()
  readonly #points = new Map<number, Point>()

  constructor(host: Host) {
    this.#host = host
  }

  /** Points are needed to read rows as values. */
  know(points: readonly Point[]): void {
    for (const point of points) this.#points.set(point.id, point)
  }

  readonly deliver = async ({ block, cycles, refused, gaps, kept }: Delivery): Promise<void> => {
    this.isKept = kept === true
    this.waiting++
    await this.gate
    this.waiting--
    for (let i = 0; i < block.length; i++) {
      const number = block.sequence + i
      const key = `${block.source} ${number}`
      if (this.#seen.has(key)) this.doubles++
      this.#seen.add(key)
      const id = block.tag[i] ?? -1
      const point = this.#points.get(id)
      this.rows.push({
        source: block.source,
        number,
        tag: this.#host.registry.pathOf(id),
        at: block.at[i] ?? Number.NaN,
        value: point ? plainValue(block.value[i] ?? Number.NaN, point, this.#host.registry) : null,
        quality: qualityName(block.quality[i] ?? 0),
      })
    }
    this.cycles.push(...(cycles ?? []))
    this.refused.push(...(refused ?? []))
    this.gaps.push(...(gaps ?? []))
  }

  lastSequence = async (source: SourceId): Promise<number> =>
    this.cycles.reduce((n, c) => (c.source === source ? Math.max(n, c.sequence) : n), 0)

  readonly lastRow = async (source: SourceId): Promise<number> =>
    this.rows.reduce((n, r) => (r.source === source ? Math.max(n, r.number) : n), -1)

  readonly lastAt = async (tags: readonly number[]): Promise<number | undefined> => {
    const paths = new Set(tags.map((tag) => this.#host.registry.pathOf(tag)))
    const usable = this.rows.filter((r) => paths.has(r.tag) && !r.quality.startsWith("bad"))
    return usable.length > 0 ? Math.max(...usable.map(({ at }) => at)) : undefined
  }

  of(name: string): SunkRow[] {
    return this.rows.filter(({ tag }) => tag === `${equipment}/${name}`)
  }
}
