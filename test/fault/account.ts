// What a witness sent and was told, against what a history holds afterwards.
import type { History } from "../../src/historian/historian.ts"
import { type Block, BlockWriter, sourceId } from "../../src/model/block.ts"
import { type Cycle, cycleId } from "../../src/model/cycle.ts"
import { parsePath } from "../../src/model/path.ts"

const source = sourceId({ name: "dc-1/shots", epoch: "a" })
const equipment = parsePath("line/dc-1")
const start = 1.79e12
const tags = Array.from({ length: 12 }, (_, i) => i + 1)
/** Rows of a tag in one append; some dozen appends fill a chunk. */
const rowsOfTag = 40
const rowsOfAppend = tags.length * rowsOfTag

/** Append n: rows numbered on from the one before, every ninth an hour late, and a cycle with each third. */
export function appendOf(n: number): { block: Block; cycles: readonly Cycle[] } {
  const rows = new BlockWriter(rowsOfAppend)
  const late = n % 9 === 0 ? 3_600_000 : 0
  for (let row = 0; row < rowsOfTag; row++)
    for (const tag of tags)
      rows.add(tag, start + (n * rowsOfTag + row) * 100 - late, numberOf(n), 0)
  const block = rows.take({ source, sequence: n * rowsOfAppend, received: start })
  const id = cycleId(source, n)
  const cycle = { id, equipment, source, sequence: n, start: n, end: n, values: { n } }
  return { block, cycles: n % 3 === 0 ? [cycle] : [] }
}

function numberOf(n: number): number {
  return Math.round(Math.sin(n) * 1000) / 10
}

/** What a witness printed, a line each: `sent N`, `durable N`, `refused N`. */
export class Account {
  readonly sent = new Set<number>()
  readonly durable = new Set<number>()

  note(line: string): void {
    const [word, number] = line.split(" ")
    const n = Number(number)
    if (word === "sent") this.sent.add(n)
    if (word === "durable") this.durable.add(n)
  }

  get next(): number {
    return Math.max(0, ...this.sent) + 1
  }
}

export interface Balance {
  /** Appends that were acknowledged and are not there whole. */
  lost: number
  /** Rows and cycles that nobody sent, or that are not what was sent. */
  phantom: number
  doubled: number
  /** Rows that stand before an earlier one. */
  disordered: number
  /** Appends of which some rows are there. */
  torn: number
  /** Tags whose count, least or greatest value is not that of their rows. */
  misjudged: number
}

export const even: Balance = {
  ...{ lost: 0, phantom: 0, doubled: 0, disordered: 0, torn: 0, misjudged: 0 },
}

/** Reads everything back. What was sent and never answered may be there or not. */
export async function balanceOf(account: Account, history: History): Promise<Balance> {
  const balance = { ...even }
  const { signal } = new AbortController()
  const seen = new Map<number, number>()
  const rows = new Set<number>()
  const range = { tags, from: 0, to: 1e15 }
  const sums = tags.map(() => [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  let [lastTag, lastAt] = [0, 0]
  for await (const block of history.read(range, signal))
    for (let i = 0; i < block.length; i++) {
      const [tag, at, number] = [block.tag[i] ?? 0, block.at[i] ?? 0, block.number[i] ?? 0]
      const n = Math.floor(number / rowsOfAppend)
      if (tag === lastTag && at < lastAt) balance.disordered++
      lastTag = tag
      lastAt = at
      const value = block.value[i] ?? 0
      const [count = 0, least = 0, most = 0] = sums[tag - 1] ?? []
      sums[tag - 1] = [count + 1, Math.min(least, value), Math.max(most, value)]
      if (rows.has(number)) balance.doubled++
      rows.add(number)
      seen.set(n, (seen.get(n) ?? 0) + 1)
      if (!account.sent.has(n) || block.value[i] !== numberOf(n) || !isIts(number, tag, at))
        balance.phantom++
    }
  for (const n of account.durable) if (seen.get(n) !== rowsOfAppend) balance.lost++
  for (const [n, count] of seen)
    if (count !== rowsOfAppend && !account.durable.has(n)) balance.torn++
  if ((await history.count()) !== rows.size) balance.doubled++
  const asked = history.aggregate({ tags, from: start - 1e9, to: start + 1e9 }, 3, signal)
  for await (const { tag, count, min, max } of asked) {
    const numbers = [...min, ...max].filter((x) => !Number.isNaN(x))
    const told = [count.reduce((a, b) => a + b, 0), Math.min(...numbers), Math.max(...numbers)]
    if (`${told}` !== `${sums[tag - 1]}`) balance.misjudged++
  }
  await weighCycles(account, history, balance)
  return balance
}

function isIts(number: number, tag: number, at: number): boolean {
  const n = Math.floor(number / rowsOfAppend)
  const place = number % rowsOfAppend
  const late = n % 9 === 0 ? 3_600_000 : 0
  const row = Math.floor(place / tags.length)
  return tag === tags[place % tags.length] && at === start + (n * rowsOfTag + row) * 100 - late
}

async function weighCycles(account: Account, history: History, balance: Balance): Promise<void> {
  const cycles = await history.cycles.read({ from: 0, to: 1e15 })
  const found = new Set(cycles.map(({ sequence }) => sequence))
  balance.doubled += cycles.length - found.size
  for (const { sequence, values } of cycles)
    if (!account.sent.has(sequence) || values.n !== sequence) balance.phantom++
  for (const n of account.durable) if (n % 3 === 0 && !found.has(n)) balance.lost++
}
