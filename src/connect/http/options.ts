import { type Static, Type } from "typebox"
import { durationText } from "../../kernel/tag-file.ts"
import { partProperties } from "../option-kinds.ts"

export const httpOptions = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        pattern: "^https?://[^\\s#]+$",
        description:
          "Address of the JSON document that is asked for; absent where the machine only sends.",
        expected: "an address such as http://192.168.0.20/api/status",
      }),
    ),
    method: Type.Union([Type.Literal("GET"), Type.Literal("POST")], {
      default: "GET",
      description: "How it is asked for.",
      expected: "GET, POST",
    }),
    body: Type.Optional(
      Type.String({ maxLength: 10_000, description: "JSON that is sent with POST." }),
    ),
    headers: Type.Record(
      Type.String({ pattern: "^[A-Za-z0-9-]+$" }),
      Type.String({ pattern: "^[\\x20-\\x7e]*$", maxLength: 1000 }),
      {
        default: {},
        description: "Further headers of each request, none of them secret.",
        expected: "names, each with its text",
      },
    ),
    user: Type.Optional(
      Type.String({ minLength: 1, description: "User name for Basic authentication." }),
    ),
    password: Type.Optional(Type.String({ secret: true, description: "Password of the user." })),
    token: Type.Optional(
      Type.String({
        secret: true,
        minLength: 1,
        description: "Sent with each request as `Authorization: Bearer`.",
      }),
    ),
    "token-header": Type.String({
      default: "authorization",
      pattern: "^[A-Za-z0-9-]+$",
      description: "Another header in which the token is sent as it is, such as X-API-Key.",
      expected: "a header's name",
    }),
    ca: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "PEM file of the certificate authority of an https address, relative to the plant's folder; the system's where absent.",
      }),
    ),
    period: durationText({
      default: "10s",
      description: "From one request to the next (plant time).",
    }),
    timeout: durationText({
      default: "10s",
      description: "How long an answer may take before the line counts as lost.",
    }),
    "max-bytes": Type.Integer({
      default: 1_000_000,
      minimum: 1,
      maximum: 20_000_000,
      description: "Longest answer, unpacked.",
      expected: "a whole number from 1 to 20000000",
    }),
    "receive-token": Type.Optional(
      Type.String({
        secret: true,
        minLength: 16,
        description:
          "Lets the machine send documents to POST /api/v1/devices/<device>/messages, with this as `Authorization: Bearer`, or as the password of Basic.",
        expected: "a secret of at least 16 characters",
      }),
    ),
    time: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "Path in the document to the time of its values; the time of receipt where absent.",
        expected: "a path such as meta.time",
      }),
    ),
    "time-form": Type.Union([Type.Literal("text"), Type.Literal("s"), Type.Literal("ms")], {
      default: "text",
      description:
        "How that time stands there: a text such as 2026-01-05T08:00:00Z or 2026-01-05 08:00:00, or seconds or milliseconds since 1970.",
      expected: "text, s, ms",
    }),
    ...partProperties,
    zone: Type.String({
      default: "Asia/Seoul",
      description: "Time zone of texts that name no offset (IANA name).",
    }),
  },
  { additionalProperties: false },
)

export type HttpOptions = Static<typeof httpOptions>
