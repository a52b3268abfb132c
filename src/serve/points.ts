import { type Static, Type } from "typebox"

/** GET /devices/:id/points: what a machine offers, with the addresses that a plant's files name it by. */
export const pointsView = Type.Object({
  points: Type.Array(
    Type.Object({
      address: Type.String(),
      name: Type.String(),
      kind: Type.String(),
      unit: Type.Optional(Type.String()),
      range: Type.Optional(Type.Array(Type.Number())),
      writable: Type.Boolean(),
      /** At this moment. */
      value: Type.Optional(Type.Union([Type.Number(), Type.Boolean(), Type.String()])),
    }),
  ),
  /** Whether the machine has more than were asked for. */
  more: Type.Boolean(),
})
export type PointsView = Static<typeof pointsView>
