import { type Static, Type } from "typebox"
import { nameKey } from "./tag-file.ts"

const closed = { additionalProperties: false } as const

const filters = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { default: [], description })

const publisherFile = Type.Object(
  {
    password: Type.String({ secret: true, description: "From the environment or a file." }),
    publish: filters("Topics it may publish to; `+` and `#` as in MQTT."),
    subscribe: filters("Topics it may follow; `+` and `#` as in MQTT."),
  },
  closed,
)

/** `broker` in a plant's files. */
export const brokerFile = Type.Object(
  {
    host: Type.String({
      default: "127.0.0.1",
      description: "Address to listen on; others than 127.0.0.1 need `tls`.",
    }),
    port: Type.Integer({ minimum: 0, maximum: 65535, default: 1883, description: "TCP port." }),
    tls: Type.Optional(
      Type.Object(
        {
          cert: Type.String({ description: "PEM file, relative to the plant's folder." }),
          key: Type.String({ description: "PEM file, relative to the plant's folder." }),
        },
        closed,
      ),
    ),
    anonymous: Type.Boolean({
      default: false,
      description: "Lets everybody on this computer in without a credential; never beyond it.",
    }),
    publishers: Type.Record(nameKey, publisherFile, {
      ...closed,
      default: {},
      description: "One credential each, by user name, bound to its topics.",
    }),
    "max-connections": Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 200,
      description: "Clients at one time.",
    }),
    "max-message-bytes": Type.Integer({
      minimum: 128,
      maximum: 16_777_216,
      default: 1_048_576,
      description: "Largest message.",
    }),
    "max-messages-per-second": Type.Number({
      exclusiveMinimum: 0,
      default: 5000,
      description: "Of one publisher, averaged over ten seconds.",
    }),
  },
  {
    ...closed,
    description: "The MQTT broker in the house; without it nobody can publish to Moru.",
  },
)

export type BrokerFile = Static<typeof brokerFile>

const ranges = (description: string) =>
  Type.Array(
    Type.String({
      pattern: "^[0-9a-fA-F:.]+(/\\d{1,3})?$",
      expected: "an address or range such as 203.0.113.0/24",
    }),
    { default: [], description },
  )

/** `network` in a plant's files. */
export const networkFile = Type.Object(
  {
    allow: ranges(
      "What devices may reach beside private networks and this computer, such as `203.0.113.0/24`.",
    ),
    deny: ranges("What no device may reach; goes before everything else."),
  },
  { ...closed, default: {}, description: "Which addresses devices may be connected to." },
)
