import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { parseAddress } from "./address.ts"

suite("addresses of S7", () => {
  test("say area, type, byte, bit or length, and scale", () => {
    assert.deepEqual(parseAddress("DB3,INT6*0.1-40"), {
      group: "DB3",
      area: "DB",
      db: 3,
      start: 6,
      type: "INT",
      length: 2,
      scale: { times: 1, over: 10, plus: -40 },
    })
    assert.deepEqual(parseAddress("m4.2"), {
      group: "M0",
      area: "M",
      db: 0,
      start: 4,
      type: "X",
      length: 1,
      bit: 2,
    })
    assert.deepEqual(parseAddress("DB2,S20.16"), parseAddress("DB2,STRING20.16"))
    assert.deepEqual(parseAddress("E0.1"), parseAddress("I,X0.1"))
  })

  for (const [wrong, because] of [
    ["DB1", /^what cannot be read|^area "DB"/],
    ["DB0,INT0", /^DB0, expected DB1 to DB65535/],
    ["DB1,FLOAT0", /^type "FLOAT", expected one of X, BYTE/],
    ["DB1,RAEL0", /did you mean "REAL"/],
    [
      "MW10",
      /^area "MW", expected DB with its number, I, Q or M \(did you mean "M,WORD\.\.\."\?\)/,
    ],
    ["DB1,X4", /^bit unknown, expected 0 to 7 behind the byte/],
    ["M4.8", /^bit 8, expected 0 to 7/],
    ["DB1,STRING20", /^a STRING of unknown characters/],
    ["DB1,INT2.1", /^\.1 behind INT/],
    ["DB1,X0.0*2", /^a scale for X/],
    ["DB1,REAL65534", /^byte 65534 for 4 bytes/],
    ["", /^what cannot be read, expected DB1,REAL4/],
  ] as const)
    test(`"${wrong}" is refused with its remedy`, () => {
      const said = parseAddress(wrong)
      assert.match(typeof said === "string" ? said : "taken", because)
    })
})
