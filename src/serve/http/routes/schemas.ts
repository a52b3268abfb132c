import { type TSchema, Type } from "typebox"
import { problemBody } from "../../api.ts"

/** The answers of a route: its own, and a problem for all that can go wrong. */
export function answers<Answer extends TSchema>(answer: Answer) {
  return { 200: answer, default: problemBody }
}

/** For changes that have nothing to say but that they were done. */
export const noAnswer = { 204: Type.Null({ description: "Done." }), default: problemBody }

export const idParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) })

export const spanQuery = {
  from: Type.Optional(
    Type.Number({ description: "In, ms since 1970 UTC; by default `to` less 8 h" }),
  ),
  to: Type.Optional(Type.Number({ description: "Out, ms since 1970 UTC; by default now" })),
}

export const limitQuery = (most: number, usual: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: most, default: usual }))

/** The next page of a listing, as the former one named it. */
export const afterQuery = Type.Optional(Type.String({ maxLength: 60 }))
