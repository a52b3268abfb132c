// The rules of the house that no linter knows: one clear line for each break.
import assert from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { suite, test } from "node:test"

/** The data's way. A part imports only the top-level files of parts before it; parts to come are already here. */
const order = [
  "model",
  "kernel",
  "codec",
  "store",
  "connect",
  "namespace",
  "historian",
  "analyse",
  "produce",
  "quality",
  "maintain",
  "supply",
  "twin",
  "decide",
  "act",
  "exchange",
  "serve",
  "moru",
  "cli",
  "main",
]

/** May reach into every part: they put the parts together. */
const roots = ["moru", "cli", "main"]

/** Processes of their own that put their parts together. */
const otherRoots = [
  "src/twin/machines/main.ts",
  "src/exchange/sql/main.ts",
  "src/historian/chunks/hand/worker.ts",
]

/** Where a library may be imported. */
const homes: Record<string, RegExp> = {
  "node-opcua": /^src\/(connect\/opcua|twin\/machines|exchange)\//,
  "node:sqlite": /^src\/(store|historian)\/[a-z]+\//,
  kysely: /^src\/(store|historian)\/[a-z]+\//,
  fastify: /^src\/serve\//,
  "@fastify/": /^src\/serve\//,
  "@node-rs/argon2": /^src\/serve\//,
  commander: /^src\/(cli|main)/,
  "csv-parse": /^src\/codec\//,
  pino: /^src\/kernel\/log\//,
  mqtt: /^src\/(connect\/bus|twin\/machines)\//,
  aedes: /^src\/connect\/broker\//,
  "modbus-serial": /^src\/(connect\/modbus|twin\/machines)\//,
  serialport: /^src\/connect\/modbus\//,
  nodes7: /^src\/connect\/s7\//,
  hyparquet: /^src\/exchange\/parquet\//,
  "hyparquet-writer": /^src\/exchange\/parquet\//,
  "@duckdb/": /^src\/exchange\/sql\//,
  "node:worker_threads": /^src\/(historian|exchange)\/[a-z]+\//,
  exceljs: /^src\/(codec|exchange)\//,
  "fast-xml-parser": /^src\/codec\//,
  pg: /^src\/connect\/sql\//,
  mysql2: /^src\/connect\/sql\//,
  tedious: /^src\/connect\/sql\//,
  "@lydell/node-pty": /^src\/twin\/machines\//,
  "node:fs": /^src\/(kernel|connect\/opcua|twin|cli)\//,
  "node:child_process": /^src\/(twin|cli|exchange\/sql)\//,
  yaml: /^src\/(kernel|cli)\//,
}

interface Source {
  readonly file: string
  readonly part: string
  readonly text: string
}

interface Import {
  readonly from: string
  readonly target: string
}

const sources: readonly Source[] = globSync("src/**/*.ts")
  .sort()
  .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
  .map((file) => ({ file, part: partOf(file), text: readFileSync(file, "utf8") }))

function partOf(file: string): string {
  const [, part = ""] = file.split("/")
  return part.replace(/\.ts$/, "")
}

function importsOf({ file, text }: Source): Import[] {
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)"([^"]+)"/g)
  return [...found].map(([, from = ""]) => ({
    from,
    target: from.startsWith(".") ? join(dirname(file), from) : from,
  }))
}

export function breaksOfOrder(source: Source): string[] {
  return importsOf(source).flatMap(({ from, target }) => {
    if (!from.startsWith(".")) return []
    if (!target.startsWith("src/"))
      return /package\.json$/.test(target) ? [] : [`${source.file}: ${from} leaves src`]
    const other = partOf(target)
    if (other === source.part) return []
    if (order.indexOf(other) > order.indexOf(source.part))
      return [`${source.file}: ${source.part} may not look up at ${other}`]
    const isTop = target.split("/").length <= 3
    if (!isTop && !roots.includes(source.part) && !otherRoots.includes(source.file))
      return [`${source.file}: ${from} is private to ${other}; import its top-level files`]
    return []
  })
}

