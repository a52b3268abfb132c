import type { SourceFile } from "../config.ts"

const context = 3

/** The changes between two states of a plant's files as unified diffs, file after file; empty where all are equal. */
export function diffFiles(before: readonly SourceFile[], after: readonly SourceFile[]): string {
  const names = new Set([...before, ...after].map(({ file }) => file))
  const textIn = (files: readonly SourceFile[], name: string) =>
    files.find(({ file }) => file === name)?.text
  return [...names]
    .map((name) => unifiedDiff(name, textIn(before, name), textIn(after, name)))
    .join("")
}

/** One file's unified diff; a text that is undefined stands for no file. */
export function unifiedDiff(
  file: string,
  before: string | undefined,
  after: string | undefined,
): string {
  if (before === after) return ""
  const lines = align(linesOf(before), linesOf(after))
  const from = before === undefined ? "/dev/null" : `a/${file}`
  const to = after === undefined ? "/dev/null" : `b/${file}`
  return `--- ${from}\n+++ ${to}\n${[...hunks(lines)].join("")}`
}

interface Line {
  readonly mark: " " | "-" | "+"
  readonly text: string
}

function linesOf(text: string | undefined): string[] {
  if (text === undefined || text === "") return []
  return text.replace(/\n$/, "").split("\n")
}

/** Longest common subsequence between what the ends do not share already (Hunt and McIlroy 1976, by dynamic programming). */
function align(a: readonly string[], b: readonly string[]): Line[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail))
    tail++
  const same = (text: string): Line => ({ mark: " ", text })
  return [
    ...a.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ]
}

const mostCells = 4_000_000

function middle(a: readonly string[], b: readonly string[]): Line[] {
  const removed = (text: string): Line => ({ mark: "-", text })
  const added = (text: string): Line => ({ mark: "+", text })
  if (a.length * b.length > mostCells) return [...a.map(removed), ...b.map(added)]
  const longest = longestFrom(a, b)
  const lines: Line[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const [x = "", y = ""] = [a[i], b[j]]
    const step = x === y ? " " : longest(i + 1, j) >= longest(i, j + 1) ? "-" : "+"
    lines.push({ mark: step, text: step === "+" ? y : x })
    if (step !== "+") i++
    if (step !== "-") j++
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)]
}

/** Length of the longest common subsequence of what follows each pair of lines. */
function longestFrom(a: readonly string[], b: readonly string[]): (i: number, j: number) => number {
  const width = b.length + 1
  const table = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => table[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i * width + j] =
        a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  return at
}

function* hunks(lines: readonly Line[]): Iterable<string> {
  let start = 0
  while (start < lines.length) {
    const first = lines.findIndex(({ mark }, i) => i >= start && mark !== " ")
    if (first < 0) return
    const from = Math.max(start, first - context)
    const end = endOf(lines, first)
    yield hunk(lines, from, end)
    start = end
  }
}

/** Changes that are nearer than twice the context share a hunk. */
function endOf(lines: readonly Line[], first: number): number {
  let last = first
  for (let i = first; i < lines.length && i <= last + 2 * context; i++)
    if (lines[i]?.mark !== " ") last = i
  return Math.min(lines.length, last + context + 1)
}

function hunk(lines: readonly Line[], from: number, end: number): string {
  const count = (part: readonly Line[], other: Line["mark"]) =>
    part.filter(({ mark }) => mark !== other).length
  const [before, inside] = [lines.slice(0, from), lines.slice(from, end)]
  const side = (other: Line["mark"]) => {
    const n = count(inside, other)
    return `${count(before, other) + (n === 0 ? 0 : 1)},${n}`
  }
  const body = inside.map(({ mark, text }) => `${mark}${text}\n`).join("")
  return `@@ -${side("+")} +${side("-")} @@\n${body}`
}
