import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { formatIso, parseIso } from "./iso-time.ts"
import { elementName, type MtConnectDocument, ucumOf } from "./mtconnect.ts"
import { formatMtConnect } from "./mtconnect-format.ts"
import { parseMtConnect } from "./mtconnect-parse.ts"
import { documents, header } from "./testing/mtconnect-documents.ts"
import { parseXml } from "./xml.ts"

/** XML 1.0, 2.2. */
function isOfXml(code: number): boolean {
  if ([0x9, 0xa, 0xd].includes(code)) return true
  const isIn = (low: number, high: number) => code >= low && code <= high
  return isIn(0x20, 0xd7ff) || isIn(0xe000, 0xfffd) || isIn(0x10000, 0x10ffff)
}

suite("MTConnect documents", () => {
  for (const document of documents)
    test(`${document.kind} are read as they were written`, () => {
      assert.deepEqual(parseMtConnect(formatMtConnect(document)), document)
    })

  test("the namespace follows the header's version", () => {
    const [document] = documents
    assert(document)
    const version = "2.0.0.12"
    const newer = { ...document, header: { ...header, version } } as MtConnectDocument
    assert.match(formatMtConnect(newer), /xmlns="urn:mtconnect.org:MTConnectDevices:2.0"/)
  })

  test("an agent's own ways are understood: prefixes, conditions in the plural, a lone error", () => {
    const streams = parseMtConnect(
      `<m:MTConnectStreams xmlns:m="urn:mtconnect.org:MTConnectStreams:1.3"><m:Header instanceId="1" nextSequence="9"/>
       <m:Streams><m:DeviceStream name="a" uuid="b"><m:ComponentStream component="Path" componentId="p">
       <m:Conditions><m:Warning dataItemId="c" sequence="8" timestamp="2026-11-24T08:00:00" type="SYSTEM"/><m:Odd dataItemId="c" sequence="7"/></m:Conditions>
       <m:Events><m:Block sequence="6"/><m:Block dataItemId="b" sequence="-1"/></m:Events>
       </m:ComponentStream></m:DeviceStream></m:Streams></m:MTConnectStreams>`,
    )
    assert(streams.kind === "streams")
    assert.deepEqual([streams.header.firstSequence, streams.header.lastSequence], [1, 8])
    const found = streams.streams[0]?.components[0]?.observations ?? []
    assert.deepEqual(
      found.map(({ sequence, condition }) => [sequence, condition?.level]),
      [[8, "warning"]],
    )
    assert.equal(found[0]?.at, Date.UTC(2026, 10, 24, 8))
    const error = parseMtConnect(
      '<MTConnectError><Header instanceId="1"/><Error errorCode="NO_DEVICE">no x</Error></MTConnectError>',
    )
    assert.deepEqual(error.kind === "error" && error.errors, [{ code: "NO_DEVICE", text: "no x" }])
  })

  test("what is no document of MTConnect says so", () => {
    const wrong = {
      "<html><body/></html>": /<html> without a header/,
      "<a><Header instanceId='1'/></a>": /no MTConnect document/,
      "<MTConnectStreams><Header instanceId='1'/></MTConnectStreams>": /nextSequence/,
      "<MTConnectStreams><Header nextSequence='1'/></MTConnectStreams>": /instanceId/,
      "HTTP is fun": /well-formed/,
      '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>': /document type/,
      "<a>&x;</a>": /entity &x;/,
    }
    for (const [text, because] of Object.entries(wrong))
      assert.throws(() => parseMtConnect(text), because)
    assert.throws(() => parseXml("<a>".repeat(99) + "</a>".repeat(99)), /nested/)
  })

  test("any text survives in a value, but for what XML cannot hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const [, streams] = documents
        assert(streams?.kind === "streams")
        const text = JSON.stringify(streams).replace('"12.5"', JSON.stringify(`|${value}|`))
        const read = parseMtConnect(formatMtConnect(JSON.parse(text)))
        const got =
          read.kind === "streams" && read.streams[0]?.components[0]?.observations[0]?.value
        const kept = [...value].map((c) => (isOfXml(c.codePointAt(0) ?? 0) ? c : "\u{FFFD}"))
        assert.equal(got, `|${kept.join("")}|`)
      }),
    )
  })
})

test("elements are called by the type of their data item", () => {
  const names = ["SPINDLE_SPEED", "PH", "x:PART_ORDER", "MTCONNECT_VERSION"].map(elementName)
  assert.deepEqual(names, ["SpindleSpeed", "PH", "x:PartOrder", "MTConnectVersion"])
})

test("units become UCUM codes", () => {
  const units = ["MILLIMETER_3D", "REVOLUTION/MINUTE", "CELSIUS", "FURLONG", undefined].map(ucumOf)
  assert.deepEqual(units, ["mm", "/min", "Cel", undefined, undefined])
})

test("times are read with and without an offset, and written in UTC", () => {
  const eight = Date.UTC(2026, 10, 24, 8)
  for (const text of [
    "2026-11-24T08:00:00Z",
    "2026-11-24T17:00:00.000+09:00",
    "2026-11-24T08:00:00",
  ])
    assert.equal(parseIso(text), eight)
  assert.equal(parseIso("2026-11-24T08:00:00.1234567Z"), eight + 123.4567)
  for (const wrong of ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-24"])
    assert(Number.isNaN(parseIso(wrong)), wrong)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2099, 0) }), (ms) => {
      assert.equal(formatIso(ms), new Date(ms).toISOString())
      assert.equal(parseIso(formatIso(ms)), ms)
    }),
  )
})
