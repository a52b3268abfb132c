// How small does a chunk make samples, and how fast? See README.md.
import { parseArgs } from "node:util"
import { deflateSync, inflateSync, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { decodeChunk, encodeChunk, type SampleColumns } from "../../src/codec/chunk.ts"
import { summarize } from "../../src/codec/chunk-summary.ts"
import { makeSet, type SetName, setNames } from "../data/sets.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    samples: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
  },
})
const chunkSamples = 1000
const rounds = 9

function columns(length: number): SampleColumns {
  return {
    at: new Float64Array(length),
    value: new Float64Array(length),
    quality: new Uint8Array(length),
  }
}

/** Tag by tag a chunk, until there are enough samples. */
function chunksOf(name: SetName): SampleColumns[] {
  const tags = makeSet(name, { seed: Number(given.seed) })
  return Array.from({ length: Math.ceil(Number(given.samples) / chunkSamples) }, (_, i) => {
    const chunk = columns(chunkSamples)
    tags[i % tags.length]?.fill(chunk, 0, chunkSamples)
    return chunk
  })
}

/** The columns' bytes one behind the other: what a general compressor is given. */
function rawOf({ at, value, quality }: SampleColumns): Buffer {
  return Buffer.concat([at, value, quality].map((c) => Buffer.from(c.buffer)))
}

/** Million samples a CPU second, the middle of so many rounds after one to warm up. */
function rate(count: number, work: () => void, times: number): number {
  work()
  const rates = Array.from({ length: times }, () => {
    const from = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(from)
    return (count * chunkSamples) / (user + system)
  })
  return rounded(rates.sort((a, b) => a - b)[times >> 1] ?? 0)
}

function rounded(figure: number): number {
  return Math.round(figure * 1000) / 1000
}

interface Figures {
  readonly bytesPerSample: number
  /** Million samples a CPU second. */
  readonly encode: number
  readonly decode: number
}

function measured(chunks: readonly SampleColumns[]): Figures & { readonly summarize: number } {
  const packed = chunks.map(encodeChunk)
  const into = columns(chunkSamples)
  const decodeAll = () => {
    for (const bytes of packed) decodeChunk(bytes, into)
  }
  packed.forEach((bytes, i) => {
    decodeChunk(bytes, into)
    if (!rawOf(into).equals(rawOf(chunks[i] ?? into))) throw new Error(`chunk ${i} came back other`)
  })
  return {
    bytesPerSample: sizeOf(packed),
    encode: rate(chunks.length, () => chunks.forEach(encodeChunk), rounds),
    decode: rate(chunks.length, decodeAll, rounds),
    summarize: rate(chunks.length, () => chunks.forEach(summarize), rounds),
  }
}

interface Compressor {
  readonly pack: (raw: Buffer) => Buffer
  readonly unpack: (packed: Buffer) => Buffer
}

const peers: Readonly<Record<string, Compressor>> = {
  zlib: { pack: (raw) => deflateSync(raw), unpack: (packed) => inflateSync(packed) },
  zstd: { pack: (raw) => zstdCompressSync(raw), unpack: (packed) => zstdDecompressSync(packed) },
}

function measuredPeer({ pack, unpack }: Compressor, chunks: readonly SampleColumns[]): Figures {
  const some = chunks.slice(0, 200).map(rawOf)
  const packed = some.map(pack)
  return {
    bytesPerSample: sizeOf(packed),
    encode: rate(some.length, () => some.forEach(pack), 3),
    decode: rate(some.length, () => packed.forEach(unpack), 3),
  }
}

function sizeOf(packed: readonly Uint8Array[]): number {
  const bytes = packed.reduce((sum, one) => sum + one.length, 0)
  return rounded(bytes / packed.length / chunkSamples)
}

function say(line: string): void {
  if (!given.json) console.log(line)
}

const sets = Object.fromEntries(
  setNames.map((name) => {
    const chunks = chunksOf(name)
    const own = measured(chunks)
    say(`${name}: ${own.bytesPerSample} bytes a sample; million samples a CPU second:`)
    say(`  chunk: encode ${own.encode}, decode ${own.decode}, summarize ${own.summarize}`)
    const others = Object.entries(peers).map(([peer, compressor]) => {
      const figures = measuredPeer(compressor, chunks)
      const { bytesPerSample, encode, decode } = figures
      say(`  ${peer}: ${bytesPerSample} bytes a sample, encode ${encode}, decode ${decode}`)
      return [peer, figures] as const
    })
    return [name, { ...own, peers: Object.fromEntries(others) }] as const
  }),
)
const { mixed } = sets
if (given.json)
  console.log(
    JSON.stringify({
      bytesPerSample: mixed?.bytesPerSample,
      encodePerCpuSecond: (mixed?.encode ?? 0) * 1e6,
      decodePerCpuSecond: (mixed?.decode ?? 0) * 1e6,
      sets,
    }),
  )
