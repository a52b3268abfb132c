import { type Static, Type } from "typebox"
import type { SqlAnswer } from "../exchange/sql.ts"

/** POST /sql */
export const sqlView = Type.Object({
  columns: Type.Unsafe<SqlAnswer["columns"]>(
    Type.Array(
      Type.Object({
        name: Type.String(),
        type: Type.String({ description: "As DuckDB calls it" }),
      }),
    ),
  ),
  rows: Type.Unsafe<SqlAnswer["rows"]>(
    Type.Array(Type.Array(Type.Unknown()), {
      description: "Times in ms since 1970 UTC; whole numbers beyond 2^53 as strings",
    }),
  ),
  more: Type.Boolean({ description: "There are rows behind these: ask again with `after`" }),
  samples: Type.Integer({ description: "That the query looked at" }),
  cycles: Type.Integer({ description: "That the query looked at" }),
})
export type SqlView = Static<typeof sqlView>
