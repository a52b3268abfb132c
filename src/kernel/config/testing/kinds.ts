import { type TSchema, Type } from "typebox"
import type { Kinds } from "../../config.ts"

/** Kinds of a small house, so that the loader's tests stand alone. */
export const kinds: Kinds = {
  connectors: new Map<string, TSchema>([
    [
      "opcua",
      Type.Object({
        endpoint: Type.String({
          pattern: "^opc\\.tcp://",
          expected: "an address opc.tcp://host:port",
        }),
        security: Type.Union(
          [Type.Literal("none"), Type.Literal("sign"), Type.Literal("sign-and-encrypt")],
          { default: "none" },
        ),
        user: Type.Optional(
          Type.Object({
            name: Type.String(),
            password: Type.String({ minLength: 1, secret: true }),
          }),
        ),
        queue: Type.Integer({ minimum: 1, maximum: 10_000, default: 600 }),
      }),
    ],
    ["modbus", Type.Object({ host: Type.String(), port: Type.Integer({ default: 502 }) })],
  ]),
  analysers: new Map([
    [
      "drift",
      Type.Object({ fields: Type.Array(Type.String({ refers: "field" }), { minItems: 1 }) }),
    ],
  ]),
  deciders: new Map([
    [
      "cooling",
      Type.Object({
        "set-point": Type.String({ refers: "set-point" }),
        step: Type.Number({ exclusiveMinimum: 0 }),
      }),
    ],
  ]),
  machines: new Map([["die-casting", Type.Object({ port: Type.Integer({ minimum: 1 }) })]]),
}
