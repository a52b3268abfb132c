import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { boundaryOf, MultipartReader } from "./multipart.ts"

const long = 1000

function partsOf(text: string, sizes: readonly number[], boundary = "abc"): string[] {
  const reader = new MultipartReader(boundary, long)
  const bytes = Buffer.from(text)
  const found: string[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    found.push(...reader.push(bytes.subarray(at, at + size)).map(String))
    at += size
  }
  return found
}

suite("parts of an endless answer", () => {
  test("are the same whichever pieces they come in", () => {
    const bodies = ["<a/>", "<b>--abc is no boundary here</b>", "<c>ü</c>"]
    const text = bodies
      .map(
        (b) =>
          `--abc\r\nContent-type: text/xml\r\nContent-length: ${Buffer.byteLength(b)}\r\n\r\n${b}\r\n`,
      )
      .join("")
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        assert.deepEqual(partsOf(text, sizes), bodies)
      }),
    )
  })

  test("without a length end where the next begins", () => {
    const text = "preamble\r\n--abc\r\n\r\n<a/>\r\n--abc\nContent-Type: text/xml\n\n<b/>\r\n--abc--"
    assert.deepEqual(
      partsOf(text, [7]).map((part) => part.trim()),
      ["<a/>", "<b/>"],
    )
    assert.deepEqual(partsOf(text.replaceAll("--abc", "--x"), [1], "--x").length, 2)
  })

  test("that are no parts, or too long, are refused", () => {
    assert.throws(() => partsOf("x".repeat(9000), [100]), /no boundary/)
    assert.throws(() => partsOf(`--abc\r\nA: ${"x".repeat(9000)}`, [100]), /head is too long/)
    assert.throws(() => partsOf("--abc\r\nContent-length: 1001\r\n\r\n", [100]), /1001 bytes/)
    assert.throws(() => partsOf(`--abc\r\n\r\n${"x".repeat(9999)}`, [100]), /too long/)
  })

  test("have a boundary that the content type names", () => {
    const types = {
      "multipart/x-mixed-replace;boundary=a1": "a1",
      'Multipart/X-Mixed-Replace; charset=utf-8; boundary="a b"': "a b",
      "text/xml": undefined,
      "text/xml; boundary=a": undefined,
      "multipart/mixed": undefined,
    }
    for (const [type, boundary] of Object.entries(types)) assert.equal(boundaryOf(type), boundary)
  })
})
