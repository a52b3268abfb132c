import { connectAsync, type MqttClient } from "mqtt"
import { freePort } from "../../../../test/support/free-port.ts"
import type { Value } from "../../../model/tag.ts"
import { type HouseBroker, startBroker } from "../../broker/testing/house-broker.ts"
import type { Connector } from "../../connector.ts"
import { parseOptions } from "../../options.ts"
import { startLine } from "../../testing/line.ts"
import type { LiveMachine } from "../../testing/live.ts"
import type { Rig } from "../../testing/rig.ts"
import { mqtt } from "../mqtt.ts"

/** A press that publishes its state at Moru's own broker, which the device reaches over a cable. */
export async function make({ host }: Rig): Promise<LiveMachine> {
  const port = await freePort()
  const line = await startLine(port)
  const state: Record<string, Value> = { number: 0, other: 0, set: 0 }
  let house: HouseBroker | undefined
  let press: MqttClient | undefined
  let written: Value | undefined

  const tell = async (payload = JSON.stringify({ ts: host.clock.now(), ...state })) => {
    await press?.publishAsync("press/state", payload, { qos: 1, retain: true })
  }
  const kill = async () => {
    press?.end(true)
    await house?.[Symbol.asyncDispose]()
    press = undefined
    house = undefined
  }
  const options = {
    broker: `mqtt://127.0.0.1:${line.port}`,
    user: "oven",
    password: "oven-secret",
    time: "ts",
    "time-form": "ms",
    timeout: "1s",
    "keep-alive": "1s",
  }
  return {
    connector: mqtt as Connector,
    options: parseOptions(mqtt, options, "test"),
    addresses: {
      number: "press/state#number",
      other: "press/state#other",
      flag: "press/state#flag",
      text: "press/state#text",
      gone: "press/+#gone",
      writable: "press/state#set > oven/set#value",
    },
    start: async () => {
      house = await startBroker({ port })
      press = await connectAsync({
        port,
        host: "127.0.0.1",
        username: "press",
        password: "press-secret",
        reconnectPeriod: 0,
      })
      press.on("message", (_, payload) => {
        written = JSON.parse(payload.toString()).value
        state.set = written ?? 0
        void tell()
      })
      await press.subscribeAsync("oven/set", { qos: 1 })
      await tell()
    },
    kill,
    set: async (values) => {
      Object.assign(state, values)
      await tell()
    },
    written: () => written,
    cut: () => line.cut(),
    stall: () => line.deaden(),
    mend: () => line.mend(),
    babble: () => tell('{"number": 1, "other": '),
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]()
      await kill()
    },
  }
}
