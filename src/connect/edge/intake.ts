import {
  decodeEntry,
  decodeParcel,
  type EdgeGap,
  type LogEntry,
  type MessageHead,
  type MessagePart,
  parcelTags,
} from "../../codec/delivery.ts"
import { nextTurn } from "../../kernel/turn.ts"
import { type Block, BlockWriter, type SourceId } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import type { Delivery } from "../connector.ts"
import { untold } from "./tables.ts"
import type { TagMap } from "./tag-map.ts"
import { blocksOf } from "./unpack.ts"

export interface Intake {
  readonly map: TagMap
  readonly received: Instant
  readonly deliver: (delivery: Delivery & { readonly device: string }) => Promise<void>
}

/** What came of a message. */
export interface Taken {
  readonly rows: number
  readonly refused: number
  readonly gaps: readonly EdgeGap[]
}

/** Late rows go in steps of so many, so that live ones never wait long. */
const stepRows = 16_384
const stepCycles = 500

/** Durable when it resolves; undefined, and nothing taken, where a tag was not told. Throws `DamagedChunk` and what `deliver` throws. */
export async function takeIn(
  { tags, texts }: MessageHead,
  parts: readonly MessagePart[],
  intake: Intake,
): Promise<Taken | undefined> {
  const { map } = intake
  map.learn(tags, texts)
  const entries = parts
    .filter(({ kind }) => kind === "entry")
    .map(({ bytes }) => decodeEntry(bytes))
  const parcels = parts.filter(({ kind }) => kind === "parcel").map(({ bytes }) => bytes)
  const blocks = entries.flatMap(({ block }) => (block ? [block] : []))
  if (!map.knows(untold(blocks, new Set()))) return undefined
  if (!parcels.every((parcel) => map.knows(parcelTags(parcel)))) return undefined
  let strange = 0
  const own = (cycles: readonly Cycle[]) => {
    const some = cycles.filter(({ equipment }) => map.isOwn(equipment))
    strange += cycles.length - some.length
    return some
  }
  const taken = await takeEntries(
    entries.map((entry) => ({ ...entry, cycles: own(entry.cycles) })),
    intake,
  )
  const gaps = entries.flatMap((entry) => entry.gaps)
  let { rows, refused } = taken
  for (const bytes of parcels) {
    const parcel = decodeParcel(bytes)
    map.learn([], parcel.head.texts)
    const late = await takeParcel(blocksOf(parcel), own(parcel.head.cycles), intake)
    rows += late.rows
    refused += late.refused
    gaps.push(...parcel.head.gaps)
  }
  return { rows, refused: refused + strange, gaps }
}

/** Those of one source in their order, those of several at once. */
async function takeEntries(entries: readonly LogEntry[], intake: Intake) {
  const bySource = new Map<SourceId, { blocks: Block[]; cycles: Cycle[] }>()
  const of = (source: SourceId) => {
    const known = bySource.get(source) ?? { blocks: [], cycles: [] }
    bySource.set(source, known)
    return known
  }
  for (const { block, cycles } of entries) {
    if (block) of(block.source).blocks.push(block)
    for (const cycle of cycles) of(block?.source ?? cycle.source).cycles.push(cycle)
  }
  let rows = 0
  let refused = 0
  await Promise.all(
    [...bySource.values()].map(async ({ blocks, cycles }) => {
      const taken = await takeSource(joined(blocks), cycles, intake)
      rows += taken.rows
      refused += taken.refused
    }),
  )
  return { rows, refused }
}

async function takeSource(
  blocks: readonly Block[],
  cycles: readonly Cycle[],
  { map, deliver, received }: Intake,
) {
  let rows = 0
  let refused = 0
  let rest = cycles
  for (const [i, block] of blocks.entries()) {
    const own = map.own(block)
    refused += own.refused
    for (const [j, piece] of own.blocks.entries()) {
      const isLast = i === blocks.length - 1 && j === own.blocks.length - 1

      await deliver({
        ...{ device: deviceOf(piece.source), kept: true },
        block: { ...piece, received },
        cycles: isLast ? rest : [],
      })
      rows += piece.length
      if (isLast) rest = []
    }
  }
  await takeCycles(rest, { deliver, received })
  return { rows, refused }
}

async function takeParcel(blocks: readonly Block[], cycles: readonly Cycle[], intake: Intake) {
  const { map, deliver, received } = intake
  let rows = 0
  let refused = 0
  for (const block of blocks)
    for (let from = 0; from < block.length; from += stepRows) {
      const own = map.own(slice(block, from, Math.min(block.length, from + stepRows)))
      refused += own.refused
      for (const piece of own.blocks) {
        await deliver({
          ...{ device: deviceOf(piece.source), kept: true },
          block: { ...piece, received },
        })
        rows += piece.length
      }
      await nextTurn()
    }
  await takeCycles(cycles, intake)
  return { rows, refused }
}

async function takeCycles(
  cycles: readonly Cycle[],
  { deliver, received }: Pick<Intake, "deliver" | "received">,
): Promise<void> {
  for (const [source, some] of Map.groupBy(cycles, (cycle) => cycle.source))
    for (let from = 0; from < some.length; from += stepCycles) {
      const block = new BlockWriter(1).take({ source, sequence: 0, received })
      const step = some.slice(from, from + stepCycles)
      await deliver({ device: deviceOf(source), kept: true, block, cycles: step })
    }
}

/** Blocks whose numbers count on, as one. */
function joined(blocks: readonly Block[]): readonly Block[] {
  const result: Block[] = []
  for (let i = 0; i < blocks.length; ) {
    const first = blocks[i] as Block
    let next = first.sequence + first.length
    let end = i + 1
    for (; blocks[end]?.sequence === next; end++) next += blocks[end]?.length ?? 0
    result.push(end === i + 1 ? first : join(blocks.slice(i, end), next - first.sequence))
    i = end
  }
  return result
}

function join(blocks: readonly Block[], length: number): Block {
  const { source, sequence, received } = blocks[0] as Block
  const tag = new Uint32Array(length)
  const at = new Float64Array(length)
  const value = new Float64Array(length)
  const quality = new Uint8Array(length)
  let row = 0
  for (const block of blocks) {
    tag.set(block.tag, row)
    at.set(block.at, row)
    value.set(block.value, row)
    quality.set(block.quality, row)
    row += block.length
  }
  return { source, sequence, received, length, tag, at, value, quality }
}

function slice(block: Block, from: number, to: number): Block {
  return {
    ...{ source: block.source, sequence: block.sequence + from, received: block.received },
    length: to - from,
    tag: block.tag.subarray(from, to),
    at: block.at.subarray(from, to),
    value: block.value.subarray(from, to),
    quality: block.quality.subarray(from, to),
  }
}

function deviceOf(source: SourceId): string {
  return source.split(/[/@]/)[0] ?? ""
}
