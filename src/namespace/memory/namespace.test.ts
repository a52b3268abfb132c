import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { SimulatedClock } from "../../kernel/clock/simulated.ts"
import { Metrics } from "../../kernel/metrics.ts"
import { type Block, BlockWriter, historySource, sourceId } from "../../model/block.ts"
import { compilePattern, parentOf, parsePath } from "../../model/path.ts"
import { quality } from "../../model/quality.ts"
import type { Tag, TagId, TagKind } from "../../model/tag.ts"
import type { Registry } from "../../store/store.ts"
import type { Late } from "../namespace.ts"
import { MemoryNamespace } from "./namespace.ts"

const source = sourceId({ name: "dc-1", epoch: "a" })

/** Ids in memory only: what the store's registry is to a namespace, without its file. */
function newRegistry(): Registry {
  const tags: { path: string; kind: TagKind; texts: string[] }[] = []
  return {
    tagId: (path, kind) => {
      const found = tags.findIndex((tag) => tag.path === path && tag.kind === kind)
      return found >= 0 ? found + 1 : tags.push({ path, kind, texts: [] })
    },
    pathOf: (id) => tags[id - 1] && parsePath(tags[id - 1]?.path ?? ""),
    kindOf: (id) => tags[id - 1]?.kind,
    textId: (tag, text) => {
      const texts = tags[tag - 1]?.texts ?? []
      const found = texts.indexOf(text)
      return found >= 0 ? found + 1 : texts.push(text)
    },
    textOf: (tag, id) => tags[tag - 1]?.texts[id - 1],
    flush: async () => {},
  }
}

function tag(path: string, kind: TagKind = "number"): Tag {
  const parsed = parsePath(path)
  return {
    path: parsed,
    equipment: parentOf(parsed) ?? parsed,
    kind,
    unit: "1",
    name: { en: path },
    decimals: 1,
    staleAfterMs: 5000,
    limits: [],
  }
}

function block(...rows: [tag: TagId, at: number, value: number, quality?: number][]): Block {
  const writer = new BlockWriter(4)
  for (const [id, at, value, q] of rows) writer.add(id, at, value, q ?? quality.good)
  return writer.take({ source, sequence: 10, received: 0 })
}

function rowsOf({ length, tag, at, value, quality }: Block): number[][] {
  return Array.from({ length }, (_, i) => [
    tag[i] ?? -1,
    at[i] ?? -1,
    value[i] ?? -1,
    quality[i] ?? -1,
  ])
}

async function setUp(tags: readonly Tag[], late: (late: Late) => void = () => {}) {
  const registry = newRegistry()
  const clock = new SimulatedClock(1000)
  const metrics = new Metrics()
  const namespace = new MemoryNamespace({ registry, clock, metrics, late })
  const ids = await namespace.define(tags)
  return { registry, clock, metrics, namespace, ids, stop: new AbortController() }
}

