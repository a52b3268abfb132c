import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { halves, planSpans, type Span } from "../spans.ts"
import { type Place, parseAddress } from "./address.ts"
import { limitsOf } from "./reader.ts"
import { bytesFor, givenIn } from "./values.ts"

function place(address: string): Place {
  const parsed = parseAddress(address, 1)
  assert(typeof parsed === "object", `${address}: got ${parsed}`)
  return parsed
}

suite("addresses of Modbus", () => {
  test("say unit, table, number, type, order and scale", () => {
    assert.deepEqual(place("3/holding/100:float32:cdab*0.1-40"), {
      group: "3/holding",
      unit: 3,
      table: "holding",
      start: 100,
      length: 2,
      encoding: { type: "float32", order: "cdab" },
      scale: { times: 1, over: 10, plus: -40 },
    })
    assert.deepEqual(place("coil/7"), {
      group: "1/coil",
      unit: 1,
      table: "coil",
      start: 7,
      length: 1,
      encoding: { type: "bool", order: "abcd" },
    })
    assert.equal(place("input/4.15").bit, 15)
    assert.equal(place("input/4").encoding.type, "uint16")
    assert.equal(place("holding/20:string(15)").length, 8)
    assert.deepEqual(place("input/1*2.5e-2").scale, { times: 25, over: 1000, plus: 0 })
  })

  test("take conventional numbers, which count from 1, only without a table", () => {
    const of = (address: string) => {
      const { unit, table, start } = place(address)
      return `${unit}/${table}/${start}`
    }
    assert.equal(of("40001"), "1/holding/0")
    assert.equal(of("7/30101:int16"), "7/input/100")
    assert.equal(of("465536"), "1/holding/65535")
    assert.equal(of("00001"), "1/coil/0")
    assert.equal(of("10002"), "1/discrete/1")
    assert.equal(of("holding/40001"), "1/holding/40001")
  })

  for (const [wrong, because] of [
    ["holdng/3", /^table "holdng", expected coil, .* \(did you mean "holding"\?\)/],
    ["holding/3:flaot32", /^type "flaot32", .* \(did you mean "float32"\?\)/],
    ["holding/3:float32:abdc", /^order "abdc", expected abcd, cdab, badc or dcba/],
    ["100", /^number 100 without a table, expected holding\/100/],
    ["20001", /without a table/],
    ["40000", /without a table/],
    ["300/holding/1", /^unit 300, expected one from 0 to 255/],
    ["holding/65535:uint32", /^address 65535 for 2 registers/],
    ["holding/1.16", /^bit 16, expected one from 0 to 15/],
    ["coil/1:int16", /a coil is one bit/],
    ["coil/1.2", /a coil is one bit/],
    ["holding/1.2:int16", /^type "int16" of a bit/],
    ["holding/1:bool*2", /^a scale for bool/],
    ["holding/1*0", /^scale 0/],
    ["holding/1:string(0)", /expected 1 to 250/],
    ["holding/1:string(4):cdab", /of a string, expected abcd or badc/],
    ["", /^what cannot be read, expected \[unit\/\]table/],
    ["holding/-1", /^what cannot be read/],
  ] as const)
    test(`"${wrong}" is refused with its remedy`, () => {
      const said = parseAddress(wrong, 1)
      assert.match(typeof said === "string" ? said : "taken", because)
    })
})

