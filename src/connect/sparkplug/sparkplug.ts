import { Problem } from "../../model/problem.ts"
import type { Connector } from "../connector.ts"
import { SparkplugDevice } from "./device.ts"
import { type SparkplugOptions, sparkplugOptions } from "./options.ts"

/** Edge nodes that speak Sparkplug B over MQTT: Moru is their host application. */
export const sparkplug: Connector<SparkplugOptions> = {
  type: "sparkplug",
  summary: "Edge nodes that speak Sparkplug B over MQTT: live and stored values, commands.",
  evidence: "interop",
  options: sparkplugOptions,
  create: (options, host) => new SparkplugDevice(options, host),
  schemes: ["sparkplug", "sparkplugs"],
  optionsOf: ({ protocol, host, pathname, href }) => {
    const [group, node, ...rest] = pathname.slice(1).split("/").map(decodeURIComponent)
    if (!group || !node || rest.length > 0) {
      const what = "got no group and edge node, expected sparkplug://broker:1883/group/node"
      throw new Problem("option-invalid", href, what)
    }
    return { broker: `${protocol.replace("sparkplug", "mqtt")}//${host}`, group, node }
  },
}
