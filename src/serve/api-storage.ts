import { type Static, Type } from "typebox"
import { storageKinds } from "../historian/storage.ts"

/** GET /storage: how full the data folder is. Bytes are those of its files. */
export const storageView = Type.Object({
  state: Type.Union([Type.Literal("good"), Type.Literal("near"), Type.Literal("full")]),
  usedBytes: Type.Number(),
  budgetBytes: Type.Number(),
  /** On the disk, for this program. */
  freeBytes: Type.Number(),
  kinds: Type.Object(
    Object.fromEntries(storageKinds.map((kind) => [kind, Type.Number()])) as Record<
      (typeof storageKinds)[number],
      ReturnType<typeof Type.Number>
    >,
  ),
  /** Of the samples: as they came, and as summaries of minutes and hours. */
  tiers: Type.Object({ raw: Type.Number(), minutes: Type.Number(), hours: Type.Number() }),
  oldestSample: Type.Optional(Type.Number()),
  /** At the present rate; absent where the folder does not grow. */
  daysUntilFull: Type.Optional(Type.Number()),
  retention: Type.Array(
    Type.Object({
      tags: Type.String(),
      /** Milliseconds; absent where it is kept for good. */
      rawMs: Type.Optional(Type.Number()),
      minutesMs: Type.Optional(Type.Number()),
      hoursMs: Type.Optional(Type.Number()),
    }),
  ),
})
export type StorageView = Static<typeof storageView>

/** POST /backup: SHA-256 of files that need not be sent, since whoever asks has them from an earlier backup. */
export const backupBody = Type.Object(
  {
    have: Type.Optional(Type.Array(Type.String({ pattern: "^[0-9a-f]{64}$" }), { maxItems: 800 })),
  },
  { additionalProperties: false },
)
