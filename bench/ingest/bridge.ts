// The peer's bridge: follows everything at Mosquitto with QoS 1, writes it to InfluxDB as line protocol, many messages a
// request, and acknowledges after the write. It decodes with Moru's own decoder, which is faster than the library.
import { Agent, request } from "node:http"
import { connect, type IPublishPacket } from "mqtt"
import { MetricColumns, readMetrics } from "../../src/codec/sparkplug.ts"

const { broker, influx, lines: form } = JSON.parse(process.argv[2] ?? "{}")
const agent = new Agent({ keepAlive: true, maxSockets: 2 })
const mostLines = form === "message" ? 500 : 100
const columns = new MetricColumns()
const names = new Map<string, Map<number, string>>()
let lines: string[] = []
let ids: number[] = []
let [writing, written, samples] = [0, 0, 0]

const client = connect({ host: "127.0.0.1", port: broker, clientId: "bridge", protocolVersion: 4 })
client.on("connect", () => client.subscribe("spBv1.0/#", { qos: 1 }, () => process.send?.("ready")))
client.handleMessage = (packet, done) => {
  take(packet)
  // An error makes the library go on without an acknowledgement.
  done(new Error("acknowledged later"))
}

function take({ topic, payload, messageId = 0 }: IPublishPacket): void {
  const [, , type, node = ""] = topic.split("/")
  const bytes = Buffer.from(payload)
  if (type === "DBIRTH") {
    const own = new Map<number, string>()
    readMetrics(bytes, topic, ({ alias, name }) => name !== undefined && own.set(alias, name))
    names.set(node, own)
  } else if (type === "DDATA") lines.push(lineOf(node, bytes))
  ids.push(messageId)
  if (lines.length >= mostLines) void write()
}

function lineOf(node: string, bytes: Uint8Array): string {
  columns.read(bytes, node)
  const own = names.get(node)
  const isOne = form === "message"
  let text = isOne ? `${node} ` : ""
  for (let i = 0; i < columns.length; i++) {
    const [name, value] = [own?.get(columns.alias[i] ?? 0), columns.raw[i] ?? 0]
    const between = i === 0 ? "" : isOne ? "," : "\n"
    text += isOne
      ? `${between}${name}=${value}`
      : `${between}${name},node=${node} value=${value} ${columns.at[i]}`
  }
  return isOne ? `${text} ${columns.at[0]}` : text
}

async function write(): Promise<void> {
  if (writing >= 2 || lines.length === 0) return
  writing++
  const [body, acknowledged] = [lines, ids]
  lines = []
  ids = []
  await post(body.join("\n"))
  const answer = Buffer.alloc(4 * acknowledged.length)
  for (const [i, id] of acknowledged.entries())
    answer.writeUInt32BE(((0x4002 << 16) | id) >>> 0, 4 * i)
  client.stream.write(answer)
  written += body.length
  samples += body.length * (names.values().next().value?.size ?? 0)
  writing--
  void write()
}

function post(body: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const asked = request(influx, { method: "POST", agent }, (answer) => {
    if (answer.statusCode !== 204) reject(new Error(`InfluxDB answered ${answer.statusCode}`))
    answer.resume().on("end", resolve)
  })
  asked.on("error", reject).end(body)
  return promise
}

setInterval(() => {
  void write()
  process.send?.({ written, samples })
}, 20)
process.on("disconnect", () => process.exit())
