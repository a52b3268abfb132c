import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { bytesOf, note, smallPlant, start, temperature, whole } from "../testing/plant.ts"
import { writeCsv } from "./csv.ts"

suite("samples as CSV", () => {
  test("stand in lines that a Korean spreadsheet reads, in UTC and in the plant's time", async () => {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      await bytesOf(writeCsv, await smallPlant()),
    )
    assert.ok(text.startsWith("\uFEFFpath,time,local_time,value,unit,quality,source,sequence\r\n"))
    assert.deepEqual(text.split("\r\n").slice(1, 6), [
      "hwaseong/dc-1/temperature,2026-07-28T05:03:05.250Z,2026-07-28 14:03:05.250,180.25,Cel,good,dc-1@7f3a,70",
      "hwaseong/dc-1/temperature,2026-07-28T05:03:05.252Z,2026-07-28 14:03:05.252,0,Cel,good,dc-1@7f3a,71",
      "hwaseong/dc-1/temperature,2026-07-28T05:03:05.253Z,2026-07-28 14:03:05.253,,Cel,badNoData,dc-1@7f3a,72",
      "hwaseong/dc-1/temperature,2026-07-28T05:03:05.255Z,2026-07-28 14:03:05.255,,Cel,uncertainRange,dc-1@7f3a,73",
      "hwaseong/dc-1/temperature,2026-07-28T05:03:05.256Z,2026-07-28 14:03:05.256,5e-324,Cel,good,dc-1@7f3a,74",
    ])
    assert.match(text, /dc-1\/door,2026-07-28T05:03:06.250Z,2026-07-28 14:03:06.250,false,1,good/)
  })

  test("run nothing in a spreadsheet, and a text of two lines stays one cell", async () => {
    const bytes = await bytesOf(writeCsv, await smallPlant(), { ...whole, tags: [note] })
    const text = new TextDecoder().decode(bytes)
    assert.match(text, /,"'=cmd\(""한글"", 1\)",1,good/)
    assert.match(text, /,"두 줄\r\n글",1,good/)
  })

  test("end at the interval's end and say how far they are", async () => {
    const shares: number[] = []
    const request = {
      ...{ ...whole, tags: [temperature], from: start, to: start + 3 },
      onProgress: ({ share }: { share: number }) => shares.push(share),
    }
    const text = new TextDecoder().decode(await bytesOf(writeCsv, await smallPlant(), request))
    assert.equal(text.trimEnd().split("\r\n").length, 3)
    assert.deepEqual(shares, [0.5, 1])
  })

  test("stop when nobody waits for them any more", async () => {
    const controller = new AbortController()
    const lines = writeCsv(whole, await smallPlant(), controller.signal)[Symbol.asyncIterator]()
    await lines.next()
    controller.abort(new Error("gone"))
    await assert.rejects(async () => {
      for (;;) if ((await lines.next()).done) return
    }, /gone/)
  })
})