suite("namespace", () => {
  test("the latest value is the newest by source time, with what arrived last at equal times", async () => {
    const { namespace, ids } = await setUp([tag("line/dc-1/temperature")])
    const [id = 0] = ids
    assert.equal(namespace.latest(id), undefined)
    await namespace.publish(block([id, 100, 1], [id, 90, 2]))
    await namespace.publish(block([id, 95, 3]))
    assert.deepEqual(namespace.latest(id), { tag: id, at: 100, value: 1, quality: quality.good })
    await namespace.publish(block([id, 100, 4, quality.badSensor]))
    assert.deepEqual(namespace.latest(id), {
      tag: id,
      at: 100,
      value: 4,
      quality: quality.badSensor,
    })
  })

  test("what its sender had kept back is late, and no newest value even at the same time", async () => {
    const told: Late[] = []
    const { namespace, ids } = await setUp([tag("m/a")], (late) => told.push(late))
    const [id = 0] = ids
    const kept = historySource({ device: "dc-1", epoch: "a" })
    await namespace.publish(block([id, 60_000, 1]))
    await namespace.publish({ ...block([id, 60_000, 2], [id, 30_000, 3]), source: kept })
    assert.equal(namespace.latest(id)?.value, 1)
    assert.deepEqual(told, [{ source: kept, tags: [id], from: 30_000, to: 60_001, rows: 2 }])
  })

  test("a usable sample much older than the newest is late; one in passing, a bad one and one told again are not", async () => {
    const told: Late[] = []
    const { namespace, ids } = await setUp([tag("m/a")], (late) => told.push(late))
    const [id = 0] = ids
    await namespace.publish(block([id, 10_000, 1], [id, 20_000, 1, quality.badNotConnected]))
    await namespace.publish(block([id, 10_000, 1], [id, 19_500, 2], [id, 12_000, 3, quality.bad]))
    assert.deepEqual(told, [])
    await namespace.publish(block([id, 12_000, 3]))
    assert.deepEqual(told, [{ source, tags: [id], from: 12_000, to: 12_001, rows: 1 }])
  })

  test("after the clock was set back the next sample is the newest again", async () => {
    const { namespace, ids } = await setUp([tag("m/a")])
    const [id = 0] = ids
    await namespace.publish(block([id, 7_200_000, 1]))
    namespace.putBack(1000)
    await namespace.publish(block([id, 1500, 2]))
    assert.deepEqual(namespace.latest(id), { tag: id, at: 1500, value: 2, quality: quality.good })
  })

  test("values are given in the words of their kind", async () => {
    const { namespace, registry, ids } = await setUp([
      tag("m/number"),
      tag("m/switch", "boolean"),
      tag("m/state", "text"),
    ])
    const [number = 0, boolean = 0, text = 0] = ids
    const value = (id: TagId) => namespace.latest(id)?.value
    await namespace.publish(
      block([number, 1, Number.NaN], [boolean, 1, 1], [text, 1, registry.textId(text, "가동")]),
    )
    assert.deepEqual([value(number), value(boolean), value(text)], [Number.NaN, true, "가동"])
    await namespace.publish(
      block(
        [number, 2, Number.NaN, quality.badNoData],
        [boolean, 2, Number.NaN, quality.badNoData],
        [text, 2, 99, quality.badNoData],
      ),
    )
    assert.deepEqual([value(number), value(boolean), value(text)], [null, null, null])
    await namespace.publish(block([boolean, 3, 0], [number, 3, -0]))
    assert.deepEqual([value(boolean), Object.is(value(number), -0)], [false, true])
  })

  test("a snapshot does not change, and its ages are those of its moment", async () => {
    const { namespace, clock, ids } = await setUp([tag("m/a"), tag("m/b")])
    const [id = 0] = ids
    await namespace.publish(block([id, 400, 1]))
    const before = namespace.snapshot()
    await clock.advance(500)
    await namespace.publish(block([id, 1400, 2]))
    const path = parsePath("m/a")
    assert.deepEqual([before.at, before.get(path)?.value, before.ageMs(path)], [1000, 1, 600])
    const now = namespace.snapshot()
    assert.deepEqual([now.at, now.get(path)?.value, now.ageMs(path)], [1500, 2, 100])
    assert.equal(now.get(parsePath("m/b")), undefined)
    assert.equal(now.ageMs(parsePath("m/unknown")), undefined)
  })

  test("a follower gets the rows of its pattern from the call on, in order", async () => {
    const { namespace, ids, stop } = await setUp([
      tag("line/a/x"),
      tag("line/b/x"),
      tag("line/b/y"),
    ])
    const [ax = 0, bx = 0, by = 0] = ids
    const options = { limit: 10, whenFull: "wait", signal: stop.signal } as const
    const follow = (pattern: string) => namespace.follow(pattern, options)[Symbol.asyncIterator]()
    const [all, b, x] = [follow("**"), follow("line/b/*"), follow("line/*/x")]
    const whole = block([ax, 1, 1], [bx, 1, 2], [by, 1, 3])
    await namespace.publish(whole)
    await namespace.publish(block([ax, 2, 4]))
    assert.equal((await all.next()).value, whole)
    const ofB = (await b.next()).value
    assert.deepEqual(rowsOf(ofB), [
      [bx, 1, 2, 0],
      [by, 1, 3, 0],
    ])
    assert.equal(ofB.sequence, 11)
    assert.equal((await x.next()).value.length, 2)
    assert.deepEqual(rowsOf((await x.next()).value), [[ax, 2, 4, 0]])
    stop.abort()
    assert.deepEqual(await b.next(), { done: true, value: undefined })
  })

  test("a tag defined later is followed by those whose pattern it matches", async () => {
    const { namespace, stop } = await setUp([tag("line/a/x")])
    const options = { limit: 10, whenFull: "wait", signal: stop.signal } as const
    const b = namespace.follow("line/b/**", options)[Symbol.asyncIterator]()
    const [id = 0] = await namespace.define([tag("line/b/x")])
    await namespace.publish(block([id, 1, 7]))
    assert.deepEqual(rowsOf((await b.next()).value), [[id, 1, 7, 0]])
    stop.abort()
  })

  test("a tag that changes its kind is a new tag at the same path", async () => {
    const { namespace, ids } = await setUp([tag("m/a")])
    const [old = 0] = ids
    const [id = 0] = await namespace.define([tag("m/a", "text")])
    assert.notEqual(id, old)
    assert.equal(namespace.idOf(parsePath("m/a")), id)
    assert.equal(namespace.tag(old), undefined)
    assert.deepEqual(
      namespace.tags().map((t) => [t.id, t.kind]),
      [[id, "text"]],
    )
  })

  test("rows of unknown tags are counted and left out, the rest goes on", async () => {
    const { namespace, metrics, ids, stop } = await setUp([tag("m/a")])
    const [id = 0] = ids
    const options = { limit: 10, whenFull: "wait", signal: stop.signal } as const
    const all = namespace.follow("**", options)[Symbol.asyncIterator]()
    await namespace.publish(block([99, 1, 1], [id, 1, 2], [0, 1, 3]))
    assert.deepEqual(rowsOf((await all.next()).value), [[id, 1, 2, 0]])
    assert.equal(namespace.latest(99), undefined)
    assert.equal(metrics.get("moru_namespace_unknown_rows_total"), 2)
    stop.abort()
  })

  test("publishing waits for a follower that wants all, never for one that may lose some", async () => {
    const { namespace, metrics, ids, stop } = await setUp([tag("m/a")])
    const [id = 0] = ids
    const lossy = new AbortController()
    const wait = namespace.follow("**", { limit: 2, whenFull: "wait", signal: stop.signal })
    const drop = namespace.follow("**", {
      limit: 2,
      whenFull: "drop-oldest",
      signal: lossy.signal,
    })
    let published = 0
    const all = Array.from({ length: 6 }, (_, i) =>
      namespace.publish(block([id, i, i])).then(() => {
        published += 1
      }),
    )
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(published, 2)
    const dropped = drop[Symbol.asyncIterator]()
    assert.deepEqual((await dropped.next()).value.at[0], 4)
    lossy.abort()
    assert.equal(metrics.get("moru_namespace_dropped_blocks_total"), 4)
    const seen: unknown[] = []
    for await (const { at } of wait) {
      seen.push(at[0])
      if (seen.length === 6) break
    }
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5])
    await Promise.all(all)
    await namespace.publish(block([id, 7, 7]))
    await namespace.publish(block([id, 8, 8]))
    await namespace.publish(block([id, 9, 9]))
  })

  test("a follower that ends lets a waiting publisher go", async () => {
    const { namespace, ids, stop } = await setUp([tag("m/a")])
    const [id = 0] = ids
    namespace.follow("**", { limit: 1, whenFull: "wait", signal: stop.signal })
    const all = [1, 2, 3].map((at) => namespace.publish(block([id, at, at])))
    stop.abort()
    await Promise.all(all)
  })

  test("a follower gets exactly the rows whose path matches, whatever is published", async () => {
    const paths = ["a/x", "a/y", "b/x", "b/c/x", "b/c/d/y"]
    const patterns = ["**", "a/*", "*/x", "b/**", "**/x", "none/*"]
    const { namespace, ids, stop } = await setUp(paths.map((path) => tag(path)))
    const blocks = fc.array(fc.array(fc.nat({ max: paths.length }), { maxLength: 8 }), {
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...patterns), blocks, async (pattern, content) => {
        const one = new AbortController()
        const following = namespace.follow(pattern, {
          limit: 100,
          whenFull: "wait",
          signal: one.signal,
        })
        let count = 0
        for (const rows of content)
          await namespace.publish(
            block(...rows.map((i): [number, number, number] => [ids[i] ?? 77, 1, count++])),
          )
        const end = block([ids[0] ?? 0, 2, -1], [ids[2] ?? 0, 2, -1], [ids[4] ?? 0, 2, -1])
        await namespace.publish(end)
        count = 0
        const matches = compilePattern(pattern)
        const expected = content
          .flat()
          .map((i) => ({ path: paths[i], value: count++ }))
          .filter(({ path }) => path !== undefined && matches(parsePath(path)))
          .map(({ value }) => value)
        const seen: number[] = []
        if (pattern !== "none/*")
          for await (const { value } of following) {
            if (value.includes(-1)) break
            seen.push(...value)
          }
        one.abort()
        assert.deepEqual(seen, expected)
      }),
      { numRuns: 100 },
    )
    stop.abort()
  })
})
