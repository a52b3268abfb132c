import { type Static, Type } from "typebox"
import { durationText } from "../../kernel/tag-file.ts"

export const sqlOptions = Type.Object(
  {
    database: Type.Union(
      [Type.Literal("postgresql"), Type.Literal("mysql"), Type.Literal("sqlserver")],
      {
        description: "What it is; mysql stands for MariaDB too.",
        expected: "postgresql, mysql, sqlserver",
      },
    ),
    host: Type.String({
      minLength: 1,
      description: "Name or address of the database's computer.",
      expected: "a name or address such as 192.168.0.40",
    }),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65_535,
        description: "5432, 3306 or 1433 where absent.",
        expected: "a whole number from 1 to 65535",
      }),
    ),
    name: Type.String({ minLength: 1, description: "Name of the database." }),
    user: Type.String({ minLength: 1, description: "A user that may only read." }),
    password: Type.String({
      secret: true,
      description: "Password of the user.",
      expected: "a secret",
    }),
    tls: Type.Union([Type.Literal("verify"), Type.Literal("none")], {
      default: "verify",
      description:
        "`verify` speaks only over TLS with a certificate for the host; `none` is for a network of its own.",
      expected: "verify, none",
    }),
    ca: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "PEM file of the certificate authority, relative to the plant's folder; the system's where absent.",
      }),
    ),
    query: Type.String({
      minLength: 10,
      maxLength: 10_000,
      pattern: "^\\s*([Ss][Ee][Ll][Ee][Cc][Tt]|[Ww][Ii][Tt][Hh])\\s",
      description:
        "One SELECT with one parameter for the watermark ($1, ? or @watermark), in the order of the watermark.",
      expected: "a text such as SELECT id, at, leak FROM test WHERE id > $1 ORDER BY id",
    }),
    watermark: Type.String({
      minLength: 1,
      description: "Column that only grows: a number given by the database, or a time of change.",
      expected: "a column of the query, such as id",
    }),
    start: Type.Union([Type.Number(), Type.String({ minLength: 1 })], {
      default: 0,
      description: "The watermark after which the first reading begins.",
      expected: "a number, or a time such as 2026-01-01 00:00:00",
    }),
    time: Type.Optional(
      Type.String({
        minLength: 1,
        description: "Column with the time of a row; the time of reading where absent.",
      }),
    ),
    zone: Type.String({
      default: "Asia/Seoul",
      description: "Time zone of times that the database keeps without one (IANA name).",
    }),
    period: durationText({
      default: "10s",
      description: "From one reading to the next (plant time), where there is no more to read.",
    }),
    rows: Type.Integer({
      default: 500,
      minimum: 1,
      maximum: 10_000,
      description: "Most rows of one reading; more follow at once.",
      expected: "a whole number from 1 to 10000",
    }),
    timeout: durationText({
      default: "10s",
      description: "How long connecting and one reading may take.",
    }),
  },
  { additionalProperties: false },
)

export type SqlOptions = Static<typeof sqlOptions>
