// The limit beside Moru: the same values followed by the protocol libraries alone, and forgotten at once.
import modbusSerial from "modbus-serial"
import { AttributeIds, OPCUAClient, TimestampsToReturn } from "node-opcua"
import { address } from "../../src/connect/opcua/testing/server.ts"

const { ports, tags, seconds } = JSON.parse(process.argv[2] ?? "{}")
let arrived = 0

async function followOpcUa(port: number): Promise<void> {
  const client = OPCUAClient.create({ endpointMustExist: false })
  await client.connect(`opc.tcp://127.0.0.1:${port}`)
  const session = await client.createSession()
  const namespaces = await session.readNamespaceArray()
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: 500,
    requestedLifetimeCount: 1000,
    requestedMaxKeepAliveCount: 10,
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
    priority: 1,
  })
  const items = Array.from({ length: tags }, (_, t) => {
    const [, uri = "", name = ""] = /^nsu=(.*);s=(.*)$/.exec(address(`T${t}`)) ?? []
    return {
      nodeId: `ns=${namespaces.indexOf(uri)};s=${name}`,
      attributeId: AttributeIds.Value,
    }
  })
  const group = await subscription.monitorItems(
    items,
    { samplingInterval: 250, queueSize: 100, discardOldest: true },
    TimestampsToReturn.Both,
  )
  group.on("changed", () => arrived++)
}

async function followModbus(port: number): Promise<void> {
  const client = new modbusSerial.default()
  await client.connectTCP("127.0.0.1", { port })
  client.setID(1)
  setInterval(async () => {
    for (let from = 0; from < tags; from += 120) {
      const { data } = await client.readHoldingRegisters(from, Math.min(120, tags - from))
      arrived += data.length
    }
  }, 1000)
}

for (const port of ports.opcua) await followOpcUa(port)
for (const port of ports.modbus) await followModbus(port)
arrived = 0
const cpu = process.cpuUsage()
const from = performance.now()
setTimeout(() => {
  const { user, system } = process.cpuUsage(cpu)
  const ms = performance.now() - from
  process.send?.({ arrived, ms, cpuShare: (user + system) / 1000 / ms })
  process.exit()
}, seconds * 1000)
