import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { Packets, readPublish } from "./packets.ts"

function publish(topic: string, payload: Uint8Array, given: { qos: 0 | 1; id?: number }): Buffer {
  const { qos, id = 0 } = given
  const name = Buffer.from(topic)
  const rest = 2 + name.length + 2 * qos + payload.length
  const length: number[] = []
  for (let left = rest; length.length === 0 || left > 0; left >>>= 7)
    length.push((left & 127) | (left > 127 ? 128 : 0))
  const head = [0x30 | (qos << 1), ...length, name.length >> 8, name.length & 255]
  const number = qos === 0 ? [] : [id >> 8, id & 255]
  return Buffer.concat([Buffer.from(head), name, Buffer.from(number), payload])
}

suite("packets", () => {
  test("come out whole, however the stream was cut", () => {
    const one = fc.record({
      topic: fc.string({ minLength: 1, maxLength: 20 }),
      payload: fc.uint8Array({ maxLength: 300 }),
      qos: fc.constantFrom(0, 1),
      id: fc.integer({ min: 1, max: 65_535 }),
    })
    const cuts = fc.array(fc.nat(), { maxLength: 20 })
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 10 }), cuts, (sent, places) => {
        const stream = Buffer.concat(
          sent.map(({ topic, payload, qos, id }) =>
            publish(topic, payload, { qos: qos === 1 ? 1 : 0, id }),
          ),
        )
        const ends = [...places.map((place) => place % stream.length), stream.length]
        const packets = new Packets()
        const got: unknown[] = []
        let from = 0
        for (const end of ends.sort((a, b) => a - b)) {
          packets.add(stream.subarray(from, end))
          from = end
          for (let p = packets.next(1000); p; p = packets.next(1000)) {
            const message = readPublish(p)
            got.push([message?.topic, [...(message?.payload ?? [])], message?.qos, message?.id])
          }
        }
        const expected = sent.map(({ topic, payload, qos, id }) => [
          Buffer.from(topic).toString(),
          [...payload],
          qos,
          qos === 1 ? id : 0,
        ])
        assert.deepEqual(got, expected)
      }),
    )
  })

  test("that are too long are known by their header alone", () => {
    const packets = new Packets()
    packets.add(Buffer.from([0x30, 0xe8]))
    assert.equal(packets.next(1000), undefined)
    packets.add(Buffer.from([0x07]))
    assert.equal(packets.next(1000), undefined, "a thousand bytes are to come")
    const longer = new Packets()
    longer.add(Buffer.from([0x30, 0xe9, 0x07]))
    assert.throws(() => longer.next(1000), RangeError)
    const endless = new Packets()
    endless.add(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]))
    assert.throws(() => endless.next(2 ** 30), RangeError)
  })

  test("that are no PUBLISH of QoS 0 or 1 are none, and broken ones are told", () => {
    assert.equal(readPublish(Buffer.from([0xc0, 0])), undefined)
    assert.equal(readPublish(Buffer.from([0x34, 5, 0, 1, 97, 0, 1])), undefined, "QoS 2")
    assert.throws(() => readPublish(Buffer.from([0x32, 3, 0, 1, 97])), /cut/)
    assert.throws(() => readPublish(Buffer.from([0x30, 2, 0, 9])), /cut/)
    assert.throws(() => readPublish(Buffer.from([0x32, 5, 0, 1, 97, 0, 0])), /identifier/)
  })
})