suite("the plan of requests", () => {
  type Item = { readonly place: Place }
  const plan = (points: readonly Item[], most = 120, gap = 8) =>
    planSpans(points, ({ place }) => limitsOf(place, { "max-registers": most, "max-gap": gap }))
  const items = (...addresses: string[]) => addresses.map((a) => ({ place: place(a) }))
  const shape = (spans: readonly Span<Item>[]) =>
    spans.map(({ start, length, items: [{ place }] }) => `${place.group}/${start}+${length}`)

  test("joins neighbours of one unit and table over small gaps", () => {
    const points = items("holding/10", "holding/0:float32", "input/1", "2/holding/2", "holding/20")
    assert.deepEqual(shape(plan(points)), [
      "1/holding/0+11",
      "1/holding/20+1",
      "1/input/1+1",
      "2/holding/2+1",
    ])
  })

  test("keeps every limit, and every point in exactly one request that holds it whole", () => {
    const any = fc.array(
      fc.tuple(
        fc.constantFrom("coil", "holding", "input"),
        fc.nat(600),
        fc.constantFrom("", ":float32", ":int64"),
        fc.constantFrom(1, 2),
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(any, fc.integer({ min: 4, max: 125 }), fc.nat(20), (given, most, maxGap) => {
        const points = items(
          ...given.map(([t, n, type, unit]) => `${unit}/${t}/${n}${t === "coil" ? "" : type}`),
        )
        const spans = plan(points, most, maxGap)
        assert.equal(spans.flatMap((span) => span.items).length, points.length)
        for (const span of spans) {
          const [first] = span.items
          assert(span.length <= (first.place.table === "coil" ? 2000 : most))
          for (const { place } of span.items) {
            assert.equal(place.group, first.place.group)
            assert(place.start >= span.start)
            assert(place.start + place.length <= span.start + span.length)
          }
        }
      }),
    )
  })

  test("parts what was refused at its widest gap, else in the middle, until points stand alone", () => {
    const [span] = plan(items("input/0", "input/1", "input/6", "input/7"))
    assert(span)
    assert.deepEqual(shape(halves(span)), ["1/input/0+2", "1/input/6+2"])
    const [close] = plan(items("input/0", "input/1", "input/2", "input/3"))
    assert(close)
    assert.deepEqual(shape(halves(close)), ["1/input/0+2", "1/input/2+2"])
  })
})

suite("values of points", () => {
  const read = (address: string, sent: string, kind: "number" | "text" = "number") => {
    const where = place(address)
    const given = givenIn(Buffer.from(sent, "hex"), where, { place: where, kind })
    return given && [given.value, given.said]
  }

  test("are scaled without the dust of binary fractions", () => {
    assert.deepEqual(read("input/0*0.1", "0003"), [0.3, 0])
    assert.deepEqual(read("input/0:int16*0.1-40", "fff6"), [-41, 0])
    assert.deepEqual(read("input/0:uint32*0.001", "0001e240"), [123.456, 0])
  })

  test("beyond 2^53 are uncertain as numbers and whole as texts", () => {
    assert.deepEqual(read("input/0:uint64", "0020000000000001"), [2 ** 53, 64])
    assert.deepEqual(read("input/0:uint64", "0020000000000001", "text"), ["9007199254740993", 0])
  })

  test("a float that is no number is no data", () => {
    assert.deepEqual(read("input/0:float32", "7fc00000"), [null, 0])
  })

  test("bits count from the least significant", () => {
    assert.deepEqual(read("input/0.0", "0001"), [true, 0])
    assert.deepEqual(read("input/0.15", "0001"), [false, 0])
    assert.deepEqual(read("input/0.15", "8000"), [true, 0])
  })

  test("are written back by the same scale, and only where nothing of them is lost", () => {
    const written = (value: number, address: string) => {
      const bytes = bytesFor(value, place(address))
      return bytes && Buffer.from(bytes).toString("hex")
    }
    assert.equal(written(23.5, "holding/0*0.1"), "00eb")
    assert.equal(written(23.55, "holding/0*0.1"), undefined)
    assert.equal(written(-41, "holding/0:int16*0.1-40"), "fff6")
    assert.equal(written(-50, "holding/0*0.1-40"), undefined)
    assert.equal(written(0.3, "holding/0*0.1"), "0003")
  })

  test("what is read can be written, to the same bytes", () => {
    fc.assert(
      fc.property(fc.nat(65_535), fc.constantFrom("0.1", "0.01", "0.05", "3", "0.125"), (n, by) => {
        const address = `holding/0*${by}+7`
        const hex = n.toString(16).padStart(4, "0")
        const [value] = read(address, hex) ?? []
        const bytes = bytesFor(value as number, place(address))
        assert(bytes)
        assert.equal(Buffer.from(bytes).toString("hex"), hex)
      }),
    )
  })
})
