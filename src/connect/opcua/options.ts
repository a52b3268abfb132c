import { type Static, Type } from "typebox"
import { duration, oneOf } from "../option-kinds.ts"

export const opcuaOptions = Type.Object(
  {
    endpoint: Type.String({
      pattern: "^opc\\.tcp://[^\\s/]+(:\\d+)?(/\\S*)?$",
      description: "Address of the machine's server.",
      expected: "an address such as opc.tcp://192.168.0.10:4840",
    }),
    security: oneOf(
      ["none", "sign", "sign-and-encrypt"],
      "sign-and-encrypt",
      "How messages are protected. `none` is for machines that can do no better, in a network of their own.",
    ),
    policy: oneOf(
      ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"],
      "Basic256Sha256",
      "Security policy, where security is not none.",
    ),
    user: Type.Optional(
      Type.String({ minLength: 1, description: "User name; anonymous where absent." }),
    ),
    password: Type.Optional(
      Type.String({
        secret: true,
        description:
          "Password of the user, from the environment or a file (a secret), never as it is.",
      }),
    ),
    "publishing-interval": duration("How often the server reports changes (plant time).", "500ms"),
    "sampling-interval": duration(
      "How often the server looks at each value (plant time); 0ms reports every change.",
      "250ms",
    ),
    outage: duration(
      "Longest cut of the line that the server's queues shall cover: queue size = outage / sampling interval.",
      "60s",
    ),
    "queue-size": Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000,
        description:
          "Samples that the server keeps for each point; follows from `outage` where absent.",
        expected: "a whole number from 1 to 100000",
      }),
    ),
    timeout: duration("How long an answer may take before the line counts as lost.", "10s"),
  },
  { additionalProperties: false },
)

export type OpcUaOptions = Static<typeof opcuaOptions>
