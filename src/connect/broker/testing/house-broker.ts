import { SystemClock } from "../../../kernel/clock/system.ts"
import { nodeFiles } from "../../../kernel/files/node.ts"
import { silentLog } from "../../../kernel/log.ts"
import { Metrics } from "../../../kernel/metrics.ts"
import type { BrokerConfig } from "../../../model/plant.ts"
import { Broker } from "../broker.ts"

export interface HouseBroker extends AsyncDisposable {
  readonly broker: Broker
  readonly metrics: Metrics
}

const press = { name: "press", password: "press-secret", publish: ["press/#"] }
const oven = { name: "oven", password: "oven-secret", publish: ["oven/#"] }

/** Lets `press` and `oven` publish beneath their names and follow everything. */
export const brokerConfig: BrokerConfig = {
  host: "127.0.0.1",
  port: 0,
  anonymous: false,
  publishers: [press, oven].map((publisher) => ({ ...publisher, subscribe: ["#"] })),
  maxConnections: 50,
  maxMessageBytes: 100_000,
  maxMessagesPerSecond: 100_000,
}

/** The real broker on a port of its own. */
export async function startBroker(given: Partial<BrokerConfig> = {}): Promise<HouseBroker> {
  const metrics = new Metrics()
  const [clock, log, files] = [new SystemClock(), silentLog, nodeFiles]
  const config = { ...brokerConfig, ...given }
  const broker = new Broker({ config, clock, log, files, metrics })
  await broker.start()
  return { broker, metrics, [Symbol.asyncDispose]: () => broker.stop() }
}
