import { type Act, actOf, type Data, type Design, driftOf, type Solved, solve } from "./design.ts"
import { creep, lag } from "./shape.ts"
import { normalised } from "./student.ts"

type Range = readonly [from: number, to: number]

/** One act beside one drift; `drift` is 0 up to its start. */
interface Pair {
  readonly act: Act
  readonly drift: (sinceStart: number) => number
}

/**
 * A way in which a process may be moved, for one length in cycles. A drift and an act pass through the same mass, so
 * neither can be faster than the other's lag; only `apart` allows for it, as for a sensor that slips.
 */
interface Kind {
  readonly chance: number
  pairs(length: number, context: { acts: readonly Act[]; same(): Act }): readonly Pair[]
}

/** Paces at which act and drift may answer, where the kind does not give it. */
const paces = [0.5, 1.2, 2.2, 4, 8]

const kinds: readonly Kind[] = [
  {
    chance: 0.49,
    pairs: (pace, { same }) => [{ act: same(), drift: (at) => lag(at, pace) }],
  },
  {
    chance: 0.49,
    pairs: (lasts, { acts }) =>
      acts.map((act) => ({ act, drift: (at) => creep(at, act.pace, lasts) })),
  },
  {
    chance: 0.02,
    pairs: (pace, { acts }) => acts.map((act) => ({ act, drift: (at) => lag(at, pace) })),
  },
]

/** Lengths of a drift, in cycles; all are equally likely on a scale of logarithms. */
const lengths: Range = [Math.log(0.3), Math.log(40)]
/** Cells along each side of the grid that is searched, and of those that it narrows to. */
const wide = 16
const narrow = 7

interface Box {
  readonly start: Range
  readonly length: Range
  readonly size: number
}

interface Cell extends Solved {
  readonly start: number
  readonly length: number
}

/** All drifts that began within `starts`, as one mixture of models. */
export class DriftModel {
  readonly #data: Data
  readonly #starts: Range

  constructor(data: Data, starts: Range) {
    this.#data = data
    this.#starts = starts
  }

  /** Solves every model that is not negligible under each design; the first design shows where those are. */
  solve(designs: readonly Design[]): readonly Solved[] {
    const [first] = designs
    if (!first) return []
    return kinds.flatMap((kind) => {
      const box = this.#focus(kind, first)
      return designs.flatMap((design) => {
        const share = Math.log(kind.chance / designs.length)
        return this.#cells(kind, box, design).map((cell) => ({ ...cell, log: cell.log + share }))
      })
    })
  }

  /** Narrows the grid until what is likely is covered by enough cells. */
  #focus(kind: Kind, design: Design): Box {
    let box: Box = { start: this.#starts, length: lengths, size: wide }
    for (let i = 0; i < 8; i++) {
      const points = byPoint(this.#cells(kind, box, design))
      const effective = 1 / points.reduce((sum, point) => sum + point.weight ** 2, 0)
      if (i > 0 && effective > 12) break
      const top = Math.max(...points.map((point) => point.weight))
      const likely = points.filter((point) => point.weight > top * 1e-3)
      const start = around(
        likely.map((point) => point.start),
        box.start,
        box.size,
      )
      const length = around(
        likely.map((point) => point.length),
        box.length,
        box.size,
      )
      box = { start: within(start, this.#starts), length: within(length, lengths), size: narrow }
    }
    return box
  }

  #cells(kind: Kind, box: Box, design: Design): readonly Cell[] {
    const data = this.#data
    const acts = paces.map((pace) => actOf(data, design, pace))
    const chance = (width(box.start) / width(this.#starts)) * (width(box.length) / width(lengths))
    return steps(box.length, box.size).flatMap((length) => {
      const same = () => actOf(data, design, Math.exp(length))
      const pairs = kind.pairs(Math.exp(length), { acts, same })
      const share = Math.log(chance / (box.size ** 2 * pairs.length))
      return steps(box.start, box.size).flatMap((start) =>
        pairs.map(({ act, drift }) => {
          const solved = solve(design, act, driftOf(data, design, { start, shape: drift }))
          return { ...solved, log: solved.log + share, start, length }
        }),
      )
    })
  }
}

/** Points of the grid, whatever the pace of the act there. */
function byPoint(cells: readonly Cell[]): readonly (Cell & { readonly weight: number })[] {
  const weights = normalised(cells.map((cell) => cell.log))
  const points = new Map<string, Cell & { readonly weight: number }>()
  for (const [i, cell] of cells.entries()) {
    const key = `${cell.start} ${cell.length}`
    points.set(key, { ...cell, weight: (weights[i] ?? 0) + (points.get(key)?.weight ?? 0) })
  }
  return [...points.values()]
}

function steps([from, to]: Range, size: number): readonly number[] {
  return Array.from({ length: size }, (_, i) => from + ((to - from) * (i + 0.5)) / size)
}

/** The range of these middles of cells, with their cells. */
function around(middles: readonly number[], range: Range, size: number): Range {
  const half = width(range) / size
  return [Math.min(...middles) - half, Math.max(...middles) + half]
}

function within([from, to]: Range, limit: Range): Range {
  return [Math.max(limit[0], from), Math.min(limit[1], to)]
}

function width([from, to]: Range): number {
  return to - from
}
