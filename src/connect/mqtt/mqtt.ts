import type { Connector } from "../connector.ts"
import { MqttDevice } from "./device.ts"
import { type MqttOptions, mqttOptions } from "./options.ts"

/** Machines and gateways that publish plain values or JSON over MQTT. */
export const mqtt: Connector<MqttOptions> = {
  type: "mqtt",
  summary: "Machines and gateways that publish plain values or JSON over MQTT.",
  evidence: "interop",
  options: mqttOptions,
  create: (options, host) => new MqttDevice(options, host),
  schemes: ["mqtt", "mqtts"],
  optionsOf: ({ protocol, host, username, password }) => ({
    broker: `${protocol}//${host}`,
    ...(username && { user: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  }),
}
