import type { ConfigRecord, PlantHost, PlantMemory } from "../kernel/config.ts"
import type { Plant } from "../model/plant.ts"
import type { Store } from "../store/store.ts"

const collection = "setting"
const id = "plant-files"

/** What the watch over the plant's files keeps, in the store; and how a change reaches the running loop. */
export function plantHost(store: Store, apply: (plant: Plant) => Promise<void>): PlantHost {
  return {
    apply: (plant) => apply(plant),
    record: async (records, memory) => {
      const waiting = records.findIndex(({ kind }) => kind === "config.waiting")
      const put = { collection, id, document: memory } as const
      const kept = await store.commit({
        records: records.map(draftOf),
        puts: [waiting < 0 ? put : { ...put, record: waiting }],
      })
      return kept.map((record) => record.id)
    },
    recall: () => store.get<PlantMemory>(collection, id),
  }
}

function draftOf({ kind, by, causes, body }: ConfigRecord) {
  return { kind, by, causes, subject: "plant", body: { ...body } }
}