suite("the house", () => {
  test("every part has its place in the order", () => {
    const unknown = sources.filter((s) => !order.includes(s.part)).map((s) => s.file)
    assert.deepEqual(unknown, [])
  })

  test("parts look only at the interfaces of parts before them", () => {
    assert.deepEqual(sources.flatMap(breaksOfOrder), [])
  })

  test("the rule of order can fail", () => {
    const wrong = (text: string) =>
      breaksOfOrder({ file: "src/connect/a/b.ts", part: "connect", text }).length
    assert.equal(wrong('import { x } from "../../serve/api.ts"'), 1)
    assert.equal(wrong('import type { x } from "../../store/sqlite/db.ts"'), 1)
    assert.equal(wrong('const x = await import("../../decide/decide.ts")'), 1)
    assert.equal(wrong('import { x } from "../../store/store.ts"'), 0)
  })

  test("analyse and decide never see the twin's parameters or its log of truth", () => {
    const wrong = sources
      .filter((s) => ["analyse", "decide"].includes(s.part))
      .filter((s) => importsOf(s).some(({ target }) => target.startsWith("src/twin")))
    assert.deepEqual(
      wrong.map((s) => s.file),
      [],
    )
  })

  test("libraries are imported only where they live", () => {
    const wrong = sources.flatMap((s) =>
      importsOf(s).flatMap(({ from }) =>
        Object.entries(homes)
          .filter(([library, home]) => isOf(from, library) && !home.test(s.file))
          .map(([library]) => `${s.file}: ${library} lives in ${homes[library]}`),
      ),
    )
    assert.deepEqual(wrong, [])
  })

  test("time, chance and environment come in through the kernel", () => {
    const free = /^src\/(kernel\/[a-z]+\/|moru\.ts|main\.ts|cli\/|twin\/machines\/(main|spawn)\.ts)/
    const banned =
      /\bMath\.random\(|\bDate\.now\(|\bnew Date\(\)|\bprocess\.env\b|\bperformance\.now\(|\bset(Timeout|Interval)\(/
    const wrong = sources
      .filter((s) => !free.test(s.file))
      .flatMap((s) =>
        s.text
          .split("\n")
          .map((line, i) => ({ line, where: `${s.file}:${i + 1}` }))
          .filter(({ line }) => banned.test(line.replace(/\/\/.*|^\s*\*.*/, "")))
          .map(({ line, where }) => `${where}: ${line.trim()}`),
      )
    assert.deepEqual(wrong, [])
  })

  test("files stay readable: at most 400 lines", () => {
    const long = [
      ...globSync("{src,test,tools,bench}/**/*.ts"),
      ...globSync("web/src/**/*.{ts,tsx}"),
    ]
      .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length - 1 }))
      .filter(({ lines }) => lines > 400)
      .map(({ file, lines }) => `${file}: ${lines} lines`)
    assert.deepEqual(long, [])
  })

  test("no barrels, no files named util or types, nothing left open", () => {
    const named = sources.filter((s) => /\/(index|utils?|types|helpers?|common)\.ts$/.test(s.file))
    const open = sources.filter((s) => /\b(TODO|FIXME|XXX)\b/.test(s.text))
    assert.deepEqual(
      [...named, ...open].map((s) => s.file),
      [],
    )
  })

  test("the screens import only the model and the types of the API", () => {
    const wrong = globSync("web/src/**/*.{ts,tsx}").flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/import (type )?[^"]*"(\.[^"]+)"/g)]
        .map(([, type, from = ""]) => ({ type, target: join(dirname(file), from) }))
        .filter(({ target }) => target.startsWith("src/"))
        .filter(
          ({ type, target }) =>
            !(
              target.startsWith("src/model/") ||
              (type && /^src\/serve\/api(-[a-z]+)*\.ts$/.test(target))
            ),
        )
        .map(({ target }) => `${file}: ${target}`),
    )
    assert.deepEqual(wrong, [])
  })
})

function isOf(from: string, library: string): boolean {
  return library.endsWith("/")
    ? from.startsWith(library)
    : from === library || from.startsWith(`${library}/`)
}
