import { type Static, Type } from "typebox"

/** GET /health: for whoever watches over Moru; parts are named to those who may read. */
export const healthView = Type.Object({
  state: Type.Union([Type.Literal("running"), Type.Literal("degraded")]),
  version: Type.String(),
  parts: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String(),
        state: Type.String(),
        because: Type.Optional(Type.String()),
        hint: Type.Optional(Type.String()),
      }),
    ),
  ),
})
export type HealthView = Static<typeof healthView>
