import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import {
  decodeState,
  encodeState,
  formatTopic,
  messageTypes,
  parseTopic,
  stateTopic,
} from "./sparkplug-topic.ts"

suite("Sparkplug B topics", () => {
  test("a topic is read as it was made", () => {
    const name = fc.string({ unit: "grapheme", minLength: 1 }).filter((n) => !/[+#/\0]/.test(n))
    const topic = fc
      .tuple(name, fc.constantFrom(...messageTypes), name, name)
      .map(([group, type, node, device]) =>
        type.startsWith("D") ? { group, type, node, device } : { group, type, node },
      )
    fc.assert(
      fc.property(topic, (given) => assert.deepEqual(parseTopic(formatTopic(given)), given)),
    )
  })

  test("what is no topic of an edge node is none", () => {
    for (const topic of [
      "",
      "spBv1.0",
      "spAv1.0/g/NDATA/n",
      "spBv1.0/g/NDATA/n/d",
      "spBv1.0/g/DDATA/n",
      "spBv1.0/g/DDATA/n/d/more",
      "spBv1.0/g/NOTHING/n",
      "spBv1.0//NDATA/n",
      "spBv1.0/g/NDATA/",
      stateTopic("host"),
    ])
      assert.equal(parseTopic(topic), undefined, topic)
  })

  test("a host's state is read as it was said, and rubbish is none", () => {
    const state = { online: true, timestamp: 1_700_000_000_000 }
    assert.deepEqual(decodeState(encodeState(state)), state)
    for (const text of ["ONLINE", "", "null", "1", '{"online":"true","timestamp":1}', "{"])
      assert.equal(decodeState(new TextEncoder().encode(text)), undefined, text)
  })
})
