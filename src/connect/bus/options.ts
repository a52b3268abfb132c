import { type Static, type TObject, Type } from "typebox"
import { durationText, parseDuration } from "../../kernel/tag-file.ts"
import { Problem } from "../../model/problem.ts"
import type { OpenBus, Outgoing } from "../bus.ts"
import type { Host } from "../connector.ts"

/** How a connector over MQTT names its broker; the properties of an option schema. */
export const busProperties = {
  broker: Type.String({
    pattern: "^(embedded|mqtts?://[^\\s/:@]+(:\\d+)?/?)$|^mqtts?://\\[[0-9a-fA-F:.]+\\](:\\d+)?/?$",
    default: "embedded",
    description: "The broker in the house (`embedded`), or the address of another.",
    expected: "embedded, or an address such as mqtt://192.168.0.20:1883 or mqtts://broker.lan:8883",
  }),
  user: Type.Optional(
    Type.String({
      minLength: 1,
      description: "User name at a broker elsewhere; anonymous where absent.",
    }),
  ),
  password: Type.Optional(
    Type.String({
      secret: true,
      description:
        "Password of the user, from the environment or a file (a secret), never as it is.",
    }),
  ),
  ca: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "PEM file, beside the plant's files, of the authority that signed the broker's certificate; the computer's own authorities where absent.",
    }),
  ),
  "client-id": Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description:
        "How Moru names itself to a broker elsewhere; `moru-` and the device's name where absent. A broker lets each name in once.",
      expected: "a text of 1 to 128 characters",
    }),
  ),
  timeout: durationText({
    default: "10s",
    description: "How long the broker's answer may take before the line counts as lost.",
  }),
  "keep-alive": durationText({
    default: "10s",
    description:
      "How often a broker elsewhere is asked whether it is there, at least 1s; half as much more without an answer is a lost line.",
  }),
}

export type BusOptions = Static<TObject<typeof busProperties>>

/**
 * The bus that the options name, connected; `will` is published by a broker elsewhere when the line to it is lost.
 * Throws `option-invalid` where the plant has no broker of its own, else what `openExternalBus` throws.
 */
export async function openBus(
  options: BusOptions,
  host: Host,
  context: { signal: AbortSignal; will?: Outgoing },
): Promise<OpenBus> {
  if (options.broker === "embedded") return embedded(host)
  const { broker, user, password, ca } = options
  const { signal, will } = context
  const { openExternalBus } = await import("./external.ts")
  return openExternalBus(
    {
      url: broker,
      clientId: options["client-id"] ?? `moru-${host.name}`,
      timeoutMs: parseDuration(options.timeout),
      keepAliveSeconds: Math.max(1, Math.round(parseDuration(options["keep-alive"]) / 1000)),
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      ...(ca !== undefined && { ca }),
      ...(will && { will }),
    },
    host,
    signal,
  )
}

function embedded({ name, broker }: Host): OpenBus {
  if (!broker) {
    const what =
      'option "broker": got "embedded", but the plant has no `broker`; add one to its files, or name the address of another'
    throw new Problem("option-invalid", name, what)
  }
  const { promise, resolve } = Promise.withResolvers<Error>()
  const over = new AbortController()
  return {
    lost: promise,
    follow: (filter, take, signal) =>
      broker.follow(filter, take, AbortSignal.any([signal, over.signal])),
    publish: (message) => broker.publish(message),
    close: async () => {
      over.abort()
      resolve(new Problem("connection-lost", name, "the device was closed"))
    },
  }
}
