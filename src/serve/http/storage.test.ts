import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { Value } from "typebox/value"
import { nextTurn } from "../../kernel/turn.ts"
import { keepAll } from "../../model/plant.ts"
import { type StorageView, storageView } from "../api-storage.ts"
import type { ServeParts } from "../serve.ts"
import { administratorOf } from "../testing/browser.ts"
import { plant } from "../testing/plant.ts"
import { openRig } from "../testing/rig.ts"

suite("storage over HTTP", () => {
  test("tells how full it is, and what is kept for how long", async () => {
    const rule = { tags: "**", rawMs: 5, minutesMs: 10, hoursMs: Number.POSITIVE_INFINITY }
    const storage = { ...keepAll, retention: [rule] }
    const rig = await openRig({ plant: () => ({ ...plant, storage }) })
    try {
      const person = await administratorOf(rig)
      const { body } = await person.get<StorageView>("/api/v1/storage")
      assert.ok(Value.Check(storageView, body), JSON.stringify(body))
      assert.deepEqual([body.state, body.budgetBytes, body.daysUntilFull], ["near", 50e9, 12.5])
      assert.deepEqual(body.retention, [{ tags: "**", rawMs: 5, minutesMs: 10 }])
    } finally {
      await rig.close()
    }
  })

  test("one backup at a time; what is asked reaches it, and one that was left makes room", async () => {
    const asked: unknown[] = []
    let left = 0
    const backup: ServeParts["backup"] = async function* ({ have, by }) {
      asked.push([[...have], by.length > 0])
      try {
        for (;;) {
          yield new Uint8Array(100_000)
          await nextTurn()
        }
      } finally {
        left++
      }
    }
    const rig = await openRig({ backup })
    try {
      const person = await administratorOf(rig)
      const have = ["a".repeat(64)]
      const begin = () =>
        fetch(`${rig.url}/api/v1/backup`, {
          method: "POST",
          headers: {
            cookie: person.cookie ?? "",
            "x-csrf-token": person.csrf,
            "content-type": "application/json",
          },
          body: JSON.stringify({ have }),
        })
      const first = await begin()
      assert.equal(first.headers.get("content-type"), "application/x-tar")
      assert.equal((await begin()).status, 429)
      await first.body?.cancel()
      while (left === 0) await nextTurn()
      let second = await begin()
      while (second.status === 429) second = await begin()
      assert.equal(second.status, 200)
      await second.body?.cancel()
      assert.deepEqual(asked, Array(2).fill([have, true]))
      const wrong = await person.post("/api/v1/backup", { have: ["../store.db"] })
      assert.equal(wrong.status, 400)
    } finally {
      await rig.close()
    }
  })
})
