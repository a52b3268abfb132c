import type { Connector } from "./connector.ts"

/** Every connector of the house, a line each; loaded when a device needs it. */
export const connectors: Readonly<Record<string, () => Promise<Connector>>> = {
  file: async () => (await import("./file/file.ts")).file as Connector,
  http: async () => (await import("./http/http.ts")).http as Connector,
  "line-protocol": async () =>
    (await import("./line-protocol/line-protocol.ts")).lineProtocol as Connector,
  manual: async () => (await import("./manual/manual.ts")).manual as Connector,
  modbus: async () => (await import("./modbus/modbus.ts")).modbus as Connector,
  mtconnect: async () => (await import("./mtconnect/mtconnect.ts")).mtconnect as Connector,
  mqtt: async () => (await import("./mqtt/mqtt.ts")).mqtt as Connector,
  opcua: async () => (await import("./opcua/opcua.ts")).opcua as Connector,
  replay: async () => (await import("./replay/replay.ts")).replay as Connector,
  s7: async () => (await import("./s7/s7.ts")).s7 as Connector,
  sparkplug: async () => (await import("./sparkplug/sparkplug.ts")).sparkplug as Connector,
  slmp: async () => (await import("./slmp/slmp.ts")).slmp as Connector,
  sql: async () => (await import("./sql/sql.ts")).sql as Connector,
  xgt: async () => (await import("./xgt/xgt.ts")).xgt as Connector,
}
