// Appends as fast as the history takes them, while others ask.
import type { History } from "../../src/historian/historian.ts"
import { type Block, sourceId } from "../../src/model/block.ts"
import type { Filled } from "./fill.ts"

const blockRows = 5000
const inFlight = 8

export interface Load {
  isRunning(): boolean
  /** Samples a second. */
  end(): Promise<number>
}

/** Blocks of fifty tags each, of times behind what is there. */
export function ingestMeanwhile(history: History, data: Filled, ms: number): Load {
  const from = performance.now()
  const isRunning = () => performance.now() - from < ms
  const made = Array.from({ length: data.tags / 50 }, (_, group) => columnsOf(group))
  let sent = 0
  const rounds = new Float64Array(made.length)
  const one = async (worker: number) => {
    for (let turn = worker; isRunning(); turn += inFlight) {
      const group = turn % made.length
      const round = rounds[group] as number
      rounds[group] = round + 1
      await history.append(blockOf(made[group] as Columns, { group, round, data }))
      sent += blockRows
    }
  }
  const all = Promise.all(Array.from({ length: inFlight }, (_, worker) => one(worker)))
  return {
    isRunning,
    end: async () => {
      await all
      return Math.round(sent / ((performance.now() - from) / 1000))
    },
  }
}

interface Columns {
  readonly tag: Uint32Array
  readonly value: Float64Array
}

function columnsOf(group: number): Columns {
  return {
    tag: Uint32Array.from({ length: blockRows }, (_, i) => 1 + group * 50 + (i % 50)),
    value: Float64Array.from(
      { length: blockRows },
      (_, i) => Math.round(Math.sin(i / 500) * 1000) / 10,
    ),
  }
}

function blockOf(
  { tag, value }: Columns,
  { group, round, data }: { group: number; round: number; data: Filled },
): Block {
  const each = blockRows / 50
  const begin = data.start + data.days * 86_400_000 + round * each * 100
  return {
    source: sourceId({ name: `group-${group}`, epoch: "a" }),
    sequence: round * blockRows,
    received: 0,
    length: blockRows,
    tag,
    at: Float64Array.from({ length: blockRows }, (_, i) => begin + Math.floor(i / 50) * 100),
    value,
    quality: new Uint8Array(blockRows),
  }
}
